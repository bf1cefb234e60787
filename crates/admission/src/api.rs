//! What the pages, the demo data and other crates above may ask of admission, in their own transaction.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use kernel::{EventId, OrganisationId, TicketId};
use platform::{Fault, Tx};

pub use crate::device::add::{AddDevice, AddDeviceRefusal, AddedDevice, add as add_device, door_path};
pub use crate::device::token::DeviceToken;
pub use crate::gate::Gate;
pub use crate::list::create::{CreateList, CreateListRefusal, create as create_list};
pub use crate::list::default::open_default;
pub use crate::list::model::CheckInList;
pub use crate::list::show::ListPath;
pub use crate::scan::admit::{Scan, ScanRefusal, scan};
pub use crate::scan::model::{Nonce, ScanResult};
pub use crate::scan::undo::{Undo, UndoRefusal, undo};
pub use crate::scan::view::{FirstScan, Scanned};

use crate::scan::store;

/// The most tickets of one event that are told to be in; no event has more places.
const ADMITTED_MAX: i64 = 1_000_000;

/// Every ticket of an event that is in, at whichever list.
pub async fn admitted_of(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
) -> Result<HashSet<TicketId>, Fault> {
    Ok(store::all_in(tx, organisation, event, ADMITTED_MAX).await?.into_iter().collect())
}

/// When each of these tickets came in first, at whichever list; those that are not in are left out. One query.
pub async fn attendee_check_ins(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    tickets: &[TicketId],
) -> Result<HashMap<TicketId, Timestamp>, Fault> {
    if tickets.is_empty() {
        return Ok(HashMap::new());
    }
    store::entries_of(tx, organisation, event, tickets).await
}
