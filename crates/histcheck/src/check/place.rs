//! Where each call stands in each pool it concerns.

use std::collections::BTreeMap;

use kernel::PoolId;

use super::SightOf;
use super::claim::Claims;
use crate::history::Operation;
use crate::journal::Ledger;

/// A call's stand in one pool, on a line where the change to version `v` is at `2v` and an answer that was true at version `v` at `2v + 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which call.
    pub operation: usize,
    /// It stands here or later.
    pub first: i64,
    /// Whatever comes after it stands here or later.
    pub last: i64,
    /// When it began.
    pub invoked: u64,
    /// When it was over.
    pub ended: u64,
}

/// The calls of each pool.
#[derive(Debug, Default)]
pub struct Places(pub BTreeMap<PoolId, Vec<Place>>);

impl Places {
    /// Places the calls that changed something and the answers that name their version.
    pub fn of(history: &[Operation], ledger: &Ledger, claims: &Claims, sights: &[SightOf]) -> Self {
        let mut places = Self::default();
        for (operation, change) in claims.changes() {
            let Some(change) = ledger.changes.get(change) else { continue };
            for part in &change.parts {
                places.add(history, operation, part.pool, 2 * part.first, 2 * part.last);
            }
        }
        // Someone who finds a hold ended comes after its end, any time after.
        for &(operation, change) in &claims.after {
            let Some(change) = ledger.changes.get(change) else { continue };
            for part in &change.parts {
                places.add(history, operation, part.pool, i64::MAX, 2 * part.last + 1);
            }
        }
        for sight in sights {
            places.add(history, sight.operation, sight.pool, 2 * sight.version + 1, 2 * sight.version + 1);
        }
        places
    }

    fn add(&mut self, history: &[Operation], operation: usize, pool: PoolId, first: i64, last: i64) {
        let Some(call) = history.get(operation) else { return };
        let place = Place { operation, first, last, invoked: call.invoked, ended: call.ended() };
        self.0.entry(pool).or_default().push(place);
    }
}

/// Looks up the extreme of one quantity over everything below or above a key.
#[derive(Debug, Default)]
pub struct Extremes<K, V> {
    keys: Vec<K>,
    best: Vec<V>,
}

impl<K: Ord + Copy, V: Copy> Extremes<K, V> {
    /// For [`Self::below`]: the best by `better` of all pairs with a smaller key.
    pub fn new(mut pairs: Vec<(K, V)>, better: fn(V, V) -> V) -> Self {
        pairs.sort_by_key(|pair| pair.0);
        let mut extremes = Self { keys: Vec::with_capacity(pairs.len()), best: Vec::with_capacity(pairs.len()) };
        for (key, value) in pairs {
            let best = extremes.best.last().map_or(value, |best| better(*best, value));
            extremes.keys.push(key);
            extremes.best.push(best);
        }
        extremes
    }

    /// The best of all with a key below this one.
    pub fn below(&self, key: K) -> Option<V> {
        let count = self.keys.partition_point(|other| *other < key);
        self.best.get(count.checked_sub(1)?).copied()
    }
}
