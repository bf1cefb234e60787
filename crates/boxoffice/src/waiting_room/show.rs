//! The waiting room as its organiser sees it.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{EventId, OrganisationId};
use platform::{Failure, NotFound, Platform, Scope, Tx};
use serde::Serialize;
use web::rights::ViewOrders;
use web::{AppState, Json, Member, Path, Problem};

use super::model::Room;
use super::model::draw::hex;
use super::store;
use super::store::entries::{self, Crowd};

/// A waiting room in figures.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RoomView {
    /// `armed`, `open`, `paused`, `stopped` or `closed`.
    pub state: String,
    /// When the sale starts.
    pub opens_at: Timestamp,
    /// Whether only people who are signed in may join.
    pub requires_account: bool,
    /// How many orders one admission can make.
    pub orders_per_person: i32,
    /// How long an admission lasts.
    pub admission_seconds: i32,
    /// The fewest who may shop at the same time.
    pub shoppers_min: i32,
    /// The most who may shop at the same time.
    pub shoppers_max: i32,
    /// How many wait.
    pub waiting: i64,
    /// How many are in and have not come to an end.
    pub shopping: i64,
    /// How many of these hold places.
    pub holding: i64,
    /// How many were ever let in.
    pub admitted: i64,
    /// How many of these made an order.
    pub bought: i64,
    /// How many of these let their time run out.
    pub lapsed: i64,
    /// How many left the line.
    pub left: i64,
    /// How many were present at the opening.
    pub drawn: Option<i32>,
    /// Places that nobody holds, as of the last tick.
    pub places_left: i64,
    /// Whether every place is sold.
    pub is_sold_out: bool,
    /// SHA-256 of the seed of the draw, in hexadecimal digits.
    pub seed_hash: String,
    /// When the room was last looked after; null before the first time.
    pub ticked_at: Option<Timestamp>,
    /// Raised by one with every change of the settings or the state.
    pub version: i64,
}

impl RoomView {
    fn of(room: &Room, crowd: Crowd) -> Self {
        Self {
            state: room.state.as_str().to_owned(),
            opens_at: room.settings.opens_at,
            requires_account: room.settings.requires_account,
            orders_per_person: room.settings.orders_per_person,
            admission_seconds: room.settings.admission_seconds,
            shoppers_min: room.settings.limits.shoppers_min,
            shoppers_max: room.settings.limits.shoppers_max,
            waiting: crowd.waiting,
            shopping: crowd.admitted,
            holding: crowd.holding,
            admitted: room.totals.admitted,
            bought: room.totals.bought,
            lapsed: room.totals.lapsed,
            left: room.totals.left,
            drawn: room.drawn.map(|drawn| drawn.count),
            places_left: room.measured.places_left,
            is_sold_out: room.is_sold_out(),
            seed_hash: hex(&room.seed_hash),
            ticked_at: room.ticked_at,
            version: room.version,
        }
    }
}

/// Reads the room of an event with its crowd.
pub async fn show(
    tx: &mut Tx,
    (organisation, event): (OrganisationId, EventId),
) -> Result<RoomView, Failure<NotFound>> {
    let room = store::find(tx, organisation, event).await?.ok_or(NotFound)?;
    let crowd = entries::crowd(tx, &room).await?;
    Ok(RoomView::of(&room, crowd))
}

/// The view of a room after a change of it.
pub(super) async fn view(
    platform: &Platform,
    organisation: OrganisationId,
    event: EventId,
) -> Result<RoomView, Failure<NotFound>> {
    platform.db.read(Scope::Tenant(organisation), "show_waiting_room", (organisation, event), show).await
}

/// Show the waiting room of an event
#[utoipa::path(get, path = "/api/v1/organisations/{organisation}/events/{event}/waiting-room", tag = "Waiting room",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = RoomView)), extensions(("x-access" = json!("view_orders"))))]
pub(crate) async fn show_http(
    State(app): State<AppState>,
    member: Member<ViewOrders>,
    path: Path<(OrganisationId, EventId)>,
) -> Result<Json<RoomView>, Problem> {
    let Path((_, event)) = path;
    Ok(Json(view(&app.platform, member.organisation, event).await?))
}
