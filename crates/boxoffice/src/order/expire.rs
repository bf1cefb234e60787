//! Orders that nobody paid in time: they end with their holds.

use kernel::events::OrderExpired;
use kernel::{HoldId, OrganisationId};
use platform::{Fault, Tx};

use super::store;

/// Ends the unpaid orders of holds that have just expired, in the same transaction and under the holds' locks.
pub(crate) async fn expire_of_holds(tx: &mut Tx, organisation: OrganisationId, holds: &[HoldId]) -> Result<(), Fault> {
    for (order, event) in store::expire_of_holds(tx, organisation, holds).await? {
        tx.record(Some(organisation), &OrderExpired { order, event }).await?;
    }
    Ok(())
}
