//! Shows an event to its organisation.

use axum::extract::State;
use kernel::{EventId, OrganisationId};
use platform::db::Tx;
use platform::{Failure, NotFound};
use serde::Deserialize;
use web::rights::ViewOrganisation;
use web::{AppState, Member, Path, Problem, Versioned};

use super::model::Event;
use super::store;
use super::view::EventView;

/// The path of one event of an organisation.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct EventPath {
    /// Whose it is; the rights extractor has checked it.
    pub organisation: OrganisationId,
    /// Which it is.
    pub event: EventId,
}

/// An event of an organisation.
pub async fn show(tx: &mut Tx, (organisation, event): (OrganisationId, EventId)) -> Result<Event, Failure<NotFound>> {
    store::find(tx, organisation, event).await?.ok_or_else(|| NotFound.into())
}

/// Read an event.
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/events/{event}", tag = "events",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = EventView, headers(("ETag" = String, description = "The version, for If-Match")))),
    extensions(("x-access" = json!("view_organisation")))
)]
pub(crate) async fn show_event(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
    Path(path): Path<EventPath>,
) -> Result<Versioned<EventView>, Problem> {
    let event = app.platform.db.read(member.scope(), "show_event", (path.organisation, path.event), show).await?;
    Ok(Versioned { version: event.facts.version, body: EventView::of(&app.platform, &event) })
}
