//! A batch: commands decided one after the other against one locked state. Pure: the same code runs in production, in simulation and in
//! the tests that compare the two.
//!
//! A command is decided as a whole or leaves no trace, so a refused one never spoils its neighbours. What was decided is collected in
//! [`Written`], which the shell writes with a few statements.

mod holds;
mod orders;
mod seats;

pub use orders::PersonLimit;
pub use seats::KnownSeats;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kernel::events::{OrderCancelled, OrderExpired, OrderPaid, OrderPlaced, OrderUnfulfilled};
use kernel::{EventId, HoldId, Money, OrderId, PaymentId, Slug, TicketId, TicketTypeId};

use super::command::{Command, Outcome};
use crate::hold::model::{Hold, HoldLine, HoldState, TakeState};
use crate::mutant;
use crate::order::model::{Order, OrderLine};
use crate::pool::edit::{EditRefusal, Resize};
use crate::pool::model::{Cause, Change, Stock};
use crate::seat::model::{SeatCause, SeatIndex};
use crate::ticket::model::Ticket;
use crate::ticket_type::model::{EventSale, TicketType};
use platform::NotFound;

/// An event as a batch knows it.
#[derive(Debug, Clone)]
pub struct KnownEvent {
    /// Its name in addresses.
    pub slug: Slug,
    /// Whether people can see it.
    pub is_visible: bool,
    /// Whether it sells.
    pub sale: EventSale,
    /// What it sells, archived types too: holds and orders may still have them.
    pub types: Vec<TicketType>,
}

impl KnownEvent {
    /// Whether some type of it sells seats.
    pub fn has_seats(&self) -> bool {
        self.types.iter().any(|kind| kind.seat_category.is_some())
    }
}

/// An order as a batch knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownOrder {
    /// The order.
    pub order: Order,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// Who comes.
    pub attendees: Vec<String>,
}

/// Where new ids come from. They are drawn outside, so that a decision is the same for the same draws.
pub trait Draws {
    /// An id for a hold.
    fn hold(&mut self) -> HoldId;
    /// An id and a code for an order.
    fn order(&mut self) -> (OrderId, String);
    /// An id and a serial for a ticket.
    fn ticket(&mut self) -> (TicketId, i64);
}

/// A fact for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// An order was placed.
    Placed(OrderPlaced),
    /// An order was paid.
    Paid(OrderPaid),
    /// An order was called off.
    Cancelled(OrderCancelled),
    /// An order ran out of time.
    Expired(OrderExpired),
    /// An order's money came too late.
    Unfulfilled(OrderUnfulfilled),
}

/// What else the transaction has to do for one command, in other contexts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// Begin a payment; its id becomes part of the answer.
    BeginPayment {
        /// For this order.
        order: OrderId,
        /// So much.
        amount: Money,
        /// What the buyer reads.
        description: String,
        /// When the time to pay ends.
        expires_at: Timestamp,
    },
    /// Give a payment back, unless that was asked for before.
    GiveBack {
        /// Which payment.
        payment: PaymentId,
        /// How much.
        amount: Money,
        /// Why.
        reason: &'static str,
    },
    /// Tell a buyer that their money came too late.
    TellTooLate {
        /// Whose.
        order: OrderId,
        /// Which money.
        payment: PaymentId,
        /// How much.
        amount: Money,
    },
    /// Give the money back, if any is named, and tell a buyer that their order was called off.
    TellCancelled {
        /// Whose.
        order: OrderId,
        /// What goes back.
        refund: Option<(PaymentId, Money)>,
    },
}

/// What the decisions of a batch come to, for the shell to write.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// Holds made in this batch.
    pub new_holds: Vec<HoldId>,
    /// Older holds that changed.
    pub touched_holds: BTreeSet<HoldId>,
    /// Orders made in this batch.
    pub new_orders: Vec<OrderId>,
    /// Older orders that changed.
    pub touched_orders: BTreeSet<OrderId>,
    /// Tickets issued.
    pub tickets: Vec<Ticket>,
    /// Orders whose valid tickets are cancelled.
    pub cancelled: Vec<OrderId>,
    /// Facts for the journal, in order, each with the command that caused it; none when only time did.
    pub facts: Vec<(Option<usize>, Fact)>,
    /// Errands, in order, each with its command.
    pub errands: Vec<(usize, Errand)>,
}

/// The locked state of one batch, and what is being done to it.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The events whose stock is locked.
    pub events: BTreeMap<EventId, KnownEvent>,
    /// Their pools.
    pub stock: Stock,
    /// The seats of those that have any.
    pub seats: BTreeMap<EventId, KnownSeats>,
    /// The holds that commands name, and those whose time ran out.
    pub holds: BTreeMap<HoldId, Hold>,
    /// The orders that commands name, and those of the holds.
    pub orders: BTreeMap<OrderId, KnownOrder>,
    /// How many tickets a person has or is about to pay for, where a type limits that. By type and address in lower case.
    pub owned: BTreeMap<(TicketTypeId, String), i32>,
    /// What was decided.
    pub written: Written,
    by_hold: BTreeMap<HoldId, OrderId>,
    command: Option<usize>,
}

impl Ledger {
    /// A ledger that knows some events, and nothing else yet.
    pub fn of(events: BTreeMap<EventId, KnownEvent>) -> Self {
        Self { events, ..Self::default() }
    }

    /// Adds an order to what is known.
    pub fn know(&mut self, known: KnownOrder) {
        self.by_hold.extend(known.order.hold.map(|hold| (hold, known.order.id)));
        self.orders.insert(known.order.id, known);
    }

    /// Gives the places of holds whose time ran out back and ends their unpaid orders. What a command of this batch names is left to that
    /// command. Answers how many holds ended.
    pub fn reclaim(&mut self, expired: &[HoldId], now: Timestamp) -> usize {
        self.command = None;
        expired.iter().filter(|id| self.reclaim_one(**id, now)).count()
    }

    /// Decides the next command, at place `at` of the batch.
    pub fn decide(&mut self, at: usize, command: &Command, draws: &mut dyn Draws, now: Timestamp) -> Outcome {
        self.command = Some(at);
        match command {
            Command::Take(take) => Outcome::Taken(self.take(take, draws, now)),
            Command::Renew(renew) => Outcome::Renewed(self.renew(renew, now)),
            Command::Release(release) => Outcome::Released(self.release(*release)),
            Command::Buy(buy) => Outcome::Bought(self.buy(buy, draws, now)),
            Command::Place(place) => Outcome::Placed(self.place(place, draws, now)),
            Command::Settle(settle) => Outcome::Settled(self.settle(settle, draws, now)),
            Command::Cancel(cancel) => Outcome::Cancelled(self.cancel(cancel, now)),
            Command::Resize(resize) => Outcome::Resized(self.resize(*resize)),
            Command::Block(block) => Outcome::Blocked(self.block(block)),
            Command::Sweep(_) => Outcome::Swept,
        }
    }

    /// Decides the commands of a batch, the first that came first.
    pub fn decide_all(&mut self, commands: &[&Command], draws: &mut dyn Draws, now: Timestamp) -> Vec<Outcome> {
        if mutant::is("batch_reversed") {
            let all = commands.iter().enumerate().rev();
            let mut outcomes: Vec<Outcome> = all.map(|(at, command)| self.decide(at, command, draws, now)).collect();
            outcomes.reverse();
            return outcomes;
        }
        commands.iter().enumerate().map(|(at, command)| self.decide(at, command, draws, now)).collect()
    }

    /// Whether a statement has to be written at all.
    pub fn has_changed(&self) -> bool {
        let written = &self.written;
        !self.stock.recorded().is_empty()
            || !written.touched_holds.is_empty()
            || !written.touched_orders.is_empty()
            || !written.new_orders.is_empty()
            || !written.errands.is_empty()
            || self.seats.values().any(|seats| !seats.changes.is_empty())
    }

    /// An event by the name that people know it by, unless it is hidden or has another name by now.
    fn public_event(&self, id: EventId, slug: &Slug) -> Option<TakeState<'_>> {
        let event = self.events.get(&id).filter(|event| event.is_visible && event.slug == *slug)?;
        Some(TakeState { event: event.sale, types: &event.types })
    }

    /// Who an order counts for, if one of its types has a limit a person.
    pub fn limited_person(&self, known: &KnownOrder) -> Option<String> {
        let types = &self.events.get(&known.order.event)?.types;
        let is_limited = known
            .lines
            .iter()
            .any(|line| types.iter().any(|kind| kind.id == line.ticket_type && kind.maximum_per_person.is_some()));
        is_limited.then(|| known.order.buyer.email.normalised())
    }

    /// The order that came from a hold.
    fn order_of(&self, hold: HoldId) -> Option<&KnownOrder> {
        self.orders.get(self.by_hold.get(&hold)?)
    }

    fn note(&mut self, fact: Fact) {
        self.written.facts.push((self.command, fact));
    }

    fn send(&mut self, errand: Errand) {
        if let Some(command) = self.command {
            self.written.errands.push((command, errand));
        }
    }

    fn end_hold(&mut self, id: HoldId, state: HoldState) {
        if let Some(hold) = self.holds.get_mut(&id) {
            hold.state = state;
            self.written.touched_holds.insert(id);
        }
    }

    fn resize(&mut self, command: Resize) -> Result<(), EditRefusal> {
        let pool = self.stock.pool(command.pool).ok_or(NotFound)?.clone();
        if command.capacity == pool.capacity {
            return Ok(());
        }
        let below = EditRefusal::BelowSold { sold: pool.sold, held: pool.held };
        self.stock.apply(command.pool, Change::resize(command.capacity - pool.capacity)).map_err(|_| below)
    }

    /// The pools that one ticket of a type takes a place of, whether the type is still sold or not.
    fn pools_of(&self, event: EventId, kind: TicketTypeId) -> Vec<kernel::PoolId> {
        let types = self.events.get(&event).map(|event| event.types.as_slice()).unwrap_or_default();
        types.iter().find(|known| known.id == kind).map(|known| known.pools.clone()).unwrap_or_default()
    }

    fn give_back(&mut self, id: HoldId, cause: Cause, state: HoldState) -> bool {
        let Some(hold) = self
            .holds
            .get(&id)
            .filter(|hold| matches!(hold.state, HoldState::Live { .. }) || mutant::is("ended_hold_given_back"))
        else {
            return false;
        };
        // A live hold's places and seats are held, so they can be given back; if they were not, the numbers are wrong and nothing is touched.
        let (hold, event) = (hold.clone(), hold.event);
        let mark = self.seat_mark(event);
        let of_seats = if cause == Cause::Expired { SeatCause::Expired } else { SeatCause::Released };
        if !self.free_seats(&hold, of_seats) || hold.give_back(&mut self.stock, cause).is_err() {
            self.undo_seats(event, mark);
            return false;
        }
        self.end_hold(id, state);
        true
    }
}

/// The lines of a hold as they are read from the database, with what the event's types say of them.
pub fn hold_lines(
    event: &KnownEvent,
    rows: impl IntoIterator<Item = (TicketTypeId, i32, i64, Vec<SeatIndex>)>,
) -> Option<Vec<HoldLine>> {
    rows.into_iter()
        .map(|(ticket_type, quantity, unit_price, seats)| {
            let kind = event.types.iter().find(|kind| kind.id == ticket_type)?;
            Some(HoldLine {
                ticket_type,
                name: kind.name.clone(),
                quantity,
                unit_price: Money { amount: unit_price, ..kind.price },
                pools: kind.pools.clone(),
                seats,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
