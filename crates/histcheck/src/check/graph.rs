//! All pools together: version order, real time and what each answer saw must form no circle.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::SightOf;
use super::claim::Claims;
use crate::anomaly::{Anomaly, Step};
use crate::history::Operation;
use crate::journal::Ledger;

/// Nodes are the changes, then the calls (those that made a change share its node), then one node for each end of a call: a clock that
/// gives the real-time order with two edges a call instead of one a pair.
struct Graph {
    next: Vec<Vec<usize>>,
    calls: usize,
    clock: usize,
}

/// A circle, if there is one: no single order of the calls explains all pools.
pub fn circle(history: &[Operation], ledger: &Ledger, claims: &Claims, sights: &[SightOf]) -> Option<Anomaly> {
    let mut graph = Graph::new(history.len(), ledger.changes.len());
    let mut node_of: Vec<usize> = (graph.calls..graph.clock).collect();
    for (operation, change) in claims.changes() {
        if let Some(node) = node_of.get_mut(operation) {
            *node = change;
        }
    }
    for log in ledger.pools.values() {
        for pair in log.changes().windows(2) {
            if let [before, after] = pair
                && before != after
            {
                graph.edge(*before, *after);
            }
        }
    }
    for sight in sights {
        let Some(node) = node_of.get(sight.operation) else { continue };
        if let Some(before) = ledger.change_at(sight.pool, sight.version) {
            graph.edge(before, *node);
        }
        if let Some(after) = ledger.change_at(sight.pool, sight.version + 1) {
            graph.edge(*node, after);
        }
    }
    for (operation, change) in &claims.after {
        if let Some(node) = node_of.get(*operation) {
            graph.edge(*change, *node);
        }
    }
    graph.add_clock(history, &node_of);
    let steps = graph.find_circle()?;
    let step = |node: &usize| {
        if let Some(change) = ledger.changes.get(*node) {
            let owner = claims.operation_of(*node).and_then(|owner| history.get(owner));
            return Some(owner.map_or_else(|| Step::Change(change.clone()), |owner| Step::Operation(owner.clone())));
        }
        history.get(node.checked_sub(graph.calls)?).cloned().map(Step::Operation)
    };
    Some(Anomaly::Cycle { steps: steps.iter().filter_map(step).collect() })
}

impl Graph {
    fn new(calls: usize, changes: usize) -> Self {
        let nodes = changes + calls * 2;
        Self { next: vec![Vec::new(); nodes], calls: changes, clock: changes + calls }
    }

    fn edge(&mut self, from: usize, to: usize) {
        if let Some(next) = self.next.get_mut(from) {
            next.push(to);
        }
    }

    /// A call leads to the tick of its end; a tick to the next, and to the calls that began after it and before the next.
    fn add_clock(&mut self, history: &[Operation], node_of: &[usize]) {
        let mut ends: BTreeMap<u64, usize> = BTreeMap::new();
        for call in history.iter().filter(|call| call.ended() < u64::MAX) {
            let tick = self.clock + ends.len();
            ends.entry(call.ended()).or_insert(tick);
        }
        let ticks: Vec<usize> = ends.values().copied().collect();
        for pair in ticks.windows(2) {
            if let [before, after] = pair {
                self.edge(*before, *after);
            }
        }
        for (call, node) in history.iter().zip(node_of) {
            if let Some(tick) = ends.get(&call.ended()) {
                self.edge(*node, *tick);
            }
            if let Some((_, tick)) = ends.range(..call.invoked).next_back() {
                self.edge(*tick, *node);
            }
        }
    }

    /// Takes away, again and again, what nothing comes before (Kahn 1962). What stays holds a circle; a shortest one is returned.
    fn find_circle(&self) -> Option<Vec<usize>> {
        let mut before = vec![0_usize; self.next.len()];
        for to in self.next.iter().flatten() {
            if let Some(count) = before.get_mut(*to) {
                *count += 1;
            }
        }
        let mut free: Vec<usize> =
            before.iter().enumerate().filter(|(_, count)| **count == 0).map(|(node, _)| node).collect();
        while let Some(node) = free.pop() {
            for to in self.next.get(node).into_iter().flatten() {
                if let Some(count) = before.get_mut(*to) {
                    *count -= 1;
                    if *count == 0 {
                        free.push(*to);
                    }
                }
            }
        }
        let is_stuck = |node: usize| before.get(node).is_some_and(|count| *count > 0);
        let start = self.on_a_circle((0..self.next.len()).find(|node| is_stuck(*node))?, &is_stuck);
        self.shortest_circle(start, &is_stuck)
    }

    /// Walks backwards among the stuck nodes, each of which has a stuck one before it, until one comes again: that one is on a circle.
    fn on_a_circle(&self, from: usize, is_stuck: &dyn Fn(usize) -> bool) -> usize {
        let mut back = vec![None; self.next.len()];
        for (node, next) in self.next.iter().enumerate().filter(|(node, _)| is_stuck(*node)) {
            for to in next {
                if let Some(slot) = back.get_mut(*to) {
                    *slot = Some(node);
                }
            }
        }
        let mut is_seen = vec![false; self.next.len()];
        let mut node = from;
        while let Some(seen) = is_seen.get_mut(node).filter(|seen| !**seen) {
            *seen = true;
            match back.get(node).copied().flatten() {
                Some(before) => node = before,
                None => break,
            }
        }
        node
    }

    /// The way back to a node with the fewest calls on it; ticks of the clock cost nothing.
    fn shortest_circle(&self, start: usize, is_stuck: &dyn Fn(usize) -> bool) -> Option<Vec<usize>> {
        let mut reached: BTreeMap<usize, usize> = BTreeMap::new();
        let mut open = std::collections::BinaryHeap::from([Reverse((0_usize, start))]);
        while let Some(Reverse((cost, node))) = open.pop() {
            for to in self.next.get(node).into_iter().flatten().copied().filter(|to| is_stuck(*to)) {
                if to == start {
                    return Some(self.way_back(&reached, start, node));
                }
                if let std::collections::btree_map::Entry::Vacant(slot) = reached.entry(to) {
                    slot.insert(node);
                    open.push(Reverse((cost + usize::from(to < self.clock), to)));
                }
            }
        }
        None
    }

    fn way_back(&self, reached: &BTreeMap<usize, usize>, start: usize, last: usize) -> Vec<usize> {
        let mut way = vec![last];
        let mut node = last;
        while let Some(before) = reached.get(&node).filter(|_| node != start) {
            way.push(*before);
            node = *before;
        }
        way.reverse();
        way.dedup();
        way.retain(|node| *node < self.clock);
        way
    }
}
