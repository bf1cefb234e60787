//! Leaving the line.

use axum::extract::State;
use http::HeaderMap;
use kernel::{EventId, OrganisationId, WaitingEntryId};
use platform::{Failure, Never, NotFound, Platform, Scope, Tx};
use web::{AppState, NoContent, Path, Problem, Query};

use super::model::Room;
use super::place::{PlaceToken, Proven, prove};
use super::presented::Presented;
use super::store::{self, entries};

/// Gives a place up. Leaving twice is harmless.
pub async fn leave(
    tx: &mut Tx,
    (organisation, event, entry): (OrganisationId, EventId, WaitingEntryId),
) -> Result<(), Failure<Never>> {
    let Some(room) = store::lock(tx, organisation, event).await? else { return Ok(()) };
    let mut room = Room { revision: room.revision + 1, ..room };
    if entries::leave(tx, &room, entry).await? {
        room.totals.left += 1;
        store::save(tx, &room, None).await?;
    }
    Ok(())
}

/// Leaves on behalf of a browser: the path of both the API and the pages.
pub async fn leave_by_slug(
    platform: &Platform,
    slug: &str,
    token: &str,
    presented: &Presented,
) -> Result<(), Failure<NotFound>> {
    let Proven { hall, entry, .. } = prove(platform, slug, token, presented).await?;
    let command = (hall.organisation, hall.event, entry);
    let left = platform.db.write(Scope::Tenant(hall.organisation), "leave_waiting_room", command, leave).await;
    left.map_err(Failure::widen)?;
    hall.refresh(platform).await
}

/// Leave the waiting room
///
/// The place is lost. An admission is not: it ends by itself.
#[utoipa::path(delete, path = "/api/v1/events/{slug}/waiting-room/place", tag = "Waiting room", params(("slug" = String, Path), PlaceToken),
    responses((status = 204)), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn leave_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    Query(query): Query<PlaceToken>,
    headers: HeaderMap,
) -> Result<NoContent, Problem> {
    leave_by_slug(&app.platform, &slug, &query.token, &Presented::of(&headers, &app.platform)).await?;
    Ok(NoContent)
}
