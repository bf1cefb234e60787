//! The list that every event has from the start.

use kernel::{EventId, OrganisationId};
use platform::{Failure, Fault, NotFound, Tx};

use super::model::{CheckInList, DEFAULT_NAME};
use super::store;
use crate::event;

/// The first list of an event; "Everyone" is made when it has none, once however many ask at the same time.
pub async fn open_default(
    tx: &mut Tx,
    (organisation, event): (OrganisationId, EventId),
) -> Result<CheckInList, Failure<NotFound>> {
    if let Some(first) = store::page(tx, organisation, event, None, 1).await?.pop() {
        return Ok(first);
    }
    event::ticket_types(tx, organisation, event).await?;
    store::insert_first(tx, organisation, event, DEFAULT_NAME).await?;
    let first = store::page(tx, organisation, event, None, 1).await?.pop();
    first.ok_or_else(|| Fault::corrupt("an event has no check-in list after one was made").into())
}
