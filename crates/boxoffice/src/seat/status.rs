//! Which seats of an event are free: all of them in two bits each, or what changed since a version.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use catalog::api::EventFacts;
use platform::{Failure, NotFound, Scope, Tx};
use serde::{Deserialize, Serialize};
use web::{AppState, Json, Path, Problem, Query, SeenByAll};

use super::layout::find_event;
use super::model::{SeatIndex, SeatStatus};
use super::store;

/// So many versions are told one by one; who is further behind gets the status of all seats.
const VERSIONS_TOLD_MAX: i64 = 1_000;
/// So many changed seats are told one by one.
const SEATS_TOLD_MAX: usize = 5_000;

/// Which seats are free.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SeatStatusView {
    /// How often the seats have changed; ask for what came later with `since`.
    pub version: i64,
    /// How many seats there are.
    pub seats: usize,
    /// Base64 of two bits a seat: seat `i` is in byte `i / 4`, bits `2 * (i % 4)` and the next; 0 free, 1 held, 2 sold, 3 blocked. Null when
    /// `changes` says everything.
    pub statuses: Option<String>,
    /// Pairs of a seat and its status, each seat once, by seat; null when `statuses` says everything.
    pub changes: Option<Vec<(u32, u8)>>,
}

/// What the reader has.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SinceVersion {
    /// The version of the status that the reader has; with it the answer is what changed after, if that is not too much.
    pub(super) since: Option<i64>,
}

/// Reads the status, as of one instant.
pub async fn read(tx: &mut Tx, (facts, since): (EventFacts, Option<i64>)) -> Result<SeatStatusView, Failure<NotFound>> {
    let (organisation, event) = (facts.organisation, facts.id);
    let stored = store::find(tx, organisation, event).await?.ok_or(NotFound)?;
    let (version, seats) = (stored.version, stored.seats);
    if let Some(since) = since.filter(|since| (version - VERSIONS_TOLD_MAX..=version).contains(since)) {
        let rows = store::changes_since(tx, organisation, event, since, VERSIONS_TOLD_MAX).await?;
        // The row was read before the changes, so there may be newer ones by now: they belong to the next answer.
        let rows = rows.into_iter().filter(|(made, ..)| *made <= version);
        let changed: BTreeMap<SeatIndex, SeatStatus> =
            rows.flat_map(|(_, seats, status)| seats.into_iter().map(move |seat| (seat, status))).collect();
        if changed.len() <= SEATS_TOLD_MAX {
            let changes = changed.into_iter().map(|(seat, status)| (seat.0, status.bits())).collect();
            return Ok(SeatStatusView { version, seats, statuses: None, changes: Some(changes) });
        }
    }
    let statuses = Some(STANDARD.encode(stored.packed()?.bytes()));
    Ok(SeatStatusView { version, seats, statuses, changes: None })
}

/// Show which seats are free
///
/// Two bits a seat; with `since`, only what changed after that version.
#[utoipa::path(get, path = "/api/v1/events/{slug}/seats/status", tag = "Seats", params(("slug" = String, Path), SinceVersion),
    responses((status = 200, body = SeatStatusView)), extensions(("x-access" = json!("public"))))]
pub(crate) async fn status_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    Query(query): Query<SinceVersion>,
) -> Result<Response, Problem> {
    let db = &app.platform.db;
    let facts = db.read(Scope::Public, "find_event", slug, find_event).await?;
    let scope = Scope::Tenant(facts.organisation);
    let view = db.read(scope, "show_seat_status", (facts, query.since), read).await?;
    let mut response = Json(view).into_response();
    response.extensions_mut().insert(SeenByAll);
    Ok(response)
}
