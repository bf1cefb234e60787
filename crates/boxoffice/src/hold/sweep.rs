//! Tidying up after holds whose time ran out. Truth does not depend on it: buyers reclaim expired places themselves.

use std::time::Duration;

use kernel::{EventId, HoldId, OrganisationId};
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use tokio_util::sync::CancellationToken;

use super::model::Hold;
use super::store;
use crate::order;
use crate::pool::{
    self,
    model::{Cause, Stock},
};

/// How often a node looks for expired holds.
const SWEEP_SECONDS: u64 = 5;
/// How many holds one look finds.
const HOLDS_A_SWEEP_MAX: i64 = 500;

/// Gives the places of locked, expired holds back to a locked stock and ends the holds and their unpaid orders.
/// The caller saves the stock.
pub(crate) async fn reclaim(
    tx: &mut Tx,
    organisation: OrganisationId,
    expired: &[Hold],
    stock: &mut Stock,
) -> Result<(), Fault> {
    if expired.is_empty() {
        return Ok(());
    }
    for hold in expired {
        hold.give_back(stock, Cause::Expired).map_err(Fault::corrupt)?;
    }
    let ids: Vec<HoldId> = expired.iter().map(|hold| hold.id).collect();
    store::end(tx, organisation, &ids, "expired").await?;
    order::expire::expire_of_holds(tx, organisation, &ids).await
}

/// Clears the expired holds of one event; answers how many.
pub async fn sweep(tx: &mut Tx, (organisation, event): (OrganisationId, EventId)) -> Result<usize, Failure<Never>> {
    let expired = store::lock_expired(tx, organisation, event, HOLDS_A_SWEEP_MAX).await?;
    let pools: Vec<_> = expired.iter().flat_map(Hold::places).map(|(pool, _)| pool).collect();
    let mut stock = pool::store::lock(tx, organisation, &pools).await?;
    reclaim(tx, organisation, &expired, &mut stock).await?;
    pool::store::save(tx, organisation, &stock).await?;
    Ok(expired.len())
}

async fn due(tx: &mut Tx, limit: i64) -> Result<Vec<(OrganisationId, EventId)>, Failure<Never>> {
    Ok(store::due(tx, limit).await?)
}

/// Clears every expired hold there is; answers how many.
pub async fn sweep_all(platform: &Platform) -> Result<usize, Fault> {
    let mut swept = 0;
    loop {
        let due = platform
            .db
            .read(Scope::System, "find_expired_holds", HOLDS_A_SWEEP_MAX, due)
            .await
            .map_err(Failure::into_fault)?;
        let before = swept;
        for (organisation, event) in due {
            swept += platform
                .db
                .write(Scope::Tenant(organisation), "sweep_holds", (organisation, event), sweep)
                .await
                .map_err(Failure::into_fault)?;
        }
        if swept == before {
            return Ok(swept);
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
