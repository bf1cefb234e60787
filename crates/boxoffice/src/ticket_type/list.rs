//! The organiser's list of ticket types.

use axum::extract::State;
use kernel::{EventId, OrganisationId, Page};
use platform::{Failure, NotFound, Tx};
use web::rights::ViewOrganisation;
use web::{AppState, Json, Member, Path, Problem};

use super::present::{TicketTypeView, view};
use super::store;
use crate::event::sale_of;
use crate::pool::{self, model::Pool};

/// Reads all ticket types of an event, archived ones last.
pub async fn list(
    tx: &mut Tx,
    (organisation, event): (OrganisationId, EventId),
) -> Result<Vec<TicketTypeView>, Failure<NotFound>> {
    let facts = catalog::api::get_facts(tx, organisation, event).await?.ok_or(NotFound)?;
    let types = store::list(tx, organisation, event).await?;
    let pools: Vec<Pool> =
        pool::store::list(tx, organisation, event).await?.into_iter().map(|named| named.pool).collect();
    let now = tx.now();
    Ok(types.into_iter().map(|kind| view(kind, sale_of(&facts), &pools, now)).collect())
}

/// List the ticket types of an event
#[utoipa::path(get, path = "/api/v1/organisations/{organisation}/events/{event}/ticket-types", tag = "Ticket types",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = Page<TicketTypeView>)), extensions(("x-access" = json!("view_organisation"))))]
pub(crate) async fn list_http(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
    path: Path<(OrganisationId, EventId)>,
) -> Result<Json<Page<TicketTypeView>>, Problem> {
    let Path((_, event)) = path;
    let items = app.platform.db.read(member.scope(), "list_ticket_types", (member.organisation, event), list).await?;
    Ok(Json(Page { items, next_cursor: None }))
}
