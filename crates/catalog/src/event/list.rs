//! Lists an organisation's events.

use axum::extract::State;
use kernel::{OrganisationId, Page, PageRequest};
use platform::db::Tx;
use platform::{Failure, InvalidFields, Never};
use serde::Deserialize;
use web::rights::ViewOrganisation;
use web::{AppState, Json, Member, Problem, Query};

use super::cursor::EventCursor;
use super::model::{Event, EventStatus};
use super::store::{self, ListFilter};
use super::view::EventSummaryView;
use crate::text::Complaints;

/// The longest search that is looked at.
pub(crate) const SEARCH_CHARACTERS_MAX: usize = 200;

/// What to list.
#[derive(Debug, Clone)]
pub struct List {
    organisation: OrganisationId,
    filter: ListFilter,
    items: u32,
}

/// Events of an organisation, the latest start first.
pub async fn list(tx: &mut Tx, command: List) -> Result<Page<Event>, Failure<Never>> {
    let events = store::list(tx, command.organisation, &command.filter).await?;
    Ok(Page::cut(events, command.items, |event| EventCursor::at(&event.facts).to_string()))
}

/// The filters of the list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Events of this state only.
    pub status: Option<EventStatus>,
    /// Words of the title or the text.
    pub q: Option<String>,
    /// Items a page, 1 to 100; 50 when left out.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl ListQuery {
    fn command(self, organisation: OrganisationId) -> Result<List, InvalidFields> {
        let mut complaints = Complaints::default();
        let q = complaints.line("q", self.q.as_deref().unwrap_or_default(), SEARCH_CHARACTERS_MAX);
        let after = cursor(self.cursor.as_deref(), &mut complaints);
        complaints.refuse_any()?;
        let page = PageRequest { limit: self.limit, cursor: None };
        let filter = ListFilter { status: self.status, q: super::view::given(&q), after, rows: page.rows() };
        Ok(List { organisation, filter, items: page.items() })
    }
}

/// Reads a cursor; none when none was sent.
pub(crate) fn cursor(text: Option<&str>, complaints: &mut Complaints) -> Option<EventCursor> {
    let text = text.filter(|text| !text.is_empty())?;
    text.parse()
        .map_err(|wrong: super::cursor::NotACursor| complaints.add("cursor", "not_a_cursor", wrong.to_string()))
        .ok()
}

/// List the events of an organisation, the latest start first.
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/events", tag = "events",
    params(("organisation" = OrganisationId, Path), ListQuery),
    responses((status = 200, body = Page<EventSummaryView>)),
    extensions(("x-access" = json!("view_organisation")))
)]
pub(crate) async fn list_events(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<EventSummaryView>>, Problem> {
    let command = query.command(member.organisation).map_err(|wrong| Problem::refused(&wrong))?;
    let page = app.platform.db.read(member.scope(), "list_events", command, list).await?;
    Ok(Json(page.map(|event| EventSummaryView::of(&app.platform, &event))))
}
