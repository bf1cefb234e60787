//! Answers that name no version: some version between what was over before and what began after must justify them.

use std::collections::{BTreeMap, HashMap};

use kernel::PoolId;

use super::place::{Extremes, Place, Places};
use crate::anomaly::Anomaly;
use crate::history::{Answer, Call, Operation};
use crate::journal::{Ledger, Numbers, PoolLog};

/// What a pool must have been when the answer was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Truth {
    /// So many places left.
    Available(i64),
    /// So many held and sold.
    Taken {
        /// Held.
        held: i64,
        /// Sold.
        sold: i64,
    },
    /// Of this capacity.
    Capacity(i64),
    /// Nothing makes it true: it contradicts itself.
    Never,
}

impl Truth {
    fn all_of(state: Numbers) -> [Self; 3] {
        [
            Self::Available(state.available()),
            Self::Taken { held: state.held, sold: state.sold },
            Self::Capacity(state.capacity),
        ]
    }
}

/// An answer without a version.
#[derive(Debug, Clone, Copy)]
pub struct Fact {
    operation: usize,
    pool: PoolId,
    truth: Truth,
}

impl Fact {
    /// What a refusal says, when it names no version.
    pub fn told(operation: usize, call: &Operation) -> Option<Self> {
        match (&call.call, &call.answer) {
            (_, Answer::SoldOut { pool, version: None, available }) => {
                let is_short = call.call.wants(*pool).is_some_and(|wanted| *available < wanted);
                let truth = if is_short { Truth::Available(i64::from(*available)) } else { Truth::Never };
                Some(Self { operation, pool: *pool, truth })
            }
            (Call::Resize { pool, capacity }, Answer::BelowSold { sold, held }) => {
                let (held, sold) = (i64::from(*held), i64::from(*sold));
                let is_below = i64::from(*capacity) < held + sold;
                let truth = if is_below { Truth::Taken { held, sold } } else { Truth::Never };
                Some(Self { operation, pool: *pool, truth })
            }
            _ => None,
        }
    }

    /// A resize that was done and changed nothing found the capacity as it wanted it.
    pub fn of_idle(operation: usize, history: &[Operation]) -> Option<Self> {
        let Call::Resize { pool, capacity } = &history.get(operation)?.call else { return None };
        Some(Self { operation, pool: *pool, truth: Truth::Capacity(i64::from(*capacity)) })
    }
}

/// Places each answer at the earliest version that justifies it; earliest first leaves the most to those that come later.
pub fn check(history: &[Operation], ledger: &Ledger, places: &Places, facts: &[Fact], anomalies: &mut Vec<Anomaly>) {
    let mut by_pool: BTreeMap<PoolId, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        by_pool.entry(fact.pool).or_default().push(fact);
    }
    let (no_log, no_places) = (PoolLog::default(), Vec::new());
    for (pool, mut facts) in by_pool {
        facts.sort_by_key(|fact| history.get(fact.operation).map(|call| call.invoked));
        let log = ledger.pools.get(&pool).unwrap_or(&no_log);
        in_pool(history, log, places.0.get(&pool).unwrap_or(&no_places), &facts, anomalies);
    }
}

fn in_pool(history: &[Operation], log: &PoolLog, places: &[Place], facts: &[&Fact], anomalies: &mut Vec<Anomaly>) {
    let window = Window::new(places);
    let mut versions: HashMap<Truth, Vec<i64>> = HashMap::new();
    for version in 1..=log.last() {
        for truth in log.state(version).into_iter().flat_map(Truth::all_of) {
            versions.entry(truth).or_default().push(version);
        }
    }
    // Answers already placed, by the end of their call; moved into `floor` once over.
    let mut running = std::collections::BinaryHeap::new();
    let mut floor = 0;
    for fact in facts {
        let Some(call) = history.get(fact.operation) else { continue };
        while let Some(&std::cmp::Reverse((ended, version))) = running.peek() {
            if ended >= call.invoked {
                break;
            }
            floor = i64::max(floor, version);
            running.pop();
        }
        let (from, to) = window.of(call, log.last());
        let from = from.max(floor);
        let candidates = versions.get(&fact.truth).map(Vec::as_slice).unwrap_or_default();
        match candidates.get(candidates.partition_point(|version| *version < from)) {
            Some(version) if *version <= to => running.push(std::cmp::Reverse((call.ended(), *version))),
            _ => anomalies.push(Anomaly::NeverTrue { operation: call.clone(), pool: fact.pool, from, to }),
        }
    }
}

/// Which versions of a pool a call may be about.
struct Window {
    over_before: Extremes<u64, i64>,
    begun_after: Extremes<std::cmp::Reverse<u64>, i64>,
}

impl Window {
    fn new(places: &[Place]) -> Self {
        let over = places.iter().map(|place| (place.ended, place.last)).collect();
        let begun = places.iter().map(|place| (std::cmp::Reverse(place.invoked), place.first)).collect();
        Self { over_before: Extremes::new(over, std::cmp::max), begun_after: Extremes::new(begun, std::cmp::min) }
    }

    fn of(&self, call: &Operation, newest: i64) -> (i64, i64) {
        let from = self.over_before.below(call.invoked).map_or(0, |place| place.div_euclid(2));
        let to =
            self.begun_after.below(std::cmp::Reverse(call.ended())).map_or(newest, |place| (place - 1).div_euclid(2));
        (from, to.min(newest))
    }
}
