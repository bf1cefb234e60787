//! The stock of an event, and the only arithmetic that changes it. Pure: the same code runs in production, in tests and in simulation.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{HoldId, OrderId, PoolId};

use crate::mutant;

/// The largest capacity of one pool.
pub const CAPACITY_MAX: i32 = 1_000_000;
/// The longest name of a pool, in characters.
pub const POOL_NAME_CHARACTERS_MAX: usize = 80;

/// A stock of places. `held + sold` never exceeds `capacity`; `version` counts the changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Which one.
    pub id: PoolId,
    /// Places in all.
    pub capacity: i32,
    /// Places put aside for buyers who have not paid.
    pub held: i32,
    /// Places with a valid ticket.
    pub sold: i32,
    /// How often it changed.
    pub version: i64,
}

impl Pool {
    /// Places that can be held now.
    pub fn available(&self) -> i32 {
        self.capacity - self.held - self.sold
    }
}

/// Why a pool changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Tickets were sold in one step, without a hold.
    Sold,
    /// A late payment took places again.
    Retaken,
    /// Tickets were cancelled.
    Cancelled,
}

impl Cause {
    /// The word kept in the pool journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Resized => "resized",
            Self::Held => "held",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Converted => "converted",
            Self::Sold => "sold",
            Self::Retaken => "retaken",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A change of one pool, with what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Added to the capacity.
    pub capacity: i32,
    /// Added to the held places.
    pub held: i32,
    /// Added to the sold places.
    pub sold: i32,
    /// Why.
    pub cause: Cause,
    /// For which hold.
    pub hold: Option<HoldId>,
    /// For which order.
    pub order: Option<OrderId>,
}

impl Change {
    /// Puts places aside for a hold.
    pub fn hold(quantity: i32, hold: HoldId) -> Self {
        Self { capacity: 0, held: quantity, sold: 0, cause: Cause::Held, hold: Some(hold), order: None }
    }
    /// Gives a hold's places back.
    pub fn give_back(quantity: i32, hold: HoldId, cause: Cause) -> Self {
        Self { capacity: 0, held: -quantity, sold: 0, cause, hold: Some(hold), order: None }
    }
    /// Turns a hold's places into sold ones.
    pub fn convert(quantity: i32, hold: HoldId, order: OrderId) -> Self {
        Self {
            capacity: 0,
            held: if mutant::is("convert_keeps_held") { 0 } else { -quantity },
            sold: quantity,
            cause: Cause::Converted,
            hold: Some(hold),
            order: Some(order),
        }
    }
    /// Sells places at once.
    pub fn sell(quantity: i32, order: OrderId) -> Self {
        Self { capacity: 0, held: 0, sold: quantity, cause: Cause::Sold, hold: None, order: Some(order) }
    }
    /// Sells places of an order whose hold is gone.
    pub fn retake(quantity: i32, order: OrderId) -> Self {
        Self { capacity: 0, held: 0, sold: quantity, cause: Cause::Retaken, hold: None, order: Some(order) }
    }
    /// Puts sold places of a cancelled order back on sale.
    pub fn cancel(quantity: i32, order: OrderId) -> Self {
        Self { capacity: 0, held: 0, sold: -quantity, cause: Cause::Cancelled, hold: None, order: Some(order) }
    }
    /// Makes a pool larger or smaller.
    pub fn resize(by: i32) -> Self {
        Self { capacity: by, held: 0, sold: 0, cause: Cause::Resized, hold: None, order: None }
    }
}

/// One line for the pool journal: the change and the version it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Of which pool.
    pub pool: PoolId,
    /// The version after the change.
    pub version: i64,
    /// What changed.
    pub change: Change,
}

/// A change that the stock does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only {available} of {wanted} places are left")]
pub struct NotEnough {
    /// In which pool.
    pub pool: PoolId,
    /// How many were wanted.
    pub wanted: i32,
    /// How many there are.
    pub available: i32,
}

/// The locked pools of a transaction, and what is being done to them.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    pools: BTreeMap<PoolId, Pool>,
    recorded: Vec<Recorded>,
}

/// A place in a stock's record, to count or to undo from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(usize);

impl Stock {
    /// The stock of these pools, unchanged.
    pub fn new(pools: impl IntoIterator<Item = Pool>) -> Self {
        Self { pools: pools.into_iter().map(|pool| (pool.id, pool)).collect(), recorded: Vec::new() }
    }

    /// A pool, as the changes so far left it.
    pub fn pool(&self, id: PoolId) -> Option<&Pool> {
        self.pools.get(&id)
    }

    /// Every pool.
    pub fn pools(&self) -> impl Iterator<Item = &Pool> {
        self.pools.values()
    }

    /// Applies one change to one pool, if the places are there.
    pub fn apply(&mut self, id: PoolId, change: Change) -> Result<(), NotEnough> {
        let Some(pool) = self.pools.get_mut(&id) else {
            return Err(NotEnough { pool: id, wanted: change.held.max(change.sold), available: 0 });
        };
        let not_enough = NotEnough { pool: id, wanted: change.held + change.sold, available: pool.available() };
        let sum = |a: i32, b: i32| a.checked_add(b).filter(|sum| *sum >= 0).ok_or(not_enough);
        let (capacity, held, sold) =
            (sum(pool.capacity, change.capacity)?, sum(pool.held, change.held)?, sum(pool.sold, change.sold)?);
        if sum(held, sold)? > capacity && !mutant::is("no_stock_guard") {
            return Err(not_enough);
        }
        (pool.capacity, pool.held, pool.sold) = (capacity, held, sold);
        if change.cause != Cause::Cancelled || !mutant::is("version_not_raised") {
            pool.version += 1;
        }
        if change.cause != Cause::Released || !mutant::is("journal_line_missing") {
            self.recorded.push(Recorded { pool: id, version: pool.version, change });
        }
        Ok(())
    }

    /// Applies changes to several pools: all of them, or none.
    pub fn apply_all(&mut self, changes: impl IntoIterator<Item = (PoolId, Change)>) -> Result<(), NotEnough> {
        let mark = self.mark();
        for (pool, change) in changes {
            if let Err(short) = self.apply(pool, change) {
                if !mutant::is("half_applied") {
                    self.undo(mark);
                }
                return Err(short);
            }
        }
        Ok(())
    }

    /// Where the record stands.
    pub fn mark(&self) -> Mark {
        Mark(self.recorded.len())
    }

    /// Takes back everything since the mark, the last first.
    pub fn undo(&mut self, mark: Mark) {
        while self.recorded.len() > mark.0 {
            let Some(Recorded { pool, change, .. }) = self.recorded.pop() else { return };
            if let Some(pool) = self.pools.get_mut(&pool).filter(|_| !mutant::is("undo_forgets")) {
                pool.capacity -= change.capacity;
                pool.held -= change.held;
                pool.sold -= change.sold;
                pool.version -= 1;
            }
        }
    }

    /// The pools changed since the mark, each with the version its last change made.
    pub fn versions_since(&self, mark: Mark) -> Vec<(PoolId, i64)> {
        let lines = self.recorded.iter().skip(mark.0);
        lines.map(|line| (line.pool, line.version)).collect::<BTreeMap<_, _>>().into_iter().collect()
    }

    /// What was done, in order.
    pub fn recorded(&self) -> &[Recorded] {
        &self.recorded
    }

    /// The pools that changed, as they are now.
    pub fn changed(&self) -> impl Iterator<Item = &Pool> {
        let ids: BTreeSet<PoolId> = self.recorded.iter().map(|line| line.pool).collect();
        self.pools.values().filter(move |pool| ids.contains(&pool.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn pool(capacity: i32) -> Pool {
        Pool { id: PoolId::from(Uuid::from_u128(1)), capacity, held: 0, sold: 0, version: 0 }
    }

    #[test]
    fn the_last_place_is_held_once() {
        let mut stock = Stock::new([pool(1)]);
        let (id, hold) = (PoolId::from(Uuid::from_u128(1)), HoldId::from(Uuid::from_u128(2)));
        stock.apply(id, Change::hold(1, hold)).unwrap();
        assert_eq!(stock.apply(id, Change::hold(1, hold)), Err(NotEnough { pool: id, wanted: 1, available: 0 }));
        assert_eq!(stock.pool(id).unwrap().version, 1);
    }

    #[test]
    fn a_pool_that_is_not_there_has_no_places() {
        let id = PoolId::from(Uuid::from_u128(9));
        assert!(Stock::default().apply(id, Change::resize(5)).is_err());
    }

    proptest! {
        #[test]
        fn no_sequence_of_changes_oversells(capacity in 0..50_i32, changes in proptest::collection::vec((-5..60_i32, -20..20_i32, -20..20_i32), 0..200)) {
            let id = PoolId::from(Uuid::from_u128(1));
            let mut stock = Stock::new([pool(capacity)]);
            for (by, held, sold) in changes {
                let before = stock.clone();
                let change = Change { capacity: by, held, sold, cause: Cause::Held, hold: None, order: None };
                if stock.apply(id, change).is_err() {
                    prop_assert_eq!(stock.pool(id), before.pool(id), "a refused change leaves no trace");
                }
                let mark = stock.mark();
                let unmarked = stock.clone();
                let twice = [(id, change), (id, Change { held: 10_000_000, ..change })];
                prop_assert!(stock.apply_all(twice).is_err(), "the second never fits");
                prop_assert_eq!((stock.pool(id), stock.mark()), (unmarked.pool(id), mark), "all or none");
                let now = stock.pool(id).unwrap();
                prop_assert!(now.held >= 0 && now.sold >= 0 && now.held + now.sold <= now.capacity);
                prop_assert_eq!(now.version, i64::try_from(stock.recorded().len()).unwrap());
            }
        }
    }
}
