//! What the database kept: every change of every pool, numbered. Replayed, it gives the stock at each version.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use kernel::{HoldId, OrderId, PoolId};

use crate::anomaly::Anomaly;

/// Why a pool changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// It was opened.
    Opened,
    /// Its capacity was changed.
    Resized,
    /// Places were put aside.
    Held,
    /// A buyer let go of them.
    Released,
    /// A buyer did not pay in time.
    Expired,
    /// A hold became tickets.
    Converted,
    /// Places were bought in one call.
    Sold,
    /// A late payment took places again.
    Retaken,
    /// Tickets were cancelled.
    Cancelled,
}

/// A word in the journal that names no cause this checker knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the pool journal has a cause `{0}`, which the history checker has not been taught")]
pub struct StrangeCause(String);

impl FromStr for Cause {
    type Err = StrangeCause;
    fn from_str(word: &str) -> Result<Self, StrangeCause> {
        Ok(match word {
            "opened" => Self::Opened,
            "resized" => Self::Resized,
            "held" => Self::Held,
            "released" => Self::Released,
            "expired" => Self::Expired,
            "converted" => Self::Converted,
            "sold" => Self::Sold,
            "retaken" => Self::Retaken,
            "cancelled" => Self::Cancelled,
            _ => return Err(StrangeCause(word.to_owned())),
        })
    }
}

impl Cause {
    /// False for changes that the server makes on its own or for calls that are not recorded.
    pub fn needs_a_call(self) -> bool {
        match self {
            Self::Resized | Self::Held | Self::Released | Self::Converted | Self::Sold => true,
            Self::Opened | Self::Expired | Self::Retaken | Self::Cancelled => false,
        }
    }

    fn ends_a_hold(self) -> bool {
        matches!(self, Self::Released | Self::Expired | Self::Converted)
    }

    /// True when a change of so many places is one that this cause can make.
    fn allows(self, numbers: Numbers) -> bool {
        let Numbers { capacity, held, sold } = numbers;
        match self {
            Self::Opened => capacity >= 0 && held == 0 && sold == 0,
            Self::Resized => capacity != 0 && held == 0 && sold == 0,
            Self::Held => capacity == 0 && held > 0 && sold == 0,
            Self::Released | Self::Expired => capacity == 0 && held < 0 && sold == 0,
            Self::Converted => capacity == 0 && held < 0 && sold == -held,
            Self::Sold | Self::Retaken => capacity == 0 && held == 0 && sold > 0,
            Self::Cancelled => capacity == 0 && held == 0 && sold < 0,
        }
    }
}

/// A line of the pool journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Of which pool.
    pub pool: PoolId,
    /// Which change of it, from 1.
    pub version: i64,
    /// What it added.
    pub delta: Numbers,
    /// Why.
    pub cause: Cause,
    /// For which hold.
    pub hold: Option<HoldId>,
    /// For which order.
    pub order: Option<OrderId>,
}

/// Capacity, held and sold places: of a pool, or what a change adds to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Numbers {
    /// Places in all.
    pub capacity: i64,
    /// Places put aside.
    pub held: i64,
    /// Places sold.
    pub sold: i64,
}

impl Numbers {
    /// Places left.
    pub fn available(self) -> i64 {
        self.capacity - self.held - self.sold
    }
    /// The sum.
    pub fn plus(self, other: Self) -> Self {
        Self { capacity: self.capacity + other.capacity, held: self.held + other.held, sold: self.sold + other.sold }
    }
    /// True when nothing is oversold and nothing below zero.
    pub fn is_possible(self) -> bool {
        self.held >= 0 && self.sold >= 0 && self.held + self.sold <= self.capacity
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "capacity {}, held {}, sold {}", self.capacity, self.held, self.sold)
    }
}

/// What makes lines of several pools one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The hold it was for.
    Hold(HoldId),
    /// The order it was for.
    Order(OrderId),
    /// Neither: a change of one pool alone.
    Alone(PoolId, i64),
}

/// One change, of one pool or of several at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Why.
    pub cause: Cause,
    /// For whom.
    pub subject: Subject,
    /// What it did to each pool, in pool order.
    pub parts: Vec<Part>,
}

/// What a change did to one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which pool.
    pub pool: PoolId,
    /// The first version it made.
    pub first: i64,
    /// The last version it made; the same as the first but for holds of several lines.
    pub last: i64,
    /// What it added.
    pub delta: Numbers,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.cause)?;
        match self.subject {
            Subject::Hold(hold) => write!(f, " {hold}")?,
            Subject::Order(order) => write!(f, " {order}")?,
            Subject::Alone(..) => {}
        }
        self.parts.iter().try_for_each(|part| {
            let Numbers { capacity, held, sold } = part.delta;
            write!(f, " {}@{} ({capacity:+} capacity, {held:+} held, {sold:+} sold)", part.pool, part.last)
        })
    }
}

/// One pool from its first version to its last.
#[derive(Debug, Clone, Default)]
pub struct PoolLog {
    states: Vec<Numbers>,
    changes: Vec<usize>,
}

impl PoolLog {
    /// The numbers after a version; none for version 0, when the pool is not there yet.
    pub fn state(&self, version: i64) -> Option<Numbers> {
        if version == 0 {
            return None;
        }
        self.states.get(usize::try_from(version).ok()?).copied()
    }
    /// Which change made a version.
    pub fn change(&self, version: i64) -> Option<usize> {
        self.changes.get(usize::try_from(version.checked_sub(1)?).ok()?).copied()
    }
    /// The newest version.
    pub fn last(&self) -> i64 {
        i64::try_from(self.changes.len()).unwrap_or(i64::MAX)
    }
    /// Which change made each version, from version 1.
    pub fn changes(&self) -> &[usize] {
        &self.changes
    }
}

/// The replayed journal.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Every change.
    pub changes: Vec<Change>,
    /// Every pool.
    pub pools: BTreeMap<PoolId, PoolLog>,
    by_subject: HashMap<(Cause, Subject), usize>,
}

impl Ledger {
    /// The change of this cause for this subject.
    pub fn find(&self, cause: Cause, subject: Subject) -> Option<usize> {
        self.by_subject.get(&(cause, subject)).copied()
    }

    /// The change that ended a hold.
    pub fn end_of(&self, hold: HoldId) -> Option<usize> {
        let find = |cause| self.find(cause, Subject::Hold(hold));
        find(Cause::Released).or_else(|| find(Cause::Converted)).or_else(|| find(Cause::Expired))
    }

    /// The change that made a version of a pool.
    pub fn change_at(&self, pool: PoolId, version: i64) -> Option<usize> {
        self.pools.get(&pool)?.change(version)
    }

    /// The numbers of a pool after a version.
    pub fn state(&self, pool: PoolId, version: i64) -> Option<Numbers> {
        self.pools.get(&pool)?.state(version)
    }

    /// Replays a journal, in any order of its lines, and says what is wrong with it alone.
    pub fn replay(entries: &[Entry]) -> (Self, Vec<Anomaly>) {
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        sorted.sort_by_key(|entry| (entry.pool, entry.version));
        let (mut ledger, mut anomalies) = (Self::default(), Vec::new());
        for entry in sorted {
            ledger.append(entry, &mut anomalies);
        }
        for change in &ledger.changes {
            if !change.parts.iter().all(|part| change.cause.allows(part.delta)) {
                anomalies.push(Anomaly::StrangeChange { change: change.clone() });
            }
            ledger.check_life(change, &mut anomalies);
        }
        (ledger, anomalies)
    }

    fn append(&mut self, entry: &Entry, anomalies: &mut Vec<Anomaly>) {
        let log = self.pools.entry(entry.pool).or_default();
        if log.states.is_empty() {
            log.states.push(Numbers::default());
        }
        if entry.version != log.last() + 1 {
            anomalies.push(Anomaly::Gap { pool: entry.pool, expected: log.last() + 1, found: entry.version });
        }
        let now = log.states.last().copied().unwrap_or_default().plus(entry.delta);
        if !now.is_possible() {
            anomalies.push(Anomaly::Impossible { pool: entry.pool, version: entry.version, state: now });
        }
        let subject = match (entry.hold, entry.order) {
            (Some(hold), _) => Subject::Hold(hold),
            (None, Some(order)) => Subject::Order(order),
            (None, None) => Subject::Alone(entry.pool, entry.version),
        };
        let changes = &mut self.changes;
        let change = *self.by_subject.entry((entry.cause, subject)).or_insert_with(|| {
            changes.push(Change { cause: entry.cause, subject, parts: Vec::new() });
            changes.len() - 1
        });
        log.states.push(now);
        log.changes.push(change);
        let Some(change) = self.changes.get_mut(change) else { return };
        match change.parts.last_mut() {
            Some(part) if part.pool == entry.pool => {
                part.last = entry.version;
                part.delta = part.delta.plus(entry.delta);
            }
            _ => change.parts.push(Part {
                pool: entry.pool,
                first: entry.version,
                last: entry.version,
                delta: entry.delta,
            }),
        }
    }

    /// A hold ends at most once, after it began, with as many places as it took.
    fn check_life(&self, end: &Change, anomalies: &mut Vec<Anomaly>) {
        let Subject::Hold(hold) = end.subject else { return };
        if !end.cause.ends_a_hold() {
            return;
        }
        let begin = self.find(Cause::Held, end.subject).and_then(|held| self.changes.get(held));
        let is_its_end = |begin: &Change| {
            begin.parts.len() == end.parts.len()
                && begin.parts.iter().zip(&end.parts).all(|(begin, end)| {
                    begin.pool == end.pool && begin.last < end.first && begin.delta.held == -end.delta.held
                })
        };
        let is_only = self.end_of(hold).and_then(|only| self.changes.get(only)) == Some(end);
        if !begin.is_some_and(is_its_end) || !is_only {
            anomalies.push(Anomaly::StrangeEnd { hold, begin: begin.cloned(), end: end.clone() });
        }
    }
}
