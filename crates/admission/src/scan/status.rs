//! How it goes at a door.

use axum::extract::State;
use boxoffice::api::{count_valid, event_facts, when_line};
use jiff::{SignedDuration, Timestamp};
use kernel::{DeviceId, EventId, ListId, OrganisationId, TicketId};
use platform::{Failure, NotFound, Tx};
use serde::Serialize;
use web::{AppState, Json, Problem};

use super::model::Nonce;
use super::store::{self, LoggedScan};
use crate::device::store as devices;
use crate::gate::{Door, Gate, Steward};
use crate::list::store as lists;

/// The time that "the last minutes" means.
const RECENT_MINUTES: i64 = 10;
/// How many of the latest scans are shown.
const SCANS_SHOWN_MAX: i64 = 10;

/// The event of a door.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DoorEventView {
    /// Which one.
    pub id: EventId,
    /// What it is called.
    pub title: String,
    /// When, in its own time: `Fri 12 March 2027, 19:00–01:00 CET`.
    pub when: String,
    /// Its time zone, an IANA name.
    pub zone: String,
}

/// The list of a door.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DoorListView {
    /// Which one.
    pub id: ListId,
    /// What it is called.
    pub name: String,
}

/// The device at a door.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DoorDeviceView {
    /// Which one.
    pub id: DeviceId,
    /// What it is called.
    pub name: String,
}

/// A scan in the log of a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LoggedScanView {
    /// Its name.
    pub nonce: Nonce,
    /// How it ended: a result, or `undone` for an admission that was taken back.
    pub result: String,
    /// Which ticket; null when the code was none's.
    pub ticket_id: Option<TicketId>,
    /// The device; null when it was a member.
    pub device: Option<String>,
    /// When, by the server's clock.
    pub at: Timestamp,
}

impl From<LoggedScan> for LoggedScanView {
    fn from(scan: LoggedScan) -> Self {
        Self {
            nonce: scan.nonce,
            result: scan.result,
            ticket_id: scan.ticket,
            device: scan.device,
            at: scan.scanned_at,
        }
    }
}

/// How it goes at a door.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DoorStatus {
    /// The event.
    pub event: DoorEventView,
    /// The list that decides who comes in.
    pub list: DoorListView,
    /// The device; null for members.
    pub device: Option<DoorDeviceView>,
    /// How many are in.
    pub admitted: i64,
    /// How many valid tickets the list lets in.
    pub total: i64,
    /// How many came in within the last ten minutes.
    pub last_10_minutes: i64,
    /// The latest scans of the list, the newest first, refused ones too.
    pub recent: Vec<LoggedScanView>,
}

/// Reads how it goes.
pub async fn status(tx: &mut Tx, gate: Gate) -> Result<DoorStatus, Failure<NotFound>> {
    let list = lists::find_for_scan(tx, gate.organisation, gate.list).await?.ok_or(NotFound)?;
    let device = match gate.device {
        Some(id) => devices::find_name(tx, gate.organisation, id).await?.map(|name| DoorDeviceView { id, name }),
        None => None,
    };
    let since = tx.now().saturating_sub(SignedDuration::from_mins(RECENT_MINUTES)).unwrap_or(Timestamp::MIN);
    let counts = store::count(tx, gate, since).await?;
    let total = count_valid(tx, gate.organisation, list.event, &list.ticket_types).await?;
    let recent = store::latest(tx, gate, SCANS_SHOWN_MAX).await?;
    let facts = event_facts(tx, gate.organisation, list.event).await?.ok_or(NotFound)?;
    Ok(DoorStatus {
        event: DoorEventView {
            id: list.event,
            when: when_line(&facts),
            zone: facts.zone.to_string(),
            title: facts.title,
        },
        list: DoorListView { id: list.id, name: list.name },
        device,
        admitted: counts.admitted,
        total,
        last_10_minutes: counts.since,
        recent: recent.into_iter().map(LoggedScanView::from).collect(),
    })
}

async fn run(app: &AppState, gate: Gate) -> Result<Json<DoorStatus>, Problem> {
    Ok(Json(app.platform.db.read(gate.scope(), "show_door_status", gate, status).await?))
}

/// How it goes at the door
#[utoipa::path(
    get, path = "/api/v1/door/status", tag = "door",
    responses((status = 200, body = DoorStatus)),
    extensions(("x-access" = json!("door")))
)]
pub(crate) async fn status_at_door(State(app): State<AppState>, Door(gate): Door) -> Result<Json<DoorStatus>, Problem> {
    run(&app, gate).await
}

/// How it goes at a list, for members
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/check-in-lists/{list}/status", tag = "door",
    params(("organisation" = OrganisationId, Path), ("list" = ListId, Path)),
    responses((status = 200, body = DoorStatus)),
    extensions(("x-access" = json!("check_in")))
)]
pub(crate) async fn status_as_member(
    State(app): State<AppState>,
    Steward(gate): Steward,
) -> Result<Json<DoorStatus>, Problem> {
    run(&app, gate).await
}
