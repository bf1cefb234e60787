//! The seats of a public event as they are drawn.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use catalog::api::{EventFacts, LayoutDocument};
use kernel::TicketTypeId;
use platform::{Failure, Fault, NotFound, Scope, Tx};
use serde::Serialize;
use serde_json::value::RawValue;
use web::{AppState, Json, Path, Problem, SeenByAll};

use super::store;
use crate::ticket_type;

/// What a page needs to draw the seats of an event.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EventSeats {
    /// The layout, as it was stored. Seat `i` of the status is the seat at place `i` of the document, counted through its sections, rows, then tables.
    #[schema(value_type = LayoutDocument)]
    pub layout: Box<RawValue>,
    /// The ticket types that sell each category, by the category's key.
    pub categories: BTreeMap<String, Vec<TicketTypeId>>,
}

/// A public event by its name.
pub(super) async fn find_event(tx: &mut Tx, slug: String) -> Result<EventFacts, Failure<NotFound>> {
    Ok(catalog::api::find_public_by_slug(tx, &slug).await?.ok_or(NotFound)?)
}

async fn read(tx: &mut Tx, facts: EventFacts) -> Result<EventSeats, Failure<NotFound>> {
    let document = store::document(tx, facts.organisation, facts.id).await?.ok_or(NotFound)?;
    let layout = RawValue::from_string(document).map_err(Fault::corrupt)?;
    let mut categories: BTreeMap<String, Vec<TicketTypeId>> = BTreeMap::new();
    for kind in ticket_type::store::list(tx, facts.organisation, facts.id).await? {
        if let (Some(key), false) = (kind.seat_category, kind.is_archived) {
            categories.entry(key).or_default().push(kind.id);
        }
    }
    Ok(EventSeats { layout, categories })
}

/// Show the seats of an event
///
/// The layout to draw; which seats are free is told by their status.
#[utoipa::path(get, path = "/api/v1/events/{slug}/seats", tag = "Seats", params(("slug" = String, Path)),
    responses((status = 200, body = EventSeats)), extensions(("x-access" = json!("public"))))]
pub(crate) async fn layout_http(State(app): State<AppState>, Path(slug): Path<String>) -> Result<Response, Problem> {
    let db = &app.platform.db;
    let facts = db.read(Scope::Public, "find_event", slug, find_event).await?;
    let scope = Scope::Tenant(facts.organisation);
    let mut response = Json(db.read(scope, "show_seats", facts, read).await?).into_response();
    response.extensions_mut().insert(SeenByAll);
    Ok(response)
}
