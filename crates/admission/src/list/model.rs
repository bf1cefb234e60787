//! A check-in list. Pure.

use jiff::Timestamp;
use kernel::{EventId, ListId, OrganisationId, TicketTypeId};
use platform::InvalidFields;
use serde::Serialize;

use crate::label::complaint;

/// What the list is called that every event has from the start.
pub const DEFAULT_NAME: &str = "Everyone";
/// The most ticket types that one list names.
pub const TICKET_TYPES_A_LIST_MAX: usize = 200;

/// Which tickets a door lets in, once each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInList {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Which one.
    pub id: ListId,
    /// Of which event.
    pub event: EventId,
    /// What it is called; no two lists of an event share a name.
    pub name: String,
    /// The ticket types it lets in; all of the event when there are none.
    pub ticket_types: Vec<TicketTypeId>,
    /// Raised by each edit.
    pub version: i64,
    /// Since when there is one.
    pub created_at: Timestamp,
    /// How many are in.
    pub admitted: i64,
}

impl CheckInList {
    /// Whether tickets of the type come in here.
    pub fn lets_in(&self, ticket_type: TicketTypeId) -> bool {
        self.ticket_types.is_empty() || self.ticket_types.contains(&ticket_type)
    }
}

/// The ticket types that were asked for, each once; they must be of the event.
pub fn chosen_types(asked: &[TicketTypeId], of_event: &[TicketTypeId]) -> Result<Vec<TicketTypeId>, InvalidFields> {
    if asked.len() > TICKET_TYPES_A_LIST_MAX {
        return Err(complaint(
            "ticket_type_ids",
            "too_many",
            "Name 200 ticket types at most, or none for all of them.",
        ));
    }
    if asked.iter().any(|id| !of_event.contains(id)) {
        return Err(complaint("ticket_type_ids", "unknown", "Choose among the ticket types of this event."));
    }
    let mut types = asked.to_vec();
    types.sort_unstable();
    types.dedup();
    Ok(types)
}

/// A check-in list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CheckInListView {
    /// Which one.
    pub id: ListId,
    /// Of which event.
    pub event_id: EventId,
    /// What it is called.
    pub name: String,
    /// The ticket types it lets in; empty means every ticket of the event.
    pub ticket_type_ids: Vec<TicketTypeId>,
    /// How many are in.
    pub admitted: i64,
    /// For `If-Match`.
    pub version: i64,
    /// Since when there is one.
    pub created_at: Timestamp,
}

impl From<CheckInList> for CheckInListView {
    fn from(list: CheckInList) -> Self {
        Self {
            id: list.id,
            event_id: list.event,
            name: list.name,
            ticket_type_ids: list.ticket_types,
            admitted: list.admitted,
            version: list.version,
            created_at: list.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::TicketTypeId;
    use uuid::Uuid;

    use super::*;

    fn kind(number: u128) -> TicketTypeId {
        TicketTypeId::from(Uuid::from_u128(number))
    }

    #[test]
    fn ticket_types_are_of_the_event_and_named_once() {
        let of_event = [kind(1), kind(2), kind(3)];
        assert_eq!(chosen_types(&[], &of_event), Ok(vec![]));
        assert_eq!(chosen_types(&[kind(3), kind(1), kind(3)], &of_event), Ok(vec![kind(1), kind(3)]));
        assert!(chosen_types(&[kind(1), kind(4)], &of_event).is_err());
        assert!(chosen_types(&vec![kind(1); 201], &of_event).is_err());
    }
}
