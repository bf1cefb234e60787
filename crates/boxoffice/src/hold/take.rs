//! Putting places aside for a buyer.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use kernel::{EventId, OrganisationId, PoolId, Slug, TicketTypeId};
use platform::{Failure, Fault, Platform, Refusal, RefusalKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::{AppState, Created, Json, Path, Problem};

use super::model::{Hold, LINES_A_HOLD_MAX, TakeRefusal, Wanted};
use super::show::HoldView;
use crate::event::address::ask_by_slug;

/// Put places of an event aside.
#[derive(Debug, Clone)]
pub struct Take {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// The name the buyer knows the event by, which must still be its own.
    pub slug: Slug,
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
            Self::AddonAlone { .. } => "addon_needs_ticket",
            Self::SoldOut { .. } => "sold_out",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Nothing
            | Self::UnknownType
            | Self::Quantity { .. }
            | Self::Price { .. }
            | Self::AddonAlone { .. } => RefusalKind::Invalid,
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

/// Finds a public event and holds places of it: the path of both the API and the pages.
pub async fn take_by_slug(
    platform: &Platform,
    slug: &str,
    wanted: Vec<Wanted>,
) -> Result<(OrganisationId, Taken), Failure<TakeRefusal>> {
    let ttl = SignedDuration::try_from(platform.config.holds.ttl).map_err(Fault::corrupt)?;
    let (organisation, taken) = ask_by_slug(platform, slug, TakeRefusal::NotFound, |organisation, event, slug| Take {
        organisation,
        event,
        slug,
        wanted: wanted.clone(),
        ttl,
    })
    .await?;
    Ok((organisation, taken.answer))
}

/// What a buyer asks for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    /// One line for each ticket type.
    lines: Vec<NewHoldLine>,
}

/// So many tickets of one type.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
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

/// What the lines of a request ask for; refuses more lines than any offer has use for.
pub(crate) fn wanted_of(lines: Vec<NewHoldLine>) -> Result<Vec<Wanted>, TakeRefusal> {
    if lines.len() > LINES_A_HOLD_MAX {
        return Err(TakeRefusal::UnknownType);
    }
    let wanted = |line: NewHoldLine| Wanted {
        ticket_type: line.ticket_type_id,
        quantity: line.quantity,
        unit_price: line.unit_price,
    };
    Ok(lines.into_iter().map(wanted).collect())
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
    let wanted = wanted_of(body.lines).map_err(|refusal| Problem::refused(&refusal))?;
    let (organisation, taken) = take_by_slug(&app.platform, &slug, wanted).await?;
    let id = taken.hold.id;
    let view = HoldView::of(&app.platform, organisation, &taken.hold, &taken.pools)?;
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

impl PoolVersion {
    /// Pools with their versions, for an answer.
    pub fn list(pools: &[(PoolId, i64)]) -> Vec<Self> {
        pools.iter().map(|&(id, version)| Self { id, version }).collect()
    }
}
