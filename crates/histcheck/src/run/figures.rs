//! What a run was, and whether it proves anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use kernel::PoolId;
use testkit::Violation;

use super::workload::Workload;
use crate::anomaly::Anomaly;
use crate::history::{Answer, Call, Operation};
use crate::journal::Entry;

/// The figures of a run.
#[derive(Debug, Clone)]
pub struct Figures {
    /// What was run.
    pub workload: Workload,
    /// Calls.
    pub operations: usize,
    /// Pairs of calls that concern one pool and overlap in time.
    pub overlapping: u64,
    /// Refusals for want of places.
    pub refusals: usize,
    /// Calls whose outcome the client does not know.
    pub unknown: usize,
    /// Looks at the stock.
    pub looks: usize,
    /// Calls that a node was too busy for.
    pub turned_away: usize,
    /// Versions in the journal.
    pub versions: usize,
    /// Nodes that answered.
    pub nodes: usize,
    /// How long the clients worked.
    pub took: Duration,
    /// How long the check took.
    pub checked: Duration,
    /// What contradicts linearizability.
    pub anomalies: Vec<Anomaly>,
    /// Invariants that do not hold.
    pub violations: Vec<Violation>,
}

impl Figures {
    /// Counts.
    pub fn of(
        workload: Workload,
        history: &[Operation],
        journal: &[Entry],
        anomalies: Vec<Anomaly>,
        violations: Vec<Violation>,
        (took, checked): (Duration, Duration),
    ) -> Self {
        let count = |is: fn(&Operation) -> bool| history.iter().filter(|call| is(call)).count();
        let answered = history.iter().filter(|call| call.completed.is_some());
        Self {
            workload,
            operations: history.len(),
            overlapping: overlapping_pairs(history),
            refusals: count(|call| matches!(call.answer, Answer::SoldOut { .. } | Answer::BelowSold { .. })),
            unknown: count(|call| call.answer == Answer::Unknown),
            looks: count(|call| call.call == Call::Look),
            turned_away: count(|call| call.answer == Answer::TurnedAway),
            versions: journal.len(),
            nodes: answered.map(|call| call.node).collect::<BTreeSet<u32>>().len(),
            took,
            checked,
            anomalies,
            violations,
        }
    }

    /// Why the run fails: what it found, or what it needed and did not have. A run that nothing could go wrong in proves nothing.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints: Vec<String> = self.anomalies.iter().map(ToString::to_string).collect();
        complaints.extend(self.violations.iter().map(|broken| format!("broken invariant: {broken:?}")));
        let mut needs = |is_missing: bool, what: &str| {
            if is_missing {
                complaints.push(format!("the run had no {what}: it proves nothing"));
            }
        };
        needs(self.overlapping == 0, "overlapping calls");
        needs(self.refusals == 0, "refusal");
        needs(self.workload == Workload::HangUps && self.unknown == 0, "unknown outcome");
        complaints
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?}: {} operations in {:.1} s on {} nodes, {} overlapping pairs, {} refusals, {} looks, {} unknown, {} turned away; \
             {} versions checked in {:.3} s: {} anomalies, {} broken invariants",
            self.workload,
            self.operations,
            self.took.as_secs_f64(),
            self.nodes,
            self.overlapping,
            self.refusals,
            self.looks,
            self.unknown,
            self.turned_away,
            self.versions,
            self.checked.as_secs_f64(),
            self.anomalies.len(),
            self.violations.len()
        )
    }
}

/// Pairs of calls of one pool that overlap in time; a pair that shares two pools counts twice.
pub fn overlapping_pairs(history: &[Operation]) -> u64 {
    let mut by_pool: BTreeMap<PoolId, (Vec<u64>, Vec<u64>)> = BTreeMap::new();
    for call in history {
        for pool in call.pools() {
            let (begins, ends) = by_pool.entry(pool).or_default();
            begins.push(call.invoked);
            // A client that has gone is gone; what its call does later is not counted as overlap.
            ends.push(call.completed.unwrap_or(call.invoked));
        }
    }
    let in_pool = |(mut begins, mut ends): (Vec<u64>, Vec<u64>)| {
        begins.sort_unstable();
        ends.sort_unstable();
        let count = u64::try_from(begins.len()).unwrap_or(u64::MAX);
        let all = count.saturating_mul(count.saturating_sub(1)) / 2;
        // Each pair that does not overlap has one that was over before the other began.
        let over_before = |begin: &u64| u64::try_from(ends.partition_point(|end| end < begin)).unwrap_or(u64::MAX);
        all.saturating_sub(begins.iter().map(over_before).sum())
    };
    by_pool.into_values().map(in_pool).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn only_pairs_that_overlap_are_counted() {
        let pool = PoolId::from(Uuid::from_u128(1));
        let call = |invoked: u64, completed: u64| Operation {
            client: 0,
            node: 0,
            invoked,
            completed: Some(completed),
            call: Call::Resize { pool, capacity: 1 },
            answer: Answer::TurnedAway,
        };
        assert_eq!(overlapping_pairs(&[call(0, 10), call(5, 15), call(12, 20), call(30, 40)]), 2);
        assert_eq!(overlapping_pairs(&[call(0, 1), call(2, 3)]), 0);
    }
}
