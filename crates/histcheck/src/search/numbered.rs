//! A box office that must write a given journal, version by version.

use std::collections::BTreeMap;

use kernel::{HoldId, PoolId};

use super::Model;
use crate::history::{Answer, Call, Draw, Operation};
use crate::journal::{Cause, Entry};

/// The journal, cut into changes. A change is what one cause did for one hold or order.
pub struct Book {
    changes: Vec<Vec<Entry>>,
    pools: Vec<PoolId>,
}

/// Which changes have been made, a bit for each, and the pools as they are then.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    made: u64,
    pools: BTreeMap<PoolId, Stock>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Stock {
    version: i64,
    capacity: i64,
    held: i64,
    sold: i64,
}

impl Book {
    /// `None` when there are more changes than a state can count.
    pub fn new(journal: &[Entry]) -> Option<Self> {
        let mut changes: Vec<Vec<Entry>> = Vec::new();
        let mut sorted = journal.to_vec();
        sorted.sort_by_key(|entry| (entry.pool, entry.version));
        for entry in sorted {
            let is_named = entry.hold.is_some() || entry.order.is_some();
            let same = changes.iter_mut().find(|change| {
                let is_same = |other: &Entry| {
                    (other.cause, other.hold) == (entry.cause, entry.hold)
                        && (entry.hold.is_some() || other.order == entry.order)
                };
                is_named && change.iter().any(is_same)
            });
            match same {
                Some(change) => change.push(entry),
                None => changes.push(vec![entry]),
            }
        }
        let pools = journal.iter().map(|entry| entry.pool).collect();
        (changes.len() <= 64).then_some(Self { changes, pools })
    }

    fn is_made(&self, state: &State, cause: Cause, hold: HoldId) -> bool {
        self.changes.iter().enumerate().any(|(at, change)| {
            state.made & (1 << at) != 0 && change.iter().any(|entry| (entry.cause, entry.hold) == (cause, Some(hold)))
        })
    }

    fn has_ended(&self, state: &State, hold: HoldId) -> bool {
        [Cause::Released, Cause::Converted, Cause::Expired].iter().any(|cause| self.is_made(state, *cause, hold))
    }

    /// The state after a change, if it can be the next one.
    fn make(&self, state: &State, at: usize) -> Option<State> {
        let change = self.changes.get(at).filter(|_| state.made & (1 << at) == 0)?;
        if let Some((hold, cause)) = change.first().and_then(|entry| Some((entry.hold?, entry.cause)))
            && matches!(cause, Cause::Released | Cause::Converted | Cause::Expired)
        {
            let begin =
                self.changes.iter().flatten().filter(|entry| (entry.cause, entry.hold) == (Cause::Held, Some(hold)));
            let mut took: BTreeMap<PoolId, i64> = BTreeMap::new();
            for entry in begin.chain(change) {
                *took.entry(entry.pool).or_default() += entry.delta.held;
            }
            let is_balanced = took.values().all(|sum| *sum == 0);
            if !is_balanced || !self.is_made(state, Cause::Held, hold) || self.has_ended(state, hold) {
                return None;
            }
        }
        let mut next = state.clone();
        next.made |= 1 << at;
        for entry in change {
            let stock = next.pools.entry(entry.pool).or_default();
            if entry.version != stock.version + 1 {
                return None;
            }
            *stock = Stock {
                version: entry.version,
                capacity: stock.capacity + entry.delta.capacity,
                held: stock.held + entry.delta.held,
                sold: stock.sold + entry.delta.sold,
            };
            if stock.held < 0 || stock.sold < 0 || stock.held + stock.sold > stock.capacity {
                return None;
            }
        }
        Some(next)
    }

    /// Whether a change is what a call asks for and its answer tells.
    fn is_of(&self, change: &[Entry], state: &State, call: &Operation) -> bool {
        let (told_hold, told_versions) = match &call.answer {
            Answer::Done { hold, versions } => (*hold, versions.as_ref()),
            _ => (None, None),
        };
        let draws = |cause: Cause, draws: &[Draw], held: i64, sold: i64, hold: Option<HoldId>| {
            let mut missing: BTreeMap<PoolId, (i64, i64)> = draws
                .iter()
                .map(|draw| (draw.pool, (held * i64::from(draw.quantity), sold * i64::from(draw.quantity))))
                .collect();
            for entry in change {
                let rest = missing.entry(entry.pool).or_insert((i64::MAX, i64::MAX));
                *rest = (rest.0.saturating_sub(entry.delta.held), rest.1.saturating_sub(entry.delta.sold));
            }
            missing.values().all(|rest| *rest == (0, 0))
                && change.iter().all(|entry| entry.cause == cause && entry.delta.capacity == 0)
                && hold.is_none_or(|hold| change.iter().all(|entry| entry.hold == Some(hold)))
        };
        let is_asked = match &call.call {
            Call::Hold(wanted) => draws(Cause::Held, wanted, 1, 0, told_hold),
            Call::Buy(wanted) => draws(Cause::Sold, wanted, 0, 1, None),
            Call::Release { hold, draws: held } => draws(Cause::Released, held, -1, 0, Some(*hold)),
            Call::Confirm { hold, draws: held } => draws(Cause::Converted, held, -1, 1, Some(*hold)),
            Call::Resize { pool, capacity } => change.iter().all(|entry| {
                let before = state.pools.get(pool).map_or(0, |stock| stock.capacity);
                entry.cause == Cause::Resized
                    && entry.pool == *pool
                    && before + entry.delta.capacity == i64::from(*capacity)
            }),
            Call::Look => false,
        };
        let mut last: BTreeMap<PoolId, i64> = BTreeMap::new();
        for entry in change {
            let version = last.entry(entry.pool).or_default();
            *version = (*version).max(entry.version);
        }
        let is_told = told_versions.is_none_or(|told| {
            told.len() == last.len() && told.iter().all(|(pool, version)| last.get(pool) == Some(version))
        });
        is_asked && is_told
    }

    /// Whether a call that was done may have found nothing to do.
    fn may_be_idle(&self, state: &State, call: &Operation) -> bool {
        let Answer::Done { versions, .. } = &call.answer else { return false };
        if versions.as_ref().is_some_and(|versions| !versions.is_empty()) {
            return false;
        }
        match &call.call {
            Call::Release { hold, .. } => self.has_ended(state, *hold),
            Call::Confirm { hold, .. } => self.is_made(state, Cause::Converted, *hold),
            Call::Resize { pool, capacity } => {
                state.pools.get(pool).is_some_and(|stock| stock.capacity == i64::from(*capacity))
            }
            Call::Hold(_) | Call::Buy(_) | Call::Look => false,
        }
    }

    fn is_true(state: &State, call: &Operation) -> bool {
        let stock = |pool: &PoolId| state.pools.get(pool).copied().unwrap_or_default();
        let left = |pool: &PoolId| stock(pool).capacity - stock(pool).held - stock(pool).sold;
        match &call.answer {
            Answer::Ended | Answer::TurnedAway => true,
            Answer::SoldOut { pool, version, available } => {
                let (Call::Hold(draws) | Call::Buy(draws)) = &call.call else { return false };
                draws.iter().any(|draw| draw.pool == *pool && draw.quantity > *available)
                    && stock(pool).version > 0
                    && version.is_none_or(|version| version == stock(pool).version)
                    && left(pool) == i64::from(*available)
            }
            Answer::BelowSold { sold, held } => {
                let Call::Resize { pool, capacity } = &call.call else { return false };
                (stock(pool).held, stock(pool).sold) == (i64::from(*held), i64::from(*sold))
                    && capacity < &(held + sold)
            }
            Answer::Saw(sights) => sights.iter().all(|sight| {
                let now = stock(&sight.pool);
                now.version > 0
                    && now.version == sight.version
                    && sight.available.is_none_or(|available| i64::from(available) == left(&sight.pool))
                    && sight.stock.is_none_or(|(capacity, held, sold)| {
                        (capacity.into(), held.into(), sold.into()) == (now.capacity, now.held, now.sold)
                    })
            }),
            Answer::Done { .. } | Answer::Unknown => false,
        }
    }
}

impl Model for Book {
    type State = State;

    fn beginning(&self) -> State {
        State { made: 0, pools: self.pools.iter().map(|pool| (*pool, Stock::default())).collect() }
    }

    fn after(&self, state: &State, _: usize, call: &Operation) -> Vec<State> {
        if !matches!(call.answer, Answer::Done { .. } | Answer::Unknown) {
            return if Self::is_true(state, call) { vec![state.clone()] } else { Vec::new() };
        }
        // A call that is told that nothing changed made no change.
        let may_make = !matches!(&call.answer, Answer::Done { versions: Some(versions), .. } if versions.is_empty());
        let made = self.changes.iter().enumerate().filter(|(_, change)| may_make && self.is_of(change, state, call));
        let mut next: Vec<State> = made.filter_map(|(at, _)| self.make(state, at)).collect();
        if self.may_be_idle(state, call) {
            next.push(state.clone());
        }
        next
    }

    fn by_itself(&self, state: &State) -> Vec<State> {
        let by_itself = |change: &[Entry]| change.iter().all(|entry| !entry.cause.needs_a_call());
        let changes = self.changes.iter().enumerate().filter(|(_, change)| by_itself(change));
        changes.filter_map(|(at, _)| self.make(state, at)).collect()
    }

    fn may_end(&self, state: &State) -> bool {
        state.made.count_ones() == u32::try_from(self.changes.len()).unwrap_or(u32::MAX)
    }
}
