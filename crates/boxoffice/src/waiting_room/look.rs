//! The waiting room as anyone sees it, and the draw for those who want to check it.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{EventId, OrganisationId, WaitingEntryId};
use platform::{Failure, NotFound, Scope, Tx};
use serde::{Deserialize, Serialize};
use web::{AppState, Json, Path, Problem, Query};

use super::model::Room;
use super::model::draw::hex;
use super::{rooms, store};

/// How many lines of the draw one answer has.
const DRAWN_A_PAGE_MAX: i64 = 5000;

/// A waiting room.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PublicRoomView {
    /// `armed`, `open`, `paused`, `stopped` or `closed`.
    pub state: String,
    /// When the sale starts: whoever is there by then takes part in the draw.
    pub opens_at: Timestamp,
    /// Whether only people who are signed in may join.
    pub requires_account: bool,
    /// How many orders one admission can make.
    pub orders_per_person: i32,
    /// How many people wait.
    pub waiting: usize,
    /// Whether every place is sold.
    pub is_sold_out: bool,
    /// SHA-256 of the seed of the draw, in hexadecimal digits: the promise.
    pub seed_hash: String,
    /// The draw, once it was made: the promise kept.
    pub draw: Option<DrawView>,
}

/// A draw that was made.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DrawView {
    /// When.
    pub drawn_at: Timestamp,
    /// How many took part.
    pub entries: i32,
    /// The seed, in hexadecimal digits. The line is the order of HMAC-SHA256(seed, entry id).
    pub seed: String,
    /// SHA-256 of all ids that took part, sorted, each with a line feed, in hexadecimal digits.
    pub roll_hash: String,
}

fn draw_of(room: &Room) -> Option<DrawView> {
    room.drawn.map(|drawn| DrawView {
        drawn_at: drawn.at,
        entries: drawn.count,
        seed: hex(&drawn.seed),
        roll_hash: hex(&drawn.roll_hash),
    })
}

/// Show the waiting room of a public event
#[utoipa::path(get, path = "/api/v1/events/{slug}/waiting-room", tag = "Waiting room", params(("slug" = String, Path)),
    responses((status = 200, body = PublicRoomView)), extensions(("x-access" = json!("public"))))]
pub(crate) async fn look_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
) -> Result<Json<PublicRoomView>, Problem> {
    let hall = rooms::of(&app.platform).hall_by_slug(&app.platform, &slug).await?;
    let memory = hall.memory();
    let room = &memory.room;
    Ok(Json(PublicRoomView {
        state: room.state.as_str().to_owned(),
        opens_at: room.settings.opens_at,
        requires_account: room.settings.requires_account,
        orders_per_person: room.settings.orders_per_person,
        waiting: memory.line.waiting(),
        is_sold_out: room.is_sold_out(),
        seed_hash: hex(&room.seed_hash),
        draw: draw_of(room),
    }))
}

/// Where a page of the draw begins.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DrawPage {
    /// Behind this number; from the beginning when it is left out.
    after: Option<i64>,
}

/// The drawn line.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DrawnLine {
    /// The draw.
    pub draw: DrawView,
    /// Those who took part, in the order of the draw.
    pub items: Vec<DrawnEntry>,
    /// For `after`; null on the last page.
    pub next: Option<i64>,
}

/// One line of the draw. The id is nobody's secret: only its browser can use the place.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DrawnEntry {
    /// The number that was drawn.
    pub number: i64,
    /// Whose it is.
    pub entry: WaitingEntryId,
}

/// Reads a page of the draw.
pub async fn drawn(
    tx: &mut Tx,
    (organisation, event, after): (OrganisationId, EventId, i64),
) -> Result<DrawnLine, Failure<NotFound>> {
    let room = store::find(tx, organisation, event).await?.ok_or(NotFound)?;
    let draw = draw_of(&room).ok_or(NotFound)?;
    let rows = store::entries::drawn(tx, &room, after, DRAWN_A_PAGE_MAX).await?;
    let last = rows.last().map(|(number, _)| *number);
    let next = last.filter(|number| *number < i64::from(draw.entries));
    let items = rows.into_iter().map(|(number, entry)| DrawnEntry { number, entry }).collect();
    Ok(DrawnLine { draw, items, next })
}

/// Show the draw of a waiting room
///
/// With the seed, and the hash of it that was public before anyone could join, everyone can draw again and compare.
#[utoipa::path(get, path = "/api/v1/events/{slug}/waiting-room/draw", tag = "Waiting room", params(("slug" = String, Path), DrawPage),
    responses((status = 200, body = DrawnLine)), extensions(("x-access" = json!("public"))))]
pub(crate) async fn draw_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    Query(page): Query<DrawPage>,
) -> Result<Json<DrawnLine>, Problem> {
    let hall = rooms::of(&app.platform).hall_by_slug(&app.platform, &slug).await?;
    let command = (hall.organisation, hall.event, page.after.unwrap_or(0).max(0));
    Ok(Json(app.platform.db.read(Scope::Tenant(hall.organisation), "show_waiting_draw", command, drawn).await?))
}
