//! Looking at a hold.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{HoldId, Money, OrganisationId, PoolId, TicketTypeId};
use platform::{Failure, Fault, NotFound, Platform, Scope, Tx};
use serde::{Deserialize, Serialize};
use web::{AppState, Json, Path, Problem, Query};

use super::model::{Hold, HoldState};
use super::store;
use super::take::{HOLD_SECRET, PoolVersion};

/// A hold as its owner sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HoldView {
    /// Which one.
    pub id: HoldId,
    /// Owns the hold; keep it.
    pub secret: String,
    /// `live`, `converted`, `released` or `expired`.
    pub state: String,
    /// Until when the places are held (RFC 3339); null when the hold has ended.
    pub expires_at: Option<Timestamp>,
    /// What is held.
    pub lines: Vec<HoldLineView>,
    /// What everything costs.
    pub total: Money,
    /// The pools drawn from, each with the version this change made; empty on a plain look.
    pub pools: Vec<PoolVersion>,
}

/// A line of a hold.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HoldLineView {
    /// Of which type.
    pub ticket_type_id: TicketTypeId,
    /// What the type is called.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// What one costs.
    pub unit_price: Money,
}

impl HoldView {
    /// The view of a hold, with the versions its change made.
    pub fn of(platform: &Platform, hold: &Hold, pools: &[(PoolId, i64)]) -> Result<Self, Fault> {
        let now = platform.clock.now();
        let (state, expires_at) = match hold.state {
            HoldState::Live { expires_at, .. } if now < expires_at => ("live", Some(expires_at)),
            HoldState::Live { .. } | HoldState::Expired => ("expired", None),
            HoldState::Converted => ("converted", None),
            HoldState::Released => ("released", None),
        };
        Ok(Self {
            id: hold.id,
            secret: platform.vault.secret_of(HOLD_SECRET, hold.id.uuid()),
            state: state.to_owned(),
            expires_at,
            lines: hold
                .lines
                .iter()
                .map(|line| HoldLineView {
                    ticket_type_id: line.ticket_type,
                    name: line.name.clone(),
                    quantity: line.quantity,
                    unit_price: line.unit_price,
                })
                .collect(),
            total: hold.total().ok_or_else(|| Fault::corrupt("a hold without a total"))?,
            pools: pools.iter().map(|&(id, version)| PoolVersion { id, version }).collect(),
        })
    }
}

/// The proof of owning a hold.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct HoldSecret {
    /// The hold's secret.
    pub secret: String,
}

/// Where a hold is, for someone who has its secret: wrong secrets and missing holds answer the same.
pub async fn locate(platform: &Platform, id: HoldId, secret: &str) -> Result<OrganisationId, Failure<NotFound>> {
    if !platform.vault.is_secret_of(HOLD_SECRET, id.uuid(), secret) {
        return Err(NotFound.into());
    }
    platform.db.read(Scope::System, "locate_hold", id, find_organisation).await
}

async fn find_organisation(tx: &mut Tx, id: HoldId) -> Result<OrganisationId, Failure<NotFound>> {
    let row = sqlx::query!("select organisation_id from boxoffice.hold where id = $1", id.uuid())
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| OrganisationId::from(row.organisation_id)).ok_or(NotFound)?)
}

/// Reads a hold of an organisation.
pub async fn show(tx: &mut Tx, (organisation, id): (OrganisationId, HoldId)) -> Result<Hold, Failure<NotFound>> {
    Ok(store::find(tx, organisation, id).await?.ok_or(NotFound)?)
}

/// Show a hold
#[utoipa::path(get, path = "/api/v1/holds/{hold}", tag = "Holds", params(("hold" = HoldId, Path), HoldSecret),
    responses((status = 200, body = HoldView)), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn show_http(
    State(app): State<AppState>,
    Path(id): Path<HoldId>,
    Query(query): Query<HoldSecret>,
) -> Result<Json<HoldView>, Problem> {
    let organisation = locate(&app.platform, id, &query.secret).await?;
    let hold = app.platform.db.read(Scope::Tenant(organisation), "show_hold", (organisation, id), show).await?;
    Ok(Json(HoldView::of(&app.platform, &hold, &[])?))
}
