//! PostgreSQL as a lane meets it: rows with locks, constraints, commits. Rows are found by their number, since ids are counted.
//!
//! READ COMMITTED: a reader sees what is committed when it reads, and a batch reads a row after it has its lock.

mod changes;
mod keys;
mod rows;

pub use changes::{Broken, Changes, Effect, new_payment};
pub use keys::{Claimed, Key, KeyState, Keys};
pub use rows::{EventRow, Facts, HoldRow, Line, LineRow, OrderRow, PaymentRow, PoolRow, SeatsRow, TicketRow};

use std::collections::BTreeSet;

use boxoffice::hold::model::HoldState;
use boxoffice::order::model::OrderState;
use jiff::Timestamp;

use crate::scene::{PEOPLE, POOLS_AN_EVENT, Scene, TYPES_AN_EVENT};

/// A transaction.
pub type TxId = u32;

/// A row that can be locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// A hold.
    Hold(usize),
    /// An order.
    Order(usize),
    /// A pool.
    Pool(usize),
}

/// The database.
#[derive(Debug)]
pub struct Store {
    /// Events.
    pub events: Vec<EventRow>,
    /// Pools with their journals.
    pub pools: Vec<PoolRow>,
    /// The seats of each event; whoever has an event's pools locked has them.
    pub seats: Vec<SeatsRow>,
    /// Holds by number; none where the transaction that drew the number never committed.
    pub holds: Vec<Option<HoldRow>>,
    /// Orders by number.
    pub orders: Vec<Option<OrderRow>>,
    /// Payments by number.
    pub payments: Vec<Option<PaymentRow>>,
    /// Idempotency keys.
    pub keys: Keys,
    /// Live holds of each event by their end.
    expiring: Vec<BTreeSet<(Timestamp, usize)>>,
    /// Tickets that people have or are about to pay for, in orders that count for a limit: by type and person.
    owned: Vec<i32>,
    pub(crate) last_tx: TxId,
}

impl Store {
    /// The database of a scene.
    pub fn new(scene: &Scene, now: Timestamp) -> Self {
        Self {
            events: scene.events.iter().map(|_| EventRow { is_open: true, is_visible: true }).collect(),
            pools: scene.pools.iter().map(|pool| PoolRow::opened(pool.clone(), now)).collect(),
            seats: scene.events.iter().map(|_| SeatsRow::free()).collect(),
            holds: Vec::new(),
            orders: Vec::new(),
            payments: Vec::new(),
            keys: Keys::default(),
            expiring: scene.events.iter().map(|_| BTreeSet::new()).collect(),
            owned: vec![0; scene.events.len() * TYPES_AN_EVENT * PEOPLE],
            last_tx: 0,
        }
    }

    /// A new transaction.
    pub fn begin(&mut self) -> TxId {
        self.last_tx += 1;
        self.last_tx
    }

    /// A hold that is committed.
    pub fn hold(&self, at: usize) -> Option<&HoldRow> {
        self.holds.get(at)?.as_ref()
    }

    /// An order that is committed.
    pub fn order(&self, at: usize) -> Option<&OrderRow> {
        self.orders.get(at)?.as_ref()
    }

    /// The pools of an event, by number.
    pub fn pools_of(event: usize) -> std::ops::Range<usize> {
        event * POOLS_AN_EVENT..(event + 1) * POOLS_AN_EVENT
    }

    /// Who has a row locked.
    pub fn holder(&self, row: Row) -> Option<TxId> {
        match row {
            Row::Hold(at) => self.hold(at)?.lock,
            Row::Order(at) => self.order(at)?.lock,
            Row::Pool(at) => self.pools.get(at)?.lock,
        }
    }

    fn lock_of(&mut self, row: Row) -> Option<&mut Option<TxId>> {
        Some(match row {
            Row::Hold(at) => &mut self.holds.get_mut(at)?.as_mut()?.lock,
            Row::Order(at) => &mut self.orders.get_mut(at)?.as_mut()?.lock,
            Row::Pool(at) => &mut self.pools.get_mut(at)?.lock,
        })
    }

    /// Locks a row; false while another transaction has it. A row that is not there needs no lock.
    pub fn lock(&mut self, row: Row, tx: TxId) -> bool {
        match self.lock_of(row) {
            Some(lock @ None) => {
                *lock = Some(tx);
                true
            }
            Some(Some(holder)) => *holder == tx,
            None => true,
        }
    }

    /// Ends a transaction's locks.
    pub fn unlock(&mut self, rows: &[Row], tx: TxId) {
        for row in rows {
            if let Some(lock) = self.lock_of(*row).filter(|lock| **lock == Some(tx)) {
                *lock = None;
            }
        }
    }

    /// Live holds of an event whose time ran out.
    pub fn expired(&self, event: usize, now: Timestamp) -> impl Iterator<Item = usize> {
        self.expiring[event].range(..=(now, usize::MAX)).map(|(_, at)| *at)
    }

    /// How many tickets of a type a person has or is about to pay for, in orders that count for a limit.
    pub fn owned(&self, kind: usize, person: usize) -> i32 {
        self.owned[kind * PEOPLE + person]
    }

    fn set_hold(&mut self, at: usize, event: usize, state: HoldState) {
        let Some(row) = self.holds.get_mut(at).and_then(Option::as_mut) else { return };
        if let HoldState::Live { expires_at, .. } = row.hold.state {
            self.expiring[event].remove(&(expires_at, at));
        }
        row.hold.state = state;
        if let HoldState::Live { expires_at, renewals } = state {
            (row.expires_at, row.renewals) = (expires_at, renewals);
            self.expiring[event].insert((expires_at, at));
        }
    }

    /// Adds an order's tickets to what its person has, or takes them away.
    fn count_for(&mut self, at: usize, sign: i32) {
        let Some(row) = self.orders.get(at).and_then(Option::as_ref).filter(|row| row.is_limited) else { return };
        for line in &row.lines {
            self.owned[line.kind * PEOPLE + row.person] += sign * line.quantity;
        }
    }
}

/// Whether an order in this state counts for a limit a person.
pub fn is_counted(state: &OrderState) -> bool {
    matches!(state, OrderState::Paid { .. } | OrderState::AwaitingPayment { .. })
}
