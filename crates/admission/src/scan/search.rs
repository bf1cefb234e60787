//! Finds tickets at the door by name, e-mail or code.

use axum::extract::State;
use boxoffice::api::{TicketFacts, search_tickets};
use jiff::Timestamp;
use kernel::{ListId, OrganisationId, Page, TicketId};
use platform::{Failure, FieldError, InvalidFields, NotFound, Refusal, RefusalKind, Tx};
use serde::{Deserialize, Serialize};
use web::{AppState, Json, Problem, Query};

use super::store;
use crate::gate::{Door, Gate, Steward};
use crate::label::complaint;
use crate::list::store as lists;

/// The fewest characters that are looked for: one letter would list everybody to whoever has the link.
const WORDS_CHARACTERS_MIN: usize = 2;
/// The longest text that is looked for.
const WORDS_CHARACTERS_MAX: usize = 120;
/// The most tickets that a search answers with; who sees more should type more.
const TICKETS_FOUND_MAX: i64 = 50;

/// A search.
#[derive(Debug, Clone)]
pub struct Search {
    /// Where.
    pub gate: Gate,
    /// Part of a name, an e-mail address or a code.
    pub words: String,
}

/// A ticket that was found, and when it came in at this list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The ticket.
    pub ticket: TicketFacts,
    /// Since when it is in.
    pub admitted_at: Option<Timestamp>,
}

/// Why nothing was looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchRefusal {
    /// There is no such list.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The words are too short or too long.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
}

impl Refusal for SearchRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(refusal) => refusal.code(),
            Self::Invalid(refusal) => refusal.code(),
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(refusal) => refusal.kind(),
            Self::Invalid(refusal) => refusal.kind(),
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::NotFound(_) => Vec::new(),
            Self::Invalid(refusal) => refusal.fields(),
        }
    }
}

/// The tickets that match and that this list lets in, whatever their state, by holder.
pub async fn search(tx: &mut Tx, query: Search) -> Result<Vec<Found>, Failure<SearchRefusal>> {
    let words = query.words.trim();
    if !(WORDS_CHARACTERS_MIN..=WORDS_CHARACTERS_MAX).contains(&words.chars().count()) {
        return Err(SearchRefusal::Invalid(complaint(
            "q",
            "invalid",
            "Type 2 to 120 characters of a name, an e-mail address or a code.",
        ))
        .into());
    }
    let Gate { organisation, list, .. } = query.gate;
    let list = lists::find_for_scan(tx, organisation, list).await?.ok_or(SearchRefusal::NotFound(NotFound))?;
    let tickets = search_tickets(tx, organisation, list.event, words, TICKETS_FOUND_MAX).await?;
    let here: Vec<TicketFacts> = tickets.into_iter().filter(|ticket| list.lets_in(ticket.ticket_type)).collect();
    let ids: Vec<TicketId> = here.iter().map(|ticket| ticket.id).collect();
    let entries = store::entries_at(tx, query.gate, &ids).await?;
    Ok(here.into_iter().map(|ticket| Found { admitted_at: entries.get(&ticket.id).copied(), ticket }).collect())
}

/// What to look for.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    /// Part of a name, an e-mail address or a code, 2 to 120 characters.
    q: String,
}

/// A ticket that was found.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FoundTicketView {
    /// Which one.
    pub ticket_id: TicketId,
    /// What people call it; scan it by this.
    pub code: String,
    /// Who comes.
    pub holder_name: String,
    /// What its type is called.
    #[serde(rename = "type")]
    pub type_name: String,
    /// What people call its order.
    pub order_code: String,
    /// `valid`, `cancelled` or `transferred`.
    pub state: String,
    /// Since when it is in at this list; null when it is not.
    pub admitted_at: Option<Timestamp>,
}

impl From<Found> for FoundTicketView {
    fn from(found: Found) -> Self {
        Self {
            ticket_id: found.ticket.id,
            code: found.ticket.code,
            holder_name: found.ticket.holder_name,
            type_name: found.ticket.type_name,
            order_code: found.ticket.order_code,
            state: found.ticket.state.as_str().to_owned(),
            admitted_at: found.admitted_at,
        }
    }
}

async fn run(app: &AppState, gate: Gate, query: SearchQuery) -> Result<Json<Page<FoundTicketView>>, Problem> {
    let found = app.platform.db.read(gate.scope(), "search_tickets", Search { gate, words: query.q }, search).await?;
    Ok(Json(Page { items: found.into_iter().map(FoundTicketView::from).collect(), next_cursor: None }))
}

/// Find tickets at the door
#[utoipa::path(
    get, path = "/api/v1/door/search", tag = "door", params(SearchQuery),
    responses((status = 200, body = Page<FoundTicketView>)),
    extensions(("x-access" = json!("door")))
)]
pub(crate) async fn search_at_door(
    State(app): State<AppState>,
    Door(gate): Door,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Page<FoundTicketView>>, Problem> {
    run(&app, gate, query).await
}

/// Find tickets as a member
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/check-in-lists/{list}/search", tag = "door",
    params(("organisation" = OrganisationId, Path), ("list" = ListId, Path), SearchQuery),
    responses((status = 200, body = Page<FoundTicketView>)),
    extensions(("x-access" = json!("check_in")))
)]
pub(crate) async fn search_as_member(
    State(app): State<AppState>,
    Steward(gate): Steward,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Page<FoundTicketView>>, Problem> {
    run(&app, gate, query).await
}
