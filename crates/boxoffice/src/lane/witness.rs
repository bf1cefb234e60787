//! Whether a commit whose answer was lost has happened.
//!
//! Every change of stock writes the next version of its pool into the pool's journal, in the same transaction. So the first line that a batch
//! wrote is a witness for all of it: it is there if and only if the batch was committed. A transaction id would not do, since PostgreSQL may
//! hand an id out again when a crash lost everything that was written under it.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{HoldId, OrderId, OrganisationId, PoolId};
use platform::{Failure, Never, Platform, Scope, Tx};

use crate::pool::model::Recorded;

/// How long the database is asked before the answer stays "unknown": longer than PostgreSQL takes to restart.
const LOOKING_MAX: Duration = Duration::from_secs(6);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// A line that a batch wrote into a pool's journal, if it was committed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Witness {
    organisation: OrganisationId,
    pool: PoolId,
    version: i64,
    hold: Option<HoldId>,
    order: Option<OrderId>,
    recorded_at: Timestamp,
}

impl Witness {
    pub(super) fn of(organisation: OrganisationId, line: &Recorded, recorded_at: Timestamp) -> Self {
        let (hold, order) = (line.change.hold, line.change.order);
        Self { organisation, pool: line.pool, version: line.version, hold, order, recorded_at }
    }
}

/// Asks until the database answers; none when it does not for some seconds, or when there is no witness to ask.
pub(super) async fn has_committed(
    platform: &Platform,
    organisation: OrganisationId,
    witness: Option<Witness>,
) -> Option<bool> {
    let witness = witness?;
    let looks = async {
        loop {
            match platform.db.write(Scope::Tenant(organisation), "look_for_witness", witness, look).await {
                Ok(is_there) => return is_there,
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    };
    tokio::time::timeout(LOOKING_MAX, looks).await.ok()
}

/// The pool's lock is held by the lost transaction until it has ended one way or the other, so whoever gets it sees the truth.
async fn look(tx: &mut Tx, witness: Witness) -> Result<bool, Failure<Never>> {
    sqlx::query!(
        "select id from boxoffice.pool where organisation_id = $1 and id = $2 for update",
        witness.organisation.uuid(),
        witness.pool.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let line = sqlx::query!(
        "select version
         from boxoffice.pool_journal
         where organisation_id = $1 and pool_id = $2 and version = $3 and recorded_at = $4
           and hold_id is not distinct from $5 and order_id is not distinct from $6",
        witness.organisation.uuid(),
        witness.pool.uuid(),
        witness.version,
        witness.recorded_at.to_sqlx(),
        witness.hold.map(HoldId::uuid),
        witness.order.map(OrderId::uuid)
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(line.is_some())
}
