//! What admission asks of the event behind a list.

use boxoffice::api::ticket_types as list_ticket_types;
use kernel::{EventId, OrganisationId, TicketTypeId};
use platform::{Failure, NotFound, Tx};

/// The ticket types of an event; refused when the organisation has no such event.
pub async fn ticket_types(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
) -> Result<Vec<TicketTypeId>, Failure<NotFound>> {
    let types = list_ticket_types(tx, (organisation, event)).await?;
    Ok(types.into_iter().map(|kind| kind.id).collect())
}
