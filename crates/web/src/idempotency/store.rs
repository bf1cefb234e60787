//! The rows of idempotency keys, written in transactions of their own, beside that of the handler.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use platform::request::IdempotencyRef;
use platform::{Failure, Fault, Never, Tx};
use uuid::{Builder, Uuid};

use super::answer::StoredAnswer;

/// A request that has run longer was lost with its process.
const RUNNING_SECONDS_MAX: i64 = 60;

/// A request that wants to be the first with its key.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    /// Tells it from all others of its key, so that a claim can be made again when nobody knows whether it was committed.
    id: Uuid,
    reference: IdempotencyRef,
    fingerprint: [u8; 32],
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

/// Claims some keys. Of any number of claims of one key, the unique key lets one in.
pub(super) async fn claim_all(tx: &mut Tx, claims: &[Claim]) -> Result<Vec<Result<Claimed, Fault>>, Fault> {
    // In one order everywhere, so that batches of several nodes wait for each other and do not deadlock. Of two claims of a key in one batch
    // the first goes in, and the second finds it running.
    let mut firsts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (at, claim) in claims.iter().enumerate() {
        firsts.entry(claim.name()).or_insert(at);
    }
    let first = |at: usize| claims.get(at).map(|claim| firsts.get(&claim.name()) == Some(&at)) == Some(true);
    let ours = insert(tx, firsts.values().filter_map(|at| claims.get(*at))).await?;
    let is_ours = |at: usize, claim: &Claim| first(at) && ours.contains(&claim.owned_name());
    let others = claims.iter().enumerate().filter(|(at, claim)| !is_ours(*at, claim)).map(|(_, claim)| claim);
    let known = find(tx, others).await?;
    let lost_before = lost_before(tx.now());
    let claimed = claims.iter().enumerate().map(|(at, claim)| {
        if is_ours(at, claim) {
            return Ok(Claimed::Ours);
        }
        // A row that was there a moment ago and is not any more was released by a fault: the client may try again at once.
        known.get(&claim.owned_name()).map_or(Ok(Claimed::Running), |row| row.claimed(claim, lost_before))
    });
    Ok(claimed.collect())
}

/// A request that has run longer than this was lost with its process.
fn lost_before(now: Timestamp) -> Timestamp {
    now - SignedDuration::from_secs(RUNNING_SECONDS_MAX)
}

impl Claim {
    pub(super) fn new(random: [u8; 16], reference: IdempotencyRef, fingerprint: [u8; 32]) -> Self {
        Self { id: Builder::from_random_bytes(random).into_uuid(), reference, fingerprint }
    }

    fn name(&self) -> (&str, &str) {
        (&self.reference.caller, &self.reference.key)
    }

    fn owned_name(&self) -> Name {
        (self.reference.caller.clone(), self.reference.key.clone())
    }
}

/// Caller and key.
type Name = (String, String);

/// Writes the rows of keys that are new, or whose request was lost without an effect; answers which. A claim that is made again, because its
/// commit got no answer, finds its own row.
async fn insert<'a>(tx: &mut Tx, claims: impl Iterator<Item = &'a Claim>) -> Result<HashSet<Name>, Fault> {
    let claims: Vec<&Claim> = claims.collect();
    let (callers, keys): (Vec<String>, Vec<String>) = claims.iter().map(|claim| claim.owned_name()).unzip();
    let fingerprints: Vec<Vec<u8>> = claims.iter().map(|claim| claim.fingerprint.to_vec()).collect();
    let ids: Vec<Uuid> = claims.iter().map(|claim| claim.id).collect();
    let now = tx.now();
    let rows = sqlx::query!(
        "insert into platform.idempotency as i (caller, key, fingerprint, claim, state, created_at)
         select c.caller, c.key, c.fingerprint, c.claim, 'in_progress', $5
         from unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[]) with ordinality as c (caller, key, fingerprint, claim, place)
         order by c.place
         on conflict (caller, key) do update
         set created_at = excluded.created_at, claim = excluded.claim
         where i.state = 'in_progress' and i.fingerprint = excluded.fingerprint and (i.claim = excluded.claim or i.created_at < $6)
         returning i.caller, i.key",
        &callers,
        &keys,
        &fingerprints,
        &ids,
        now.to_sqlx(),
        lost_before(now).to_sqlx()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.caller, row.key)).collect())
}

/// A key that somebody claimed before.
struct Known {
    fingerprint: Vec<u8>,
    state: String,
    created_at: Timestamp,
    status: Option<i16>,
    headers: Option<serde_json::Value>,
    body: Option<Vec<u8>>,
}

impl Known {
    fn claimed(&self, claim: &Claim, lost_before: Timestamp) -> Result<Claimed, Fault> {
        if self.fingerprint != claim.fingerprint {
            return Ok(Claimed::OtherRequest);
        }
        match (self.status, &self.headers, &self.body) {
            (Some(status), Some(headers), Some(body)) => {
                Ok(Claimed::Done(StoredAnswer { status, headers: headers.clone(), body: body.clone() }))
            }
            (Some(_), ..) => Err(Fault::corrupt("a stored answer without headers or body")),
            _ if self.state == "effect" && self.created_at < lost_before => Ok(Claimed::Unknown),
            _ => Ok(Claimed::Running),
        }
    }
}

async fn find<'a>(tx: &mut Tx, claims: impl Iterator<Item = &'a Claim>) -> Result<HashMap<Name, Known>, Fault> {
    let (callers, keys): (Vec<String>, Vec<String>) = claims.map(Claim::owned_name).unzip();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        "select i.caller, i.key, i.fingerprint, i.state, i.status, i.headers, i.body, i.created_at
         from (select distinct caller, key from unnest($1::text[], $2::text[]) as c (caller, key)) c
         join platform.idempotency i on i.caller = c.caller and i.key = c.key",
        &callers,
        &keys
    )
    .fetch_all(tx.conn())
    .await?;
    let known = rows.into_iter().map(|row| {
        let known = Known {
            fingerprint: row.fingerprint,
            state: row.state,
            created_at: row.created_at.to_jiff(),
            status: row.status,
            headers: row.headers,
            body: row.body,
        };
        ((row.caller, row.key), known)
    });
    Ok(known.collect())
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

/// Stores answers. A key that was released stays free.
pub(super) async fn finish_all(tx: &mut Tx, answers: &[Finished]) -> Result<(), Fault> {
    let mut answers: Vec<&Finished> = answers.iter().collect();
    answers.sort_by_key(|finished| (&finished.reference.caller, &finished.reference.key));
    let callers: Vec<String> = answers.iter().map(|finished| finished.reference.caller.clone()).collect();
    let keys: Vec<String> = answers.iter().map(|finished| finished.reference.key.clone()).collect();
    let statuses: Vec<i16> = answers.iter().map(|finished| finished.answer.status).collect();
    let headers: Vec<serde_json::Value> = answers.iter().map(|finished| finished.answer.headers.clone()).collect();
    let bodies: Vec<Vec<u8>> = answers.iter().map(|finished| finished.answer.body.clone()).collect();
    sqlx::query!(
        "update platform.idempotency i
         set state = 'done', status = a.status, headers = a.headers, body = a.body
         from unnest($1::text[], $2::text[], $3::smallint[], $4::jsonb[], $5::bytea[]) as a (caller, key, status, headers, body)
         where i.caller = a.caller and i.key = a.key and i.state in ('in_progress', 'effect')",
        &callers,
        &keys,
        &statuses,
        &headers,
        &bodies
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

/// Deletes keys older than the instant, a bounded number at once; answers how many.
pub(super) async fn purge(tx: &mut Tx, before: Timestamp) -> Result<u64, Failure<Never>> {
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
