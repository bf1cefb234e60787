//! Tells PostgreSQL how large its tables are while they grow fast.
//!
//! A statement is planned when it is used first, and keeps its plan. What is planned for an empty table reads all of it, which costs nothing then
//! and everything an hour later: a sale on a fresh installation would slow down with every order until autovacuum looks at the table, a minute or
//! more later. So each node looks every two seconds, and has a table analysed that is four times as large as PostgreSQL thinks; that also has
//! every connection plan its statements again. A small sample will do: it is the size that matters, and autovacuum looks more closely later.

use std::time::Duration;

use sqlx::Executor;
use tokio_util::sync::CancellationToken;

use super::Db;
use crate::Fault;

/// How often the sizes are looked at.
const EVERY: Duration = Duration::from_secs(2);
/// Tables of fewer pages are read as fast whole as through an index.
const PAGES_MIN: i64 = 8;
/// How closely it is looked at: 300 times as many rows are read, a tenth of what PostgreSQL does by itself.
const TARGET: u32 = 10;

/// Keeps the statistics of tables that grow current until it is told to stop.
pub async fn keep_current(db: Db, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut has_failed = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match analyse_grown(&db).await {
            Ok(tables) => {
                has_failed = false;
                if !tables.is_empty() {
                    tracing::debug!(?tables, "statistics of tables that had grown are current again");
                }
            }
            // Autovacuum does it later. Once is enough to say so: a database that is away is told by everybody else.
            Err(fault) if !has_failed => {
                has_failed = true;
                tracing::warn!(%fault, "the statistics of tables could not be kept current; it is tried again");
            }
            Err(_) => {}
        }
    }
}

/// Has the tables analysed that are at least four times as large as when PostgreSQL looked last; answers which.
///
/// # Errors
/// When the database cannot be asked.
pub async fn analyse_grown(db: &Db) -> Result<Vec<String>, Fault> {
    let rows = sqlx::query!(
        "select c.oid::regclass::text as \"name!\"
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and pg_has_role(c.relowner, 'usage')
           and pg_relation_size(c.oid) / current_setting('block_size')::bigint >= greatest($1::bigint, 4 * c.relpages::bigint)",
        PAGES_MIN
    )
    .fetch_all(db.owner_pool())
    .await?;
    let tables: Vec<String> = rows.into_iter().map(|row| row.name).collect();
    for table in &tables {
        // Quoted by PostgreSQL itself; the statements are one transaction, since they are sent together. Another node that is at it already
        // does it for all, which is nothing to warn of.
        let statement = format!(
            "set local client_min_messages = error; set local default_statistics_target = {TARGET}; analyze (skip_locked) {table}"
        );
        db.owner_pool().execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statement))).await?;
    }
    Ok(tables)
}
