//! Keys are claimed, and answers stored, together with those of other requests: two commits for many keys instead of two for each.

use std::sync::Arc;

use platform::{Failure, Fault, Never, Platform, Scope, Together, Tx};

use super::store::{self, Claim, Claimed, Finished};

#[derive(Default)]
struct Keys {
    claims: Arc<Together<(), Claim, Result<Claimed, Fault>>>,
    answers: Arc<Together<(), Finished, Result<(), Fault>>>,
}

/// Claims a key.
pub(super) async fn claim(platform: &Platform, claim: Claim) -> Result<Claimed, Fault> {
    let db = platform.db.clone();
    let run = move |(), claims: Vec<Claim>| {
        let db = db.clone();
        async move {
            let count = claims.len();
            let claims: Arc<[Claim]> = claims.into();
            each(db.write(Scope::Nobody, "claim_idempotency_keys", claims, claim_all).await, count)
        }
    };
    platform.locals.get::<Keys>().claims.ask((), claim, run).await?
}

async fn claim_all(tx: &mut Tx, claims: Arc<[Claim]>) -> Result<Vec<Claimed>, Failure<Never>> {
    Ok(store::claim_all(tx, &claims).await?)
}

/// Stores an answer.
pub(super) async fn finish(platform: &Platform, finished: Finished) -> Result<(), Fault> {
    let db = platform.db.clone();
    let run = move |(), answers: Vec<Finished>| {
        let db = db.clone();
        async move {
            let count = answers.len();
            let answers: Arc<[Finished]> = answers.into();
            each(db.write(Scope::Nobody, "store_idempotent_answers", answers, finish_all).await, count)
        }
    };
    platform.locals.get::<Keys>().answers.ask((), finished, run).await?
}

async fn finish_all(tx: &mut Tx, answers: Arc<[Finished]>) -> Result<Vec<()>, Failure<Never>> {
    store::finish_all(tx, &answers).await?;
    Ok(vec![(); answers.len()])
}

/// What became of each; the fault of the transaction is everyone's.
fn each<T>(outcome: Result<Vec<T>, Failure<Never>>, count: usize) -> Vec<Result<T, Fault>> {
    match outcome.map_err(Failure::into_fault) {
        Ok(values) => values.into_iter().map(Ok).collect(),
        Err(fault) => {
            let fault = Arc::new(fault);
            (0..count).map(|_| Err(Fault::Shared(Arc::clone(&fault)))).collect()
        }
    }
}
