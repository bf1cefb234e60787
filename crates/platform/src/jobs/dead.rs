//! What an operator sees of the queue: what waits, what fails, what is dead, and how to bring it back.

use sqlx::{PgPool, Row};

use crate::Fault;

/// How many jobs one listing shows.
const JOBS_LISTED_MAX: i64 = 200;

/// One job of the queue.
#[derive(Debug, Clone)]
pub struct QueuedJob {
    /// Its number.
    pub id: i64,
    /// Its kind: `outreach.send_mail`.
    pub kind: String,
    /// Tries so far.
    pub attempts: i16,
    /// Tries in all; a job that used them up is dead.
    pub attempts_max: i16,
    /// When it runs next.
    pub run_at: String,
    /// What the last try said.
    pub last_error: Option<String>,
    /// Whether a worker has it right now.
    pub is_running: bool,
}

impl QueuedJob {
    /// Whether it waits for an operator.
    pub fn is_dead(&self) -> bool {
        self.attempts >= self.attempts_max
    }
}

/// Lists jobs, the dead ones only or all, oldest first. The queue's tables belong to its library, so this SQL is checked when it runs.
pub async fn list(pool: &PgPool, only_dead: bool) -> Result<Vec<QueuedJob>, Fault> {
    let rows = sqlx::query(
        "select id, task_identifier, attempts, max_attempts, to_char(run_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as run_at,
                last_error, locked_at is not null as is_running
         from graphile_worker.jobs
         where not $1 or attempts >= max_attempts
         order by id
         limit $2",
    )
    .bind(only_dead)
    .bind(JOBS_LISTED_MAX)
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(QueuedJob {
                id: row.try_get("id")?,
                kind: row.try_get("task_identifier")?,
                attempts: row.try_get("attempts")?,
                attempts_max: row.try_get("max_attempts")?,
                run_at: row.try_get("run_at")?,
                last_error: row.try_get("last_error")?,
                is_running: row.try_get("is_running")?,
            })
        })
        .collect()
}

/// Whether a job could run right now: a worker may have looked just before it was queued.
pub(super) async fn is_any_due(pool: &PgPool) -> Result<bool, Fault> {
    let due = "select exists (select from graphile_worker.jobs where run_at <= now() and attempts < max_attempts)";
    Ok(sqlx::query_scalar(due).fetch_one(pool).await?)
}

/// Gives a dead or waiting job its tries back and makes it due now. False when there is no such job, or a worker has it.
pub async fn retry(pool: &PgPool, id: i64) -> Result<bool, Fault> {
    let rows = sqlx::query(
        "select id from graphile_worker.reschedule_jobs(array[$1::bigint], run_at => now(), attempts => 0)",
    )
    .bind(id)
    .fetch_all(pool)
    .await?;
    Ok(!rows.is_empty())
}
