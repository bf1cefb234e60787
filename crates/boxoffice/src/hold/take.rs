//! Putting places aside for a buyer.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use kernel::{EventId, HoldId, OrganisationId, PoolId, TicketTypeId};
use platform::{Failure, Fault, Platform, Refusal, RefusalKind, Scope, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::{AppState, Created, Json, Path, Problem};

use super::model::{self, Hold, HoldState, LINES_A_HOLD_MAX, TakeRefusal, TakeState, Wanted};
use super::show::HoldView;
use super::store;
use super::sweep::reclaim;
use crate::event::sale_of;
use crate::{pool, ticket_type};

/// The purpose of the secret that owns a hold.
pub(crate) const HOLD_SECRET: &str = "hold-secret";

/// Put places of an event aside.
#[derive(Debug, Clone)]
pub struct Take {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// What the buyer wants.
    pub wanted: Vec<Wanted>,
    /// For how long.
    pub ttl: SignedDuration,
}

/// Places that were put aside.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The hold.
    pub hold: Hold,
    /// Until when.
    pub expires_at: Timestamp,
    /// The pools it drew from, each with the version this hold made.
    pub pools: Vec<(PoolId, i64)>,
}

impl Refusal for TakeRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Nothing => "nothing_chosen",
            Self::UnknownType => "unknown_ticket_type",
            Self::Quantity { .. } => "quantity_out_of_range",
            Self::Price { .. } => "price_not_allowed",
            Self::NotOnSale { .. } => "not_on_sale",
            Self::SoldOut { .. } => "sold_out",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Nothing | Self::UnknownType | Self::Quantity { .. } | Self::Price { .. } => RefusalKind::Invalid,
            Self::NotOnSale { .. } | Self::SoldOut { .. } => RefusalKind::Conflict,
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::SoldOut { available, pool, version, .. } => {
                Some(json!({"available": available, "pool_id": pool, "pool_version": version}))
            }
            Self::Quantity { minimum, maximum, .. } => Some(json!({"minimum": minimum, "maximum": maximum})),
            Self::NotOnSale { state, .. } => Some(json!({"sale": state})),
            _ => None,
        }
    }
}

/// Decides and writes a hold in one transaction. Expired holds of the event give their places back first.
///
/// Locks, in this order everywhere: expired holds, then pools by id.
pub async fn take(tx: &mut Tx, command: Take) -> Result<Taken, Failure<TakeRefusal>> {
    let Take { organisation, event, wanted, ttl } = command;
    let facts = catalog::api::lock_facts_for_share(tx, organisation, event).await?.ok_or(TakeRefusal::NotFound)?;
    let types = ticket_type::store::list(tx, organisation, event).await?;
    let pools: Vec<PoolId> = types
        .iter()
        .filter(|kind| wanted.iter().any(|line| line.ticket_type == kind.id))
        .flat_map(|kind| kind.pools.clone())
        .collect();
    let expired = store::lock_expired(tx, organisation, event, store::HOLDS_RECLAIMED_MAX).await?;
    let touched: Vec<PoolId> =
        pools.iter().copied().chain(expired.iter().flat_map(|hold| hold.places()).map(|(pool, _)| pool)).collect();
    let mut stock = pool::store::lock(tx, organisation, &touched).await?;
    reclaim(tx, organisation, &expired, &mut stock).await?;

    let id: HoldId = tx.new_id();
    let state = TakeState { event: sale_of(&facts), types: &types };
    let lines = model::take(&state, &mut stock, id, &wanted, tx.now())?;
    let expires_at = tx.now().checked_add(ttl).map_err(Fault::corrupt)?;
    let hold = Hold { id, event, state: HoldState::Live { expires_at, renewals: 0 }, lines };
    pool::store::save(tx, organisation, &stock).await?;
    store::insert(tx, organisation, &hold, expires_at).await?;
    let mut versions = stock.versions();
    versions.retain(|(pool, _)| pools.contains(pool));
    Ok(Taken { hold, expires_at, pools: versions })
}

/// Finds a public event and holds places of it: the path of both the API and the pages.
pub async fn take_by_slug(
    platform: &Platform,
    slug: String,
    wanted: Vec<Wanted>,
) -> Result<Taken, Failure<TakeRefusal>> {
    let facts = platform.db.read(Scope::Public, "find_event", slug, find_event).await?;
    let ttl = SignedDuration::try_from(platform.config.holds.ttl).map_err(Fault::corrupt)?;
    let command = Take { organisation: facts.organisation, event: facts.id, wanted, ttl };
    platform.db.write(Scope::Tenant(facts.organisation), "take_hold", command, take).await
}

async fn find_event(tx: &mut Tx, slug: String) -> Result<catalog::api::EventFacts, Failure<TakeRefusal>> {
    Ok(catalog::api::find_public_by_slug(tx, &slug).await?.ok_or(TakeRefusal::NotFound)?)
}

/// What a buyer asks for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    /// One line for each ticket type.
    lines: Vec<NewHoldLine>,
}

/// So many tickets of one type.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHoldLine {
    /// Of which type.
    ticket_type_id: TicketTypeId,
    /// How many.
    #[schema(minimum = 1, maximum = 100)]
    quantity: i32,
    /// What the buyer gives for one, in minor units: only for pay-what-you-want.
    unit_price: Option<i64>,
}

/// Hold places for ten minutes
///
/// All lines or none. The answer carries the secret that owns the hold; whoever has it can order, renew or release.
#[utoipa::path(post, path = "/api/v1/events/{slug}/holds", tag = "Holds", request_body = NewHold, params(("slug" = String, Path)),
    responses((status = 201, body = HoldView)), extensions(("x-access" = json!("public"))))]
pub(crate) async fn take_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    Json(body): Json<NewHold>,
) -> Result<Created<HoldView>, Problem> {
    if body.lines.len() > LINES_A_HOLD_MAX {
        return Err(Problem::refused(&TakeRefusal::UnknownType));
    }
    let wanted = body
        .lines
        .into_iter()
        .map(|line| Wanted { ticket_type: line.ticket_type_id, quantity: line.quantity, unit_price: line.unit_price })
        .collect();
    let taken = take_by_slug(&app.platform, slug, wanted).await?;
    let id = taken.hold.id;
    let view = HoldView::of(&app.platform, &taken.hold, &taken.pools)?;
    Ok(Created { location: format!("/api/v1/holds/{id}"), body: view })
}

/// A pool and the version that a change of it made.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PoolVersion {
    /// Which pool.
    pub id: PoolId,
    /// How often it had changed, this change included.
    pub version: i64,
}
