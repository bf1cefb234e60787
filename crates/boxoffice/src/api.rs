//! What other contexts may ask of the box office, in their own transaction.

use std::collections::HashMap;

use kernel::{EventId, OrganisationId, TicketId, TicketTypeId};
use platform::{Fault, Tx};

pub use catalog::api::{EventFacts, get_facts as event_facts, when_line};

pub use crate::ticket::base45;
pub use crate::ticket::code::{EventTag, Forged, NotATicket, SignedCode, TicketCode};
pub use crate::ticket::key::{PublicKey, public_keys};
pub use crate::ticket::model::{TicketState, human_code, parse_human_code};
pub use crate::ticket::qr;
pub use crate::ticket_type::list::list as ticket_types;
pub use crate::ticket_type::present::TicketTypeView;

use crate::ticket::store::{self, DoorRow};

/// A ticket as the door needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketFacts {
    /// Which one.
    pub id: TicketId,
    /// Of which event.
    pub event: EventId,
    /// Of which type.
    pub ticket_type: TicketTypeId,
    /// What the type is called.
    pub type_name: String,
    /// What people call it: `PK8DH2XQ-1`.
    pub code: String,
    /// What people call its order.
    pub order_code: String,
    /// Whether its order is paid.
    pub is_paid: bool,
    /// The number in its QR code.
    pub serial: i64,
    /// Where it is in its life.
    pub state: TicketState,
    /// Who comes.
    pub holder_name: String,
}

impl TryFrom<DoorRow> for TicketFacts {
    type Error = Fault;
    fn try_from(row: DoorRow) -> Result<Self, Fault> {
        Ok(Self {
            id: TicketId::from(row.id),
            event: EventId::from(row.event_id),
            ticket_type: TicketTypeId::from(row.ticket_type_id),
            code: human_code(&row.order_code, row.number),
            is_paid: row.order_state == "paid",
            serial: row.serial,
            state: row.state()?,
            type_name: row.type_name,
            order_code: row.order_code,
            holder_name: row.holder_name,
        })
    }
}

/// Which ticket carries a serial in its QR code, and of which event it is.
pub async fn find_ticket_by_serial(
    tx: &mut Tx,
    organisation: OrganisationId,
    serial: u64,
) -> Result<Option<(EventId, TicketId)>, Fault> {
    let Ok(serial) = i64::try_from(serial) else { return Ok(None) };
    store::find_by_serial(tx, organisation, serial).await
}

/// Which ticket people call `PK8DH2XQ-1`, and of which event it is.
pub async fn find_ticket_by_code(
    tx: &mut Tx,
    organisation: OrganisationId,
    code: &str,
) -> Result<Option<(EventId, TicketId)>, Fault> {
    let Some((order, number)) = parse_human_code(code) else { return Ok(None) };
    store::find_by_code(tx, organisation, &order, number).await
}

/// Reads a ticket and keeps it from being cancelled until the transaction ends.
pub async fn lock_ticket_for_admission(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    id: TicketId,
) -> Result<Option<TicketFacts>, Fault> {
    store::lock_for_admission(tx, organisation, event, id).await?.map(TicketFacts::try_from).transpose()
}

/// The same for the tickets with these serials, by serial.
pub async fn lock_tickets_for_admission(
    tx: &mut Tx,
    organisation: OrganisationId,
    serials: &[u64],
) -> Result<HashMap<u64, TicketFacts>, Fault> {
    let serials: Vec<i64> = serials.iter().filter_map(|serial| i64::try_from(*serial).ok()).collect();
    let rows = store::lock_serials_for_admission(tx, organisation, &serials).await?;
    rows.into_iter()
        .map(|row| Ok((u64::try_from(row.serial).map_err(Fault::corrupt)?, TicketFacts::try_from(row)?)))
        .collect()
}

/// Tickets of an event whose holder, buyer or code contains the words, by holder.
pub async fn search_tickets(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    words: &str,
    limit: i64,
) -> Result<Vec<TicketFacts>, Fault> {
    store::search(tx, organisation, event, words, limit).await?.into_iter().map(TicketFacts::try_from).collect()
}

/// One page of an event's tickets, the newest first: those whose holder, buyer or code contains the words. Ask for one row more than the
/// page to know whether another follows.
pub async fn page_of_tickets(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    words: &str,
    after: Option<TicketId>,
    rows: i64,
) -> Result<Vec<TicketFacts>, Fault> {
    store::page(tx, organisation, event, words, after, rows).await?.into_iter().map(TicketFacts::try_from).collect()
}

/// How many valid tickets an event has of the given types; of all types when none are given.
pub async fn count_valid(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    types: &[TicketTypeId],
) -> Result<i64, Fault> {
    store::count_valid(tx, organisation, event, types).await
}
