//! Checks the hash chains: a changed, missing or reordered entry shows.

use sqlx::PgPool;

use super::{GENESIS, Hashed};
use crate::Fault;

const ROWS_A_READ: i64 = 2_000;

/// An entry that does not follow from the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLink {
    /// `order`, `event`, ...
    pub aggregate_kind: String,
    /// Which one.
    pub aggregate_id: uuid::Uuid,
    /// The version at which the chain breaks.
    pub version: i64,
}

/// Recomputes every chain of the journal as its owner; answers the number of entries read and what is broken.
pub async fn verify(pool: &PgPool) -> Result<(u64, Vec<BrokenLink>), Fault> {
    let mut connection = pool.acquire().await?;
    sqlx::query("select set_config('turnout.scope', 'system', false)").execute(&mut *connection).await?;
    let mut broken = Vec::new();
    let mut read = 0_u64;
    let mut last: (String, uuid::Uuid, i64, Vec<u8>) = (String::new(), uuid::Uuid::nil(), 0, GENESIS.to_vec());
    loop {
        let rows = sqlx::query!(
            "select organisation_id, aggregate_kind, aggregate_id, aggregate_version, kind, payload, actor, recorded_at, previous_hash, hash
             from platform.journal
             where (aggregate_kind, aggregate_id, aggregate_version) > ($1, $2, $3)
             order by aggregate_kind, aggregate_id, aggregate_version
             limit $4",
            last.0,
            last.1,
            last.2,
            ROWS_A_READ
        )
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            return Ok((read, broken));
        }
        for row in rows {
            read += 1;
            let is_first = (last.0.as_str(), last.1) != (row.aggregate_kind.as_str(), row.aggregate_id);
            let (expected_version, previous) = if is_first { (1, GENESIS.to_vec()) } else { (last.2 + 1, last.3) };
            let hash = Hashed {
                previous: &previous,
                organisation: row.organisation_id,
                aggregate_kind: &row.aggregate_kind,
                aggregate_id: row.aggregate_id,
                version: row.aggregate_version,
                kind: &row.kind,
                payload: &row.payload,
                actor: &row.actor,
                at: row.recorded_at.to_jiff(),
            }
            .hash();
            if row.aggregate_version != expected_version || row.previous_hash != previous || row.hash != hash {
                broken.push(BrokenLink {
                    aggregate_kind: row.aggregate_kind.clone(),
                    aggregate_id: row.aggregate_id,
                    version: row.aggregate_version,
                });
            }
            last = (row.aggregate_kind, row.aggregate_id, row.aggregate_version, row.hash);
        }
    }
}
