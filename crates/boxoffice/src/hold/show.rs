//! Looking at a hold.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{HoldId, Money, OrganisationId, PoolId, TicketTypeId};
use platform::{Failure, Fault, NotFound, Platform, Scope, Tx};
use serde::{Deserialize, Serialize};
use web::{AppState, Json, Path, Problem, Query};

use super::model::{Hold, HoldState};
use super::secret::{HoldPlace, locate, secret_of};
use super::store;
use super::take::PoolVersion;

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
    /// The seats, by their places in the event's layout; empty where places have no numbers.
    pub seats: Vec<u32>,
}

impl HoldView {
    /// The view of a hold, with the versions its change made.
    pub fn of(
        platform: &Platform,
        organisation: OrganisationId,
        hold: &Hold,
        pools: &[(PoolId, i64)],
    ) -> Result<Self, Fault> {
        let now = platform.clock.now();
        let (state, expires_at) = match hold.state {
            HoldState::Live { expires_at, .. } if now < expires_at => ("live", Some(expires_at)),
            HoldState::Live { .. } | HoldState::Expired => ("expired", None),
            HoldState::Converted => ("converted", None),
            HoldState::Released => ("released", None),
        };
        Ok(Self {
            id: hold.id,
            secret: secret_of(&platform.vault, hold.id, HoldPlace { organisation, event: hold.event }),
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
                    seats: line.seats.iter().map(|seat| seat.0).collect(),
                })
                .collect(),
            total: hold.total().ok_or_else(|| Fault::corrupt("a hold without a total"))?,
            pools: PoolVersion::list(pools),
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
    let HoldPlace { organisation, .. } =
        locate(&app.platform.vault, id, &query.secret).map_err(|refusal| Problem::refused(&refusal))?;
    let hold = app.platform.db.read(Scope::Tenant(organisation), "show_hold", (organisation, id), show).await?;
    Ok(Json(HoldView::of(&app.platform, organisation, &hold, &[])?))
}
