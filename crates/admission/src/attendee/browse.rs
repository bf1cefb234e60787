//! Lists the attendees of an event with their check-in.

use axum::extract::State;
use boxoffice::api::{TicketFacts, page_of_tickets};
use jiff::Timestamp;
use kernel::{EventId, OrganisationId, Page, PageRequest, TicketId, TicketTypeId};
use platform::{Failure, NotFound, Tx};
use serde::{Deserialize, Serialize};
use web::rights::ViewOrders;
use web::{AppState, Json, Member, Path, Problem, Query};

use crate::api::attendee_check_ins;
use crate::event;
use crate::label::complaint;
use crate::list::browse::EventPath;

/// The longest text that is looked for.
const WORDS_CHARACTERS_MAX: usize = 120;

/// A page of an event's attendees.
#[derive(Debug, Clone)]
pub struct BrowseAttendees {
    /// Whose.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// Part of a name, an e-mail address or a code; empty for everybody.
    pub words: String,
    /// Behind which ticket.
    pub behind: Option<TicketId>,
    /// How many at most.
    pub page: PageRequest,
}

/// A ticket, and when it came in first, at whichever list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// The ticket.
    pub ticket: TicketFacts,
    /// Since when it is in.
    pub checked_in_at: Option<Timestamp>,
}

/// The tickets of an event, the newest first, cancelled ones too.
pub async fn browse(tx: &mut Tx, query: BrowseAttendees) -> Result<Page<Attendee>, Failure<NotFound>> {
    let BrowseAttendees { organisation, event, words, behind, page } = query;
    let tickets = page_of_tickets(tx, organisation, event, words.trim(), behind, page.rows()).await?;
    if tickets.is_empty() {
        // Nobody yet, or no such event?
        event::ticket_types(tx, organisation, event).await?;
    }
    let tickets = Page::cut(tickets, page.items(), |ticket| ticket.id.to_string());
    let ids: Vec<TicketId> = tickets.items.iter().map(|ticket| ticket.id).collect();
    let entries = attendee_check_ins(tx, organisation, event, &ids).await?;
    Ok(tickets.map(|ticket| Attendee { checked_in_at: entries.get(&ticket.id).copied(), ticket }))
}

/// The filters of the list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttendeesQuery {
    /// Part of a name, an e-mail address or a code.
    q: Option<String>,
    /// Items a page, 1 to 100; 50 when left out.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Somebody who has a ticket.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AttendeeView {
    /// Which ticket.
    pub ticket_id: TicketId,
    /// What people call it: `PK8DH2XQ-1`.
    pub code: String,
    /// Who comes.
    pub holder_name: String,
    /// Of which type.
    pub ticket_type_id: TicketTypeId,
    /// What its type is called.
    #[serde(rename = "type")]
    pub type_name: String,
    /// `valid`, `cancelled` or `transferred`.
    pub state: String,
    /// What people call its order.
    pub order_code: String,
    /// Since when it is in, at whichever list; null when it is not.
    pub checked_in_at: Option<Timestamp>,
}

impl From<Attendee> for AttendeeView {
    fn from(attendee: Attendee) -> Self {
        let Attendee { ticket, checked_in_at } = attendee;
        Self {
            ticket_id: ticket.id,
            code: ticket.code,
            holder_name: ticket.holder_name,
            ticket_type_id: ticket.ticket_type,
            type_name: ticket.type_name,
            state: ticket.state.as_str().to_owned(),
            order_code: ticket.order_code,
            checked_in_at,
        }
    }
}

/// List the attendees of an event, the newest tickets first
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/events/{event}/attendees", tag = "check-in",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), AttendeesQuery),
    responses((status = 200, body = Page<AttendeeView>)),
    extensions(("x-access" = json!("view_orders")))
)]
pub(crate) async fn list_attendees(
    State(app): State<AppState>,
    member: Member<ViewOrders>,
    Path(path): Path<EventPath>,
    Query(query): Query<AttendeesQuery>,
) -> Result<Json<Page<AttendeeView>>, Problem> {
    let words = query.q.unwrap_or_default();
    if words.chars().count() > WORDS_CHARACTERS_MAX {
        return Err(Problem::refused(&complaint("q", "too_long", "Use 120 characters at most.")));
    }
    let behind = query.cursor.as_deref().map(str::parse).transpose();
    let behind =
        behind.map_err(|_| Problem::refused(&complaint("cursor", "invalid", "This is not a cursor of this list.")))?;
    let page = PageRequest { limit: query.limit, cursor: None };
    let query = BrowseAttendees { organisation: path.organisation, event: path.event, words, behind, page };
    let found = app.platform.db.read(member.scope(), "list_attendees", query, browse).await?;
    Ok(Json(found.map(AttendeeView::from)))
}
