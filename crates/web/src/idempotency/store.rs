//! The rows of idempotency keys. Each function is a transaction of its own, beside that of the handler.

use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;
use platform::request::IdempotencyRef;
use platform::{Failure, Fault, Never, Tx};

use super::answer::StoredAnswer;

/// A request that has run longer than this was lost with its process.
const RUNNING_SECONDS_MAX: i64 = 60;

/// A request that wants to be the first with its key.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) reference: IdempotencyRef,
    pub(super) fingerprint: [u8; 32],
}

/// What became of the claim.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Claimed {
    /// It is the first, or takes over from one that was lost without an effect.
    Ours,
    /// The first is still running.
    Running,
    /// The first had an effect and was lost before its answer was stored.
    Unknown,
    /// The first has been answered.
    Done(StoredAnswer),
    /// The key belongs to another request.
    OtherRequest,
}

/// Claims a key. Of any number at once, the unique key lets one in.
pub(super) async fn claim(tx: &mut Tx, claim: Claim) -> Result<Claimed, Failure<Never>> {
    let now = tx.now();
    let lost_before = now - SignedDuration::from_secs(RUNNING_SECONDS_MAX);
    let row = sqlx::query!(
        "insert into platform.idempotency as i (caller, key, fingerprint, state, created_at)
         values ($1, $2, $3, 'in_progress', $4)
         on conflict (caller, key) do update
         set created_at = excluded.created_at
         where i.state = 'in_progress' and i.created_at < $5 and i.fingerprint = excluded.fingerprint
         returning i.key",
        claim.reference.caller,
        claim.reference.key,
        claim.fingerprint.as_slice(),
        now.to_sqlx(),
        lost_before.to_sqlx()
    )
    .fetch_optional(tx.conn())
    .await?;
    if row.is_some() {
        return Ok(Claimed::Ours);
    }
    let row = sqlx::query!(
        "select fingerprint, state, status, headers, body, created_at
         from platform.idempotency
         where caller = $1 and key = $2",
        claim.reference.caller,
        claim.reference.key
    )
    .fetch_optional(tx.conn())
    .await?;
    // A row that was there a moment ago and is not any more was released by a fault: the client may try again at once.
    let Some(row) = row else { return Ok(Claimed::Running) };
    if row.fingerprint != claim.fingerprint {
        return Ok(Claimed::OtherRequest);
    }
    match (row.status, row.headers, row.body) {
        (Some(status), Some(headers), Some(body)) => Ok(Claimed::Done(StoredAnswer { status, headers, body })),
        (Some(_), ..) => Err(Fault::corrupt("a stored answer without headers or body").into()),
        _ if row.state == "effect" && row.created_at.to_jiff() < lost_before => Ok(Claimed::Unknown),
        _ => Ok(Claimed::Running),
    }
}

/// Frees a key whose request broke before anything was committed. A commit under way holds the row, so this waits for its outcome.
pub(super) async fn release(tx: &mut Tx, reference: IdempotencyRef) -> Result<(), Failure<Never>> {
    sqlx::query!(
        "delete from platform.idempotency
         where caller = $1 and key = $2 and state = 'in_progress'",
        reference.caller,
        reference.key
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A request that has been answered.
#[derive(Debug, Clone)]
pub(super) struct Finished {
    pub(super) reference: IdempotencyRef,
    pub(super) answer: StoredAnswer,
}

/// Stores the answer. A key that was released stays free.
pub(super) async fn finish(tx: &mut Tx, finished: Finished) -> Result<(), Failure<Never>> {
    sqlx::query!(
        "update platform.idempotency
         set state = 'done', status = $3, headers = $4, body = $5
         where caller = $1 and key = $2 and state in ('in_progress', 'effect')",
        finished.reference.caller,
        finished.reference.key,
        finished.answer.status,
        finished.answer.headers,
        finished.answer.body
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes keys older than the instant, a bounded number at once; answers how many.
pub(super) async fn purge(tx: &mut Tx, before: jiff::Timestamp) -> Result<u64, Failure<Never>> {
    let deleted = sqlx::query!(
        "delete from platform.idempotency
         where (caller, key) in (
           select caller, key
           from platform.idempotency
           where created_at < $1
           order by created_at
           limit 5000
           for update skip locked)",
        before.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
