//! The pool journal as it stands in the database, for whoever checks what clients were told against it.

use sqlx::{PgPool, Row};
use uuid::Uuid;

/// A line of the pool journal: what one change added to one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolJournalLine {
    /// Which pool.
    pub pool: Uuid,
    /// Which change of it, from 1.
    pub version: i64,
    /// Added to the capacity.
    pub capacity: i32,
    /// Added to the held places.
    pub held: i32,
    /// Added to the sold places.
    pub sold: i32,
    /// Why.
    pub cause: String,
    /// For which hold.
    pub hold: Option<Uuid>,
    /// For which order.
    pub order: Option<Uuid>,
}

/// All lines of some pools on one snapshot, by pool and version, as the superuser sees them.
pub async fn pool_journal(database: &PgPool, pools: &[Uuid]) -> Vec<PoolJournalLine> {
    let rows = sqlx::query(
        "select pool_id, version, capacity_delta, held_delta, sold_delta, cause, hold_id, order_id
         from boxoffice.pool_journal
         where pool_id = any($1)
         order by pool_id, version",
    )
    .bind(pools)
    .fetch_all(database)
    .await
    .expect("the pool journal can be read");
    rows.iter()
        .map(|row| PoolJournalLine {
            pool: row.get(0),
            version: row.get(1),
            capacity: row.get(2),
            held: row.get(3),
            sold: row.get(4),
            cause: row.get(5),
            hold: row.get(6),
            order: row.get(7),
        })
        .collect()
}
