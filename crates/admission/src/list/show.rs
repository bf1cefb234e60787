//! Shows one check-in list.

use axum::extract::State;
use kernel::{EventId, ListId, OrganisationId};
use platform::{Failure, NotFound, Tx};
use serde::Deserialize;
use web::rights::ViewOrganisation;
use web::{AppState, Member, Path, Problem, Versioned};

use super::model::{CheckInList, CheckInListView};
use super::store;

/// The path of one list of an event.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ListPath {
    /// Whose it is; the rights extractor has checked it.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// Which it is.
    pub list: ListId,
}

/// A list of an event.
pub async fn show(tx: &mut Tx, path: ListPath) -> Result<CheckInList, Failure<NotFound>> {
    let found = store::find(tx, path.organisation, path.list).await?;
    found.filter(|list| list.event == path.event).ok_or_else(|| NotFound.into())
}

/// Read a check-in list
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/events/{event}/check-in-lists/{list}", tag = "check-in",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("list" = ListId, Path)),
    responses((status = 200, body = CheckInListView, headers(("ETag" = String, description = "The version, for If-Match")))),
    extensions(("x-access" = json!("view_organisation")))
)]
pub(crate) async fn show_check_in_list(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
    Path(path): Path<ListPath>,
) -> Result<Versioned<CheckInListView>, Problem> {
    let list = app.platform.db.read(member.scope(), "show_check_in_list", path, show).await?;
    Ok(Versioned { version: list.version, body: list.into() })
}
