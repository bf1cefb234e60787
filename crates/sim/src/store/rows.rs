//! The rows.

use std::collections::BTreeMap;

use boxoffice::hold::model::Hold;
use boxoffice::lane::model::KnownOrder;
use boxoffice::pool::model::{Cause, Change, Pool, Recorded};
use boxoffice::seat::model::{SeatChange, SeatIndex};
use boxoffice::seat::packed::Packed;
use jiff::Timestamp;
use payments::payment::model::Payment;

use super::TxId;
use crate::scene;

/// An event.
#[derive(Debug, Clone, Copy)]
pub struct EventRow {
    /// Whether it sells.
    pub is_open: bool,
    /// Whether people can see it.
    pub is_visible: bool,
}

/// A pool with its journal.
#[derive(Debug)]
pub struct PoolRow {
    /// The numbers.
    pub pool: Pool,
    /// The journal: the line of version `n` is the `n`th.
    pub journal: Vec<Line>,
    /// Who has it locked.
    pub lock: Option<TxId>,
}

/// A line of a pool's journal, with the numbers that it led to.
#[derive(Debug, Clone)]
pub struct Line {
    /// The change.
    pub recorded: Recorded,
    /// When the batch that wrote it began.
    pub at: Timestamp,
    /// Places in all, held, sold.
    pub after: (i32, i32, i32),
}

impl PoolRow {
    /// A pool as it is opened.
    pub fn opened(pool: Pool, at: Timestamp) -> Self {
        let change =
            Change { capacity: pool.capacity, held: 0, sold: 0, cause: Cause::Opened, hold: None, order: None };
        let recorded = Recorded { pool: pool.id, version: 1, change };
        let after = (pool.capacity, 0, 0);
        Self { pool, journal: vec![Line { recorded, at, after }], lock: None }
    }

    /// The line of a version.
    pub fn line(&self, version: i64) -> Option<&Line> {
        self.journal.get(usize::try_from(version).ok()?.checked_sub(1)?)
    }
}

/// The seats of an event with what changed them.
#[derive(Debug)]
pub struct SeatsRow {
    /// Where each is in its sale.
    pub statuses: Packed,
    /// How often they changed.
    pub version: i64,
    /// What made each version.
    pub changes: Vec<SeatChange>,
    /// The order of the valid ticket for a seat.
    pub sold: BTreeMap<SeatIndex, usize>,
}

impl SeatsRow {
    /// All seats of the hall, free.
    pub fn free() -> Self {
        let statuses = Packed::free(scene::hall().len());
        Self { statuses, version: 0, changes: Vec::new(), sold: BTreeMap::new() }
    }

    /// Makes a change true.
    pub fn apply(&mut self, change: SeatChange) {
        let (_, to) = change.cause.step();
        change.seats.iter().for_each(|seat| self.statuses.set(*seat, to));
        self.version = change.version;
        self.changes.push(change);
    }
}

/// A hold.
#[derive(Debug)]
pub struct HoldRow {
    /// The hold with its lines.
    pub hold: Hold,
    /// Its end, kept when it has ended.
    pub expires_at: Timestamp,
    /// How often it was renewed, kept too.
    pub renewals: i16,
    /// The order that came of it.
    pub order: Option<usize>,
    /// Who has it locked.
    pub lock: Option<TxId>,
}

/// So many tickets of a type, by number.
#[derive(Debug, Clone, Copy)]
pub struct LineRow {
    /// The type.
    pub kind: usize,
    /// How many.
    pub quantity: i32,
}

/// A ticket.
#[derive(Debug, Clone, Copy)]
pub struct TicketRow {
    /// Its type, by number.
    pub kind: usize,
    /// 1, 2, 3 within its order.
    pub number: i32,
    /// What was paid for it.
    pub price: i64,
    /// Whether it opens the door.
    pub is_valid: bool,
    /// Its seat.
    pub seat: Option<SeatIndex>,
}

/// What the journal tells of an order, each so many times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Placed.
    pub placed: u8,
    /// Paid.
    pub paid: u8,
    /// Cancelled.
    pub cancelled: u8,
    /// Expired.
    pub expired: u8,
    /// Unfulfilled.
    pub unfulfilled: u8,
}

/// An order.
#[derive(Debug)]
pub struct OrderRow {
    /// The order with its lines.
    pub known: KnownOrder,
    /// The same lines by number.
    pub lines: Vec<LineRow>,
    /// Who bought, by number.
    pub person: usize,
    /// Whether it counts for a limit a person.
    pub is_limited: bool,
    /// The hold it came from.
    pub hold: Option<usize>,
    /// When it was paid, kept when it has ended.
    pub paid_at: Option<Timestamp>,
    /// The payment that paid it, kept when it has ended.
    pub paid_by: Option<usize>,
    /// Whether the organiser said, when cancelling it, that its money goes back.
    pub is_refunded: bool,
    /// Its tickets.
    pub tickets: Vec<TicketRow>,
    /// Its payments.
    pub payments: Vec<usize>,
    /// What the journal tells.
    pub facts: Facts,
    /// The node that made it.
    pub node: usize,
    /// Who has it locked.
    pub lock: Option<TxId>,
}

/// A payment.
#[derive(Debug)]
pub struct PaymentRow {
    /// The payment.
    pub payment: Payment,
    /// For which order, by number.
    pub order: usize,
    /// What was asked to be given back.
    pub refunded: i64,
    /// How often the journal told that it succeeded.
    pub told: u8,
}
