//! Putting places aside for a buyer.

use axum::extract::State;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use kernel::{EventId, OrganisationId, PoolId, Slug, TicketTypeId};
use platform::{Failure, Fault, Platform, Refusal, RefusalKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::{AppState, Created, Json, Path, Problem};

use super::model::{Hold, LINES_A_HOLD_MAX, TakeRefusal, Wanted, WantedSeats};
use super::show::HoldView;
use crate::event::address::ask_by_slug;
use crate::seat::best::Fallback;
use crate::waiting_room::admission::Pass;
use crate::waiting_room::model::gate::AdmissionRefusal;
use crate::waiting_room::presented::Presented;

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
            Self::Admission(refusal) => refusal.code(),
            Self::WithoutSeats { .. } => "no_numbered_seats",
            Self::SeatsOrBest { .. } => "seats_or_best",
            Self::Accessible { .. } => "accessible_out_of_range",
            Self::UnknownSeats { .. } => "unknown_seats",
            Self::SeatsTaken { .. } => "seats_taken",
            Self::NoSeats { .. } => "no_seats_together",
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
            | Self::AddonAlone { .. }
            | Self::WithoutSeats { .. }
            | Self::SeatsOrBest { .. }
            | Self::Accessible { .. }
            | Self::UnknownSeats { .. } => RefusalKind::Invalid,
            Self::Admission(refusal) => refusal.kind(),
            Self::NotOnSale { .. } | Self::SeatsTaken { .. } | Self::NoSeats { .. } | Self::SoldOut { .. } => {
                RefusalKind::Conflict
            }
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::SoldOut { available, pool, version, .. } => {
                Some(json!({"available": available, "pool_id": pool, "pool_version": version}))
            }
            Self::Accessible { maximum, .. } => Some(json!({"minimum": 0, "maximum": maximum})),
            Self::UnknownSeats { seats, .. } => Some(json!({"seats": seats})),
            Self::SeatsTaken { seats, version, .. } => Some(json!({"seats": seats, "seats_version": version})),
            Self::NoSeats { free, version, .. } => Some(json!({"free": free, "seats_version": version})),
            Self::Quantity { minimum, maximum, .. } => Some(json!({"minimum": minimum, "maximum": maximum})),
            Self::NotOnSale { state, .. } => Some(json!({"sale": state})),
            Self::Admission(refusal) => refusal.details(),
            _ => None,
        }
    }
}

/// Finds a public event and holds places of it, for someone who was let in where there is a waiting room: the path of both the API and the
/// pages.
pub async fn take_by_slug(
    platform: &Platform,
    slug: &str,
    wanted: Vec<Wanted>,
    presented: &Presented,
) -> Result<(OrganisationId, Taken), Failure<TakeRefusal>> {
    let ttl = SignedDuration::try_from(platform.config.holds.ttl).map_err(Fault::corrupt)?;
    let admission = |failure: Failure<AdmissionRefusal>| failure.map(TakeRefusal::Admission);
    let pass = Pass::check(platform, slug, presented).await.map_err(admission)?;
    if let Some(admitted) = pass.admitted() {
        admitted.spend_hold(platform).await.map_err(admission)?;
    }
    let taken = ask_by_slug(platform, slug, TakeRefusal::NotFound, |organisation, event, slug| {
        pass.covers(event, &slug)?;
        Ok(Take { organisation, event, slug, wanted: wanted.clone(), ttl })
    })
    .await;
    if let Some(admitted) = pass.admitted() {
        admitted.held(platform, &taken, |(_, taken)| taken.answer.hold.id).await;
    }
    let (organisation, taken) = taken?;
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
    /// The seats, by their ids, one a ticket. Without them the best there are, where the type sells seats.
    #[serde(default)]
    seats: Vec<String>,
    /// How the best seats are chosen.
    best: Option<NewBest>,
}

/// How the best seats are chosen: side by side, as near as possible to where one sits best, without leaving a single seat.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewBest {
    /// How many of the seats are for wheelchairs; the others are their companions'.
    #[schema(minimum = 0, maximum = 100)]
    accessible: i32,
    /// What to do when no block leaves no single seat: `leave_single` when nothing is said.
    otherwise: Otherwise,
}

/// What to do when no block of seats leaves no single seat.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// Refuse.
    Refuse,
    /// Leave a single seat.
    #[default]
    LeaveSingle,
    /// Leave a single seat, else sit in two adjacent rows.
    Split,
}

impl NewHoldLine {
    fn wanted_seats(&mut self) -> WantedSeats {
        let best = match (self.seats.is_empty(), self.best) {
            (false, Some(_)) => return WantedSeats::Both,
            (false, None) => return WantedSeats::These(std::mem::take(&mut self.seats)),
            (true, best) => best.unwrap_or_default(),
        };
        let fallback = match best.otherwise {
            Otherwise::Refuse => Fallback::Refuse,
            Otherwise::LeaveSingle => Fallback::LeaveSingle,
            Otherwise::Split => Fallback::Split,
        };
        WantedSeats::Best { accessible: best.accessible, fallback }
    }
}

/// What the lines of a request ask for; refuses more lines than any offer has use for.
pub(crate) fn wanted_of(lines: Vec<NewHoldLine>) -> Result<Vec<Wanted>, TakeRefusal> {
    if lines.len() > LINES_A_HOLD_MAX {
        return Err(TakeRefusal::UnknownType);
    }
    let wanted = |mut line: NewHoldLine| Wanted {
        seats: line.wanted_seats(),
        ticket_type: line.ticket_type_id,
        quantity: line.quantity,
        unit_price: line.unit_price,
    };
    Ok(lines.into_iter().map(wanted).collect())
}

/// Hold places for ten minutes
///
/// All lines or none. The answer carries the secret that owns the hold; whoever has it can order, renew or release. An event with a waiting room
/// asks for an admission: `Turnout-Admission` and `Turnout-Browser`.
#[utoipa::path(post, path = "/api/v1/events/{slug}/holds", tag = "Holds", request_body = NewHold, params(("slug" = String, Path)),
    responses((status = 201, body = HoldView)), extensions(("x-access" = json!("public"))))]
pub(crate) async fn take_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Json(body): Json<NewHold>,
) -> Result<Created<HoldView>, Problem> {
    let wanted = wanted_of(body.lines).map_err(|refusal| Problem::refused(&refusal))?;
    let presented = Presented::of(&headers, &app.platform);
    let (organisation, taken) = take_by_slug(&app.platform, &slug, wanted, &presented).await?;
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
