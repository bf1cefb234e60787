//! Lists the check-in lists of an event.

use axum::extract::State;
use kernel::{EventId, ListId, OrganisationId, Page, PageRequest};
use platform::{Failure, Never, Tx};
use serde::Deserialize;
use web::rights::ViewOrganisation;
use web::{AppState, Json, Member, Path, Problem, Query};

use super::default::open_default;
use super::model::{CheckInList, CheckInListView};
use super::store;
use crate::label::complaint;

/// The path of an event's lists.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct EventPath {
    /// Whose it is; the rights extractor has checked it.
    pub organisation: OrganisationId,
    /// Which it is.
    pub event: EventId,
}

/// A page of an event's lists.
#[derive(Debug, Clone)]
pub struct BrowseLists {
    /// Whose.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// Behind which one.
    pub behind: Option<ListId>,
    /// How many at most.
    pub page: PageRequest,
}

/// The lists of an event, the oldest first.
pub async fn browse(tx: &mut Tx, query: BrowseLists) -> Result<Page<CheckInList>, Failure<Never>> {
    let found = store::page(tx, query.organisation, query.event, query.behind, query.page.rows()).await?;
    Ok(Page::cut(found, query.page.items(), |list| list.id.to_string()))
}

/// List the check-in lists of an event
///
/// An event that has none gets one called "Everyone".
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/events/{event}/check-in-lists", tag = "check-in",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), PageRequest),
    responses((status = 200, body = Page<CheckInListView>)),
    extensions(("x-access" = json!("view_organisation")))
)]
pub(crate) async fn list_check_in_lists(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
    Path(path): Path<EventPath>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Page<CheckInListView>>, Problem> {
    let behind = page.cursor.as_deref().map(str::parse).transpose();
    let behind =
        behind.map_err(|_| Problem::refused(&complaint("cursor", "invalid", "This is not a cursor of this list.")))?;
    let query = BrowseLists { organisation: path.organisation, event: path.event, behind, page };
    let mut found = app.platform.db.read(member.scope(), "list_check_in_lists", query, browse).await?;
    if found.items.is_empty() && behind.is_none() {
        let event = (path.organisation, path.event);
        found.items.push(app.platform.db.write(member.scope(), "open_default_list", event, open_default).await?);
    }
    Ok(Json(found.map(CheckInListView::from)))
}
