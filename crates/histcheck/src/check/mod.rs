//! Decides whether a history is linearizable, given the journal that the database kept of it: a sort instead of a search.
//!
//! The problem is NP-hard in general (Gibbons and Korach, Testing Shared Memories, 1997). Here each change has a version, numbered without a gap in its
//! pool and kept in the change's own transaction, so the order of each pool is known and only has to be held against real time and against
//! the other pools (the idea of Elle, Kingsbury and Alvaro 2020, with the version order given instead of inferred). O(n log n).
//!
//! Exact for every answer that names its version. An answer that names none is exact where one pool is concerned; where several pools
//! constrain it, it is judged by what bounds it directly, which never accuses wrongly.

mod claim;
mod graph;
mod loose;
mod order;
mod place;

use kernel::PoolId;

use crate::anomaly::Anomaly;
use crate::history::{Answer, Call, Operation};
use crate::journal::{Entry, Ledger};
use claim::Claims;
use loose::Fact;
use place::Places;

/// A broken history has too much to tell; so many anomalies are told.
pub const ANOMALIES_TOLD_MAX: usize = 50;

/// Everything that contradicts linearizability, empty when nothing does. The journal is that of all pools that the history names,
/// from their first version, read after the last call.
pub fn check(history: &[Operation], journal: &[Entry]) -> Vec<Anomaly> {
    let (ledger, mut anomalies) = Ledger::replay(journal);
    if anomalies.iter().all(|anomaly| !matches!(anomaly, Anomaly::Gap { .. })) {
        check_calls(history, &ledger, &mut anomalies);
    }
    anomalies.truncate(ANOMALIES_TOLD_MAX);
    anomalies
}

fn check_calls(history: &[Operation], ledger: &Ledger, anomalies: &mut Vec<Anomaly>) {
    let sights = sights(history, ledger, anomalies);
    let mut claims = Claims::exact(history, ledger, anomalies);
    claims.claim_the_rest(history, ledger, &sights, anomalies);
    let places = Places::of(history, ledger, &claims, &sights);
    let before = anomalies.len();
    order::check(history, &places, anomalies);
    let mut facts: Vec<Fact> = history.iter().enumerate().filter_map(|(at, call)| Fact::told(at, call)).collect();
    facts.extend(claims.idle.iter().filter_map(|at| Fact::of_idle(*at, history)));
    loose::check(history, ledger, &places, &facts, anomalies);
    // A pair that is out of order is a circle too, and says more.
    if anomalies.len() == before {
        anomalies.extend(graph::circle(history, ledger, &claims, &sights));
    }
}

/// An answer that tells what a pool was at one version.
#[derive(Debug, Clone, Copy)]
struct SightOf {
    operation: usize,
    pool: PoolId,
    version: i64,
}

/// Collects the answers that name a version, and holds them against the journal.
fn sights(history: &[Operation], ledger: &Ledger, anomalies: &mut Vec<Anomaly>) -> Vec<SightOf> {
    let mut sights = Vec::new();
    for (operation, call) in history.iter().enumerate() {
        for (pool, version, is_true) in told(call, ledger) {
            if is_true {
                sights.push(SightOf { operation, pool, version });
            } else {
                let state = ledger.state(pool, version);
                anomalies.push(Anomaly::Untrue { operation: call.clone(), pool, version, state });
            }
        }
    }
    sights
}

/// The pools and versions an answer names, each with whether it is true.
fn told(operation: &Operation, ledger: &Ledger) -> Vec<(PoolId, i64, bool)> {
    match &operation.answer {
        Answer::SoldOut { pool, version: Some(version), available } => {
            let is_short = operation.call.wants(*pool).is_some_and(|wanted| *available < wanted);
            let is_true = ledger.state(*pool, *version).is_some_and(|state| state.available() == i64::from(*available));
            vec![(*pool, *version, is_short && is_true)]
        }
        Answer::Saw(seen) => seen
            .iter()
            .map(|sight| {
                let is_true = ledger.state(sight.pool, sight.version).is_some_and(|state| {
                    sight.available.is_none_or(|available| i64::from(available) == state.available())
                        && sight.stock.is_none_or(|(capacity, held, sold)| {
                            (i64::from(capacity), i64::from(held), i64::from(sold))
                                == (state.capacity, state.held, state.sold)
                        })
                });
                (sight.pool, sight.version, is_true)
            })
            .collect(),
        _ => Vec::new(),
    }
}

impl Call {
    /// How many places of a pool a hold or a purchase wants.
    fn wants(&self, pool: PoolId) -> Option<i32> {
        match self {
            Self::Hold(draws) | Self::Buy(draws) => {
                draws.iter().find(|draw| draw.pool == pool).map(|draw| draw.quantity)
            }
            _ => None,
        }
    }
}
