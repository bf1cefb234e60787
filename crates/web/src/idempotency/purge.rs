//! Forgets keys that nobody will ask for again.

use jiff::SignedDuration;
use platform::{Failure, Fault, Platform, Scope};

use super::store;

/// Keys are kept so long: Stripe prunes after 24 hours; twice that covers a client that was offline for a day.
const KEPT_HOURS: i64 = 48;

/// Forgets all keys older than 48 hours; answers how many.
pub async fn purge(platform: &Platform) -> Result<u64, Fault> {
    let before = platform.clock.now() - SignedDuration::from_hours(KEPT_HOURS);
    let mut all = 0;
    loop {
        let deleted = platform
            .db
            .write(Scope::System, "purge_idempotency", before, store::purge)
            .await
            .map_err(Failure::into_fault)?;
        all += deleted;
        if deleted == 0 {
            return Ok(all);
        }
    }
}
