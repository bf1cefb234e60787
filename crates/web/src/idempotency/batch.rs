//! Keys are claimed, and answers stored, together with those of other requests: two commits for many keys instead of two for each.

use std::sync::Arc;

use platform::{Failure, Fault, Never, Platform, Scope, Together, Tx};

use super::store::{self, Claim, Claimed, Finished};

#[derive(Default)]
struct Keys {
    claims: Arc<Together<(), Claim, Result<Claimed, Fault>>>,
    answers: Arc<Together<(), Finished, ()>>,
}

/// Claims a key.
pub(super) async fn claim(platform: &Platform, claim: Claim) -> Result<Claimed, Fault> {
    let db = platform.db.clone();
    let run = move |(), claims| {
        let db = db.clone();
        async move {
            // A claim whose commit was lost is found again by its id; otherwise its client would have to wait until the claim is taken for dead.
            let claimed = db.write_repeatable(Scope::Nobody, "claim_idempotency_keys", claims, claim_all).await;
            claimed.map_err(Failure::into_fault)
        }
    };
    platform.locals.get::<Keys>().claims.ask((), claim, run).await?
}

/// One key's corrupt row is that key's fault only.
async fn claim_all(tx: &mut Tx, claims: Arc<[Claim]>) -> Result<Vec<Result<Claimed, Fault>>, Failure<Never>> {
    Ok(store::claim_all(tx, &claims).await?)
}

/// Stores an answer.
pub(super) async fn finish(platform: &Platform, finished: Finished) -> Result<(), Fault> {
    let db = platform.db.clone();
    let run = move |(), answers| {
        let db = db.clone();
        async move {
            let stored = db.write_repeatable(Scope::Nobody, "store_idempotent_answers", answers, finish_all).await;
            stored.map_err(Failure::into_fault)
        }
    };
    platform.locals.get::<Keys>().answers.ask((), finished, run).await
}

async fn finish_all(tx: &mut Tx, answers: Arc<[Finished]>) -> Result<Vec<()>, Failure<Never>> {
    store::finish_all(tx, &answers).await?;
    Ok(vec![(); answers.len()])
}
