//! Taking something off sale for good. Tickets already sold stay valid.

use axum::extract::State;
use kernel::{EventId, OrganisationId, TicketTypeId};
use platform::{Failure, NotFound, Tx};
use web::rights::EditEvents;
use web::{AppState, Member, NoContent, Path, Problem};

use super::store;

/// Archives a ticket type; doing it again changes nothing.
pub async fn archive(
    tx: &mut Tx,
    (organisation, event, kind): (OrganisationId, EventId, TicketTypeId),
) -> Result<(), Failure<NotFound>> {
    if store::archive(tx, organisation, event, kind).await? { Ok(()) } else { Err(NotFound.into()) }
}

/// Take a ticket type off sale
///
/// For good: it disappears from the page. Tickets already sold stay valid.
#[utoipa::path(delete, path = "/api/v1/organisations/{organisation}/events/{event}/ticket-types/{ticket_type}", tag = "Ticket types",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("ticket_type" = TicketTypeId, Path)),
    responses((status = 204)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn archive_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId, TicketTypeId)>,
) -> Result<NoContent, Problem> {
    let Path((_, event, kind)) = path;
    app.platform.db.write(member.scope(), "archive_ticket_type", (member.organisation, event, kind), archive).await?;
    Ok(NoContent)
}
