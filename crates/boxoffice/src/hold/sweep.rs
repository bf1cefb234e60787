//! Tidying up after holds whose time ran out. Truth does not depend on it: buyers reclaim expired places themselves.

use std::collections::BTreeSet;
use std::time::Duration;

use kernel::{EventId, OrganisationId};
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use tokio_util::sync::CancellationToken;

use super::store;
use crate::lane;

/// How often a node looks for expired holds.
const SWEEP_SECONDS: u64 = 5;
/// How many holds one look finds.
const HOLDS_A_SWEEP_MAX: i64 = 500;

/// Clear the expired holds of an event away, as every batch of its lane does first.
#[derive(Debug, Clone, Copy)]
pub struct Sweep {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
}

async fn due(tx: &mut Tx, limit: i64) -> Result<Vec<(OrganisationId, EventId)>, Failure<Never>> {
    Ok(store::due(tx, limit).await?)
}

/// Clears every expired hold there is; answers how many events had some.
pub async fn sweep_all(platform: &Platform) -> Result<usize, Fault> {
    let mut swept = BTreeSet::new();
    loop {
        let due = platform
            .db
            .read(Scope::System, "find_expired_holds", HOLDS_A_SWEEP_MAX, due)
            .await
            .map_err(Failure::into_fault)?;
        let before = swept.len();
        for (organisation, event) in due {
            lane::ask(platform, Sweep { organisation, event }).await.map_err(Failure::into_fault)?;
            swept.insert(event);
        }
        if swept.len() == before {
            return Ok(swept.len());
        }
    }
}

/// Sweeps until it is told to stop. Faults are logged and tried again.
pub async fn run(platform: Platform, stop: CancellationToken) {
    loop {
        if let Err(fault) = sweep_all(&platform).await {
            tracing::warn!(%fault, "expired holds could not be swept; they are tried again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(SWEEP_SECONDS)) => {}
        }
    }
}
