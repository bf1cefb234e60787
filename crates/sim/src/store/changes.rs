//! What a batch writes: made from the ledger as the shell's statements are, checked against the constraints, applied by the commit.

use std::collections::BTreeSet;

use boxoffice::hold::model::{Hold, HoldState};
use boxoffice::lane::command::{Command, Outcome};
use boxoffice::lane::model::{Errand, Fact, KnownOrder, Ledger};
use boxoffice::lane::rule;
use boxoffice::order::model::{Order, OrderState};
use boxoffice::order::place::Placed;
use boxoffice::pool::model::{CAPACITY_MAX, Pool, Recorded};
use boxoffice::seat::model::SeatChange;
use jiff::Timestamp;
use kernel::{HoldId, Money, OrderId, PaymentId};
use payments::payment::model::{Payment, PaymentState};

use super::{Facts, HoldRow, Line, LineRow, OrderRow, PaymentRow, Store, TicketRow, is_counted};
use crate::node::Envelope;
use crate::scene::{self, TYPES_AN_EVENT};

/// A constraint that a statement broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken(pub &'static str);

/// That something was done for a call: a hold or an order was made.
#[derive(Debug, Clone, Copy)]
pub struct Effect {
    /// The call.
    pub call: usize,
    /// Its key.
    pub key: Option<usize>,
}

/// What one transaction writes.
#[derive(Debug)]
pub struct Changes {
    /// When the batch began, by its node's clock.
    pub now: Timestamp,
    pools: Vec<Pool>,
    /// New lines of the pools' journals.
    pub lines: Vec<Recorded>,
    /// New changes of events' seats.
    pub seats: Vec<(usize, Vec<SeatChange>)>,
    new_holds: Vec<Hold>,
    holds: Vec<(usize, HoldState)>,
    new_orders: Vec<OrderRow>,
    orders: Vec<Order>,
    tickets: Vec<(usize, TicketRow)>,
    cancelled: Vec<usize>,
    facts: Vec<Fact>,
    marks: Vec<usize>,
    /// What was done for whom.
    pub effects: Vec<Effect>,
    payments: Vec<(usize, PaymentRow)>,
    refunds: Vec<(usize, i64)>,
    refunded_orders: Vec<usize>,
}

impl Changes {
    /// Everything that the shell writes for a batch; completes the outcomes with what only writing tells.
    pub fn of(
        ledger: &Ledger,
        (now, node): (Timestamp, usize),
        envelopes: &[Envelope],
        outcomes: &mut [Outcome],
        store: &mut Store,
    ) -> Self {
        let written = &ledger.written;
        let is_new_hold = |id: &HoldId| written.new_holds.contains(id);
        let is_new_order = |id: &OrderId| written.new_orders.contains(id);
        let old_holds = written.touched_holds.iter().filter(|id| !is_new_hold(id));
        let old_orders = written.touched_orders.iter().filter(|id| !is_new_order(id));
        let new_orders = written.new_orders.iter().filter_map(|id| ledger.orders.get(id));
        let mut changes = Self {
            now,
            pools: ledger.stock.changed().cloned().collect(),
            lines: ledger.stock.recorded().to_vec(),
            seats: ledger.seats.iter().map(|(id, seats)| (scene::number(id.uuid()), seats.changes.clone())).collect(),
            new_holds: written.new_holds.iter().filter_map(|id| ledger.holds.get(id)).cloned().collect(),
            holds: old_holds
                .filter_map(|id| ledger.holds.get(id))
                .map(|hold| (scene::number(hold.id.uuid()), hold.state))
                .collect(),
            new_orders: new_orders.map(|known| order_row(ledger, known, node)).collect(),
            orders: old_orders.filter_map(|id| ledger.orders.get(id)).map(|known| known.order.clone()).collect(),
            tickets: written.tickets.iter().map(ticket_row).collect(),
            cancelled: written.cancelled.iter().map(|id| scene::number(id.uuid())).collect(),
            facts: written.facts.iter().map(|(_, fact)| fact.clone()).collect(),
            marks: Vec::new(),
            effects: Vec::new(),
            payments: Vec::new(),
            refunds: Vec::new(),
            refunded_orders: Vec::new(),
        };
        for (envelope, outcome) in envelopes.iter().zip(outcomes.iter()) {
            changes.note_effect(envelope, outcome);
        }
        for (at, errand) in &written.errands {
            changes.run_errand(errand, outcomes.get_mut(*at), store);
        }
        changes
    }

    fn note_effect(&mut self, envelope: &Envelope, outcome: &Outcome) {
        if rule::is_marked(envelope.key.is_some(), outcome) {
            self.marks.extend(envelope.key);
        }
        let is_made = match outcome {
            Outcome::Taken(result) => result.is_ok(),
            Outcome::Bought(result) => result.is_ok(),
            Outcome::Placed(result) => matches!(result, Ok(Placed::Now(_))),
            _ => false,
        };
        if let (Command::Cancel(cancel), Outcome::Cancelled(Ok(()))) = (&envelope.command, outcome) {
            self.refunded_orders.extend(cancel.is_refunded.then(|| scene::number(cancel.order.uuid())));
        }
        if is_made {
            self.effects.push(Effect { call: envelope.call, key: envelope.key });
        }
    }

    fn run_errand(&mut self, errand: &Errand, outcome: Option<&mut Outcome>, store: &mut Store) {
        match errand {
            Errand::BeginPayment { order, amount, description, expires_at } => {
                let at = store.draw_payment();
                let begun = (*order, *amount, *expires_at, self.now);
                self.payments.push((at, new_payment(at, begun, description.clone())));
                if let Some(Outcome::Bought(Ok(confirmed)) | Outcome::Placed(Ok(Placed::Now(confirmed)))) = outcome {
                    confirmed.payment = Some(scene::payment(at));
                }
            }
            Errand::GiveBack { payment, amount, .. } => self.give_back(*payment, *amount, store),
            Errand::TellTooLate { .. } => {}
            Errand::TellCancelled { refund, .. } => {
                if let Some((payment, amount)) = refund {
                    self.give_back(*payment, *amount, store);
                }
            }
        }
    }

    /// As payments does it: only what came and is left of it.
    fn give_back(&mut self, payment: PaymentId, amount: Money, store: &Store) {
        let at = scene::number(payment.uuid());
        let Some(row) = store.payment(at) else { return };
        let before: i64 = self.refunds.iter().filter(|(other, _)| *other == at).map(|(_, amount)| amount).sum();
        let left = row.payment.amount.amount - row.refunded - before;
        if matches!(row.payment.state, PaymentState::Succeeded { .. }) && amount.amount > 0 && amount.amount <= left {
            self.refunds.push((at, amount.amount));
        }
    }

    /// Whether the statements go through.
    pub fn check(&self, store: &Store) -> Result<(), Broken> {
        for pool in &self.pools {
            let fits = i64::from(pool.held) + i64::from(pool.sold) <= i64::from(pool.capacity);
            if pool.held < 0 || pool.sold < 0 || !fits {
                return Err(Broken("pool_never_oversells"));
            }
            if !(0..=CAPACITY_MAX).contains(&pool.capacity) {
                return Err(Broken("pool_capacity"));
            }
        }
        for (place, line) in self.lines.iter().enumerate() {
            let same = |other: &Recorded| other.pool == line.pool && other.version == line.version;
            let known = store.pools[scene::number(line.pool.uuid())].journal.last();
            if known.is_some_and(|last| last.recorded.version >= line.version) || self.lines[..place].iter().any(same) {
                return Err(Broken("pool_journal_pkey"));
            }
        }
        for (place, row) in self.new_orders.iter().enumerate() {
            let Some(hold) = row.hold else { continue };
            let is_taken = store.hold(hold).is_some_and(|row| row.order.is_some());
            if is_taken || self.new_orders[..place].iter().any(|other| other.hold == Some(hold)) {
                return Err(Broken("order_a_hold_is_unique"));
            }
        }
        self.check_tickets(store)
    }

    fn check_tickets(&self, store: &Store) -> Result<(), Broken> {
        for (order, ticket) in &self.tickets {
            let had = store.order(*order).is_some_and(|row| row.tickets.iter().any(|old| old.number == ticket.number));
            let same = self.tickets.iter().filter(|(other, new)| other == order && new.number == ticket.number);
            if had || same.count() > 1 {
                return Err(Broken("ticket_pkey"));
            }
        }
        self.check_seats(store)
    }

    /// The statements in their order: tickets are cancelled first, then the new ones are written, those of cancelled orders as cancelled.
    fn check_seats(&self, store: &Store) -> Result<(), Broken> {
        for (event, changes) in &self.seats {
            let last = store.seats[*event].version;
            if changes.iter().any(|change| change.version <= last) {
                return Err(Broken("seat_change_pkey"));
            }
        }
        let valid = self.tickets.iter().filter(|(order, _)| !self.cancelled.contains(order));
        let mut taken = BTreeSet::new();
        for (_, ticket) in valid {
            let Some(seat) = ticket.seat else { continue };
            let event = ticket.kind / TYPES_AN_EVENT;
            let other = store.seats[event].sold.get(&seat);
            if other.is_some_and(|order| !self.cancelled.contains(order)) || !taken.insert((event, seat)) {
                return Err(Broken("ticket_has_its_seat_alone"));
            }
        }
        Ok(())
    }

    /// Whether a key is marked by this transaction.
    pub fn marks(&self, key: usize) -> bool {
        self.marks.contains(&key)
    }

    /// Whether it can be looked up by a witness.
    pub fn witness(&self) -> Option<&Recorded> {
        self.lines.first()
    }

    /// Commits.
    pub fn apply(self, store: &mut Store) {
        for pool in self.pools {
            let row = &mut store.pools[scene::number(pool.id.uuid())];
            row.pool = pool;
        }
        for recorded in self.lines {
            let row = &mut store.pools[scene::number(recorded.pool.uuid())];
            let (capacity, held, sold) = row.journal.last().map_or((0, 0, 0), |line| line.after);
            let change = recorded.change;
            let after = (capacity + change.capacity, held + change.held, sold + change.sold);
            row.journal.push(Line { recorded, at: self.now, after });
        }
        for (event, changes) in self.seats {
            changes.into_iter().for_each(|change| store.seats[event].apply(change));
        }
        for hold in self.new_holds {
            store.insert_hold(hold);
        }
        for (at, state) in self.holds {
            let event = store.hold(at).filter(|row| matches!(row.hold.state, HoldState::Live { .. }));
            if let Some(event) = event.map(|row| scene::number(row.hold.event.uuid())) {
                store.set_hold(at, event, state);
            }
        }
        for row in self.new_orders {
            store.insert_order(row);
        }
        for order in self.orders {
            store.save_order(order);
        }
        for order in &self.cancelled {
            store.with_order(*order, |row| row.tickets.iter_mut().for_each(|ticket| ticket.is_valid = false));
            store.seats.iter_mut().for_each(|row| row.sold.retain(|_, holder| holder != order));
        }
        for (order, mut ticket) in self.tickets {
            ticket.is_valid = !self.cancelled.contains(&order);
            if let Some(seat) = ticket.seat.filter(|_| ticket.is_valid) {
                store.seats[ticket.kind / TYPES_AN_EVENT].sold.insert(seat, order);
            }
            store.with_order(order, |row| row.tickets.push(ticket));
        }
        for fact in &self.facts {
            store.record(fact);
        }
        for key in self.marks {
            store.keys.mark(key);
        }
        for (at, row) in self.payments {
            store.insert_payment(at, row);
        }
        for (at, amount) in self.refunds {
            if let Some(row) = store.payments[at].as_mut() {
                row.refunded += amount;
            }
        }
        for order in self.refunded_orders {
            store.with_order(order, |row| row.is_refunded = true);
        }
    }
}

fn order_row(ledger: &Ledger, known: &KnownOrder, node: usize) -> OrderRow {
    let kind = |id: kernel::TicketTypeId| scene::number(id.uuid());
    OrderRow {
        lines: known
            .lines
            .iter()
            .map(|line| LineRow { kind: kind(line.ticket_type), quantity: line.quantity })
            .collect(),
        person: scene::person(&known.order.buyer.email),
        is_limited: ledger.limited_person(known).is_some(),
        hold: known.order.hold.map(|hold| scene::number(hold.uuid())),
        paid_at: match known.order.state {
            OrderState::Paid { paid_at, .. } => Some(paid_at),
            _ => None,
        },
        paid_by: None,
        is_refunded: false,
        tickets: Vec::new(),
        payments: Vec::new(),
        facts: Facts::default(),
        node,
        lock: None,
        known: known.clone(),
    }
}

fn ticket_row(ticket: &boxoffice::ticket::model::Ticket) -> (usize, TicketRow) {
    let row = TicketRow {
        kind: scene::number(ticket.ticket_type.uuid()),
        number: ticket.number,
        price: ticket.price.amount,
        is_valid: true,
        seat: ticket.seat.as_ref().map(|seat| seat.seat),
    };
    (scene::number(ticket.order.uuid()), row)
}

/// A payment as it begins.
pub fn new_payment(
    at: usize,
    (order, amount, expires_at, now): (OrderId, Money, Timestamp, Timestamp),
    description: String,
) -> PaymentRow {
    let payment = Payment {
        id: scene::payment(at),
        organisation: scene::organisation(),
        order,
        amount,
        description,
        created_at: now,
        expires_at,
        provider: None,
        state: PaymentState::Created,
    };
    PaymentRow { payment, order: scene::number(order.uuid()), refunded: 0, told: 0 }
}

impl Store {
    /// The number of a payment about to be written.
    pub fn draw_payment(&mut self) -> usize {
        self.payments.push(None);
        self.payments.len() - 1
    }

    /// A payment that is committed.
    pub fn payment(&self, at: usize) -> Option<&PaymentRow> {
        self.payments.get(at)?.as_ref()
    }

    /// Writes a new payment.
    pub fn insert_payment(&mut self, at: usize, row: PaymentRow) {
        self.with_order(row.order, |order| order.payments.push(at));
        self.payments[at] = Some(row);
    }

    fn insert_hold(&mut self, hold: Hold) {
        let at = scene::number(hold.id.uuid());
        let (event, state) = (scene::number(hold.event.uuid()), hold.state);
        if self.holds.len() <= at {
            self.holds.resize_with(at + 1, || None);
        }
        self.holds[at] =
            Some(HoldRow { hold, expires_at: Timestamp::UNIX_EPOCH, renewals: 0, order: None, lock: None });
        self.set_hold(at, event, state);
    }

    fn insert_order(&mut self, row: OrderRow) {
        let at = scene::number(row.known.order.id.uuid());
        if self.orders.len() <= at {
            self.orders.resize_with(at + 1, || None);
        }
        if let Some(hold) = row.hold.and_then(|hold| self.holds.get_mut(hold)).and_then(Option::as_mut) {
            hold.order = Some(at);
        }
        let is_counting = is_counted(&row.known.order.state);
        self.orders[at] = Some(row);
        if is_counting {
            self.count_for(at, 1);
        }
    }

    fn save_order(&mut self, order: Order) {
        let at = scene::number(order.id.uuid());
        let Some(row) = self.orders.get(at).and_then(Option::as_ref) else { return };
        let (was, is) = (is_counted(&row.known.order.state), is_counted(&order.state));
        if was != is {
            self.count_for(at, if is { 1 } else { -1 });
        }
        self.with_order(at, |row| {
            // As the statement does it: what was written once stays when a later state does not say it.
            let (paid_at, payment) = match order.state {
                OrderState::Paid { paid_at, payment } => (Some(paid_at), payment),
                OrderState::Cancelled { paid: Some(paid), .. } => (Some(paid.at), paid.payment),
                _ => (None, None),
            };
            row.paid_at = paid_at.or(row.paid_at);
            row.paid_by = payment.map(|payment| scene::number(payment.uuid())).or(row.paid_by);
            row.known.order = order;
        });
    }

    /// Changes an order that is committed.
    pub fn with_order(&mut self, at: usize, change: impl FnOnce(&mut OrderRow)) {
        if let Some(row) = self.orders.get_mut(at).and_then(Option::as_mut) {
            change(row);
        }
    }

    fn record(&mut self, fact: &Fact) {
        let (order, count): (OrderId, fn(&mut Facts) -> &mut u8) = match fact {
            Fact::Placed(event) => (event.order, |facts| &mut facts.placed),
            Fact::Paid(event) => (event.order, |facts| &mut facts.paid),
            Fact::Cancelled(event) => (event.order, |facts| &mut facts.cancelled),
            Fact::Expired(event) => (event.order, |facts| &mut facts.expired),
            Fact::Unfulfilled(event) => (event.order, |facts| &mut facts.unfulfilled),
        };
        self.with_order(scene::number(order.uuid()), |row| {
            let count = count(&mut row.facts);
            *count = count.saturating_add(1);
        });
    }
}
