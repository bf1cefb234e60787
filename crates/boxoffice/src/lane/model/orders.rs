//! What a batch decides about orders.

use jiff::Timestamp;
use kernel::events::{OrderCancelled, OrderPaid, OrderPlaced, OrderUnfulfilled};
use kernel::{EventId, HoldId, Money, OrderId, PoolId};

use super::seats::Claim;
use super::{Draws, Errand, Fact, KnownOrder, Ledger};
use crate::hold::model::{self as holds, Hold, HoldLine, HoldState, TakeRefusal};
use crate::mutant;
use crate::order::buy::{Buy, BuyRefusal};
use crate::order::cancel::{Cancel, CancelRefusal};
use crate::order::model::{self, Buyer, Order, OrderState, Paid, Settlement};
use crate::order::place::{Confirmed, Place, PlaceRefusal, Placed};
use crate::order::settle::{Settle, SettleRefusal};
use crate::pool::model::{Cause, Change, Mark, NotEnough};
use crate::ticket::model::{self as tickets, Ticket, TicketState};
use platform::{Refusal, RefusalKind};

/// Who buys, and on what terms: what a placed and a bought order have in common.
#[derive(Debug, Clone, Copy)]
struct Customer<'a> {
    buyer: &'a Buyer,
    attendees: &'a [String],
    description: &'a str,
}

/// An order about to be made from some lines.
struct Draft {
    event: EventId,
    hold: Option<HoldId>,
    lines: Vec<HoldLine>,
    total: Money,
    mark: Mark,
}

/// Why a person gets no more tickets of a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("One person can have {maximum} tickets of “{name}”, over all orders; this address has {owned}.")]
pub struct PersonLimit {
    /// The type.
    pub name: String,
    /// The most a person may have.
    pub maximum: i32,
    /// How many they have.
    pub owned: i32,
}

impl Refusal for PersonLimit {
    fn code(&self) -> &'static str {
        "person_limit"
    }
    fn kind(&self) -> RefusalKind {
        RefusalKind::Conflict
    }
    fn details(&self) -> Option<serde_json::Value> {
        Some(serde_json::json!({"maximum": self.maximum, "owned": self.owned}))
    }
}

impl Ledger {
    /// Buys in one step: a free order is paid at once, for any other places are held until the payment.
    pub(super) fn buy(
        &mut self,
        command: &Buy,
        draws: &mut dyn Draws,
        now: Timestamp,
    ) -> Result<Confirmed, BuyRefusal> {
        let state = self.public_event(command.event, &command.slug).ok_or(TakeRefusal::NotFound)?;
        let mut lines = holds::choose(state, &command.wanted, now)?;
        if is_crowded(&lines, &command.attendees) {
            return Err(BuyRefusal::TooManyAttendees);
        }
        self.check_person(command.event, &command.buyer, &lines)?;
        let total = holds::total(&lines).ok_or(TakeRefusal::Nothing)?;
        let expires_at = now.checked_add(command.payment_ttl).map_err(|_| TakeRefusal::Nothing)?;
        let (id, code) = draws.order();
        let mark = self.stock.mark();
        let customer =
            Customer { buyer: &command.buyer, attendees: &command.attendees, description: &command.description };
        if total.is_zero() {
            holds::reserve(&lines, &mut self.stock, |quantity| Change::sell(quantity, id))?;
            self.seat_or_undo(command, &mut lines, Claim::Sell(id), mark)?;
            let draft = Draft { event: command.event, hold: None, lines, total, mark };
            return Ok(self.confirm(draft, (id, code), customer, draws, now));
        }
        let hold = draws.hold();
        holds::reserve(&lines, &mut self.stock, |quantity| Change::hold(quantity, hold))?;
        self.seat_or_undo(command, &mut lines, Claim::Hold(hold), mark)?;
        let state = HoldState::Live { expires_at, renewals: i16::MAX };
        self.holds.insert(hold, Hold { id: hold, event: command.event, state, lines: lines.clone() });
        self.written.new_holds.push(hold);
        let draft = Draft { event: command.event, hold: Some(hold), lines, total, mark };
        Ok(self.await_payment(draft, (id, code), customer, expires_at, now))
    }

    fn seat_or_undo(
        &mut self,
        command: &Buy,
        lines: &mut [HoldLine],
        claim: Claim,
        mark: Mark,
    ) -> Result<(), TakeRefusal> {
        let seated = self.seat(command.event, lines, &command.wanted, claim);
        if seated.is_err() {
            self.stock.undo(mark);
        }
        seated
    }

    /// Turns a hold into an order. A hold becomes one order at most: asked again, the same order is the answer.
    pub(super) fn place(
        &mut self,
        command: &Place,
        draws: &mut dyn Draws,
        now: Timestamp,
    ) -> Result<Placed, PlaceRefusal> {
        let hold = self.holds.get(&command.hold).ok_or(PlaceRefusal::NotFound)?.clone();
        if let Some(known) = self.order_of(hold.id).filter(|_| !mutant::is("placed_twice")) {
            return Ok(Placed::Before(known.order.id));
        }
        hold.live_until(now)?;
        if is_crowded(&hold.lines, &command.attendees) {
            return Err(PlaceRefusal::TooManyAttendees);
        }
        self.check_person(hold.event, &command.buyer, &hold.lines)?;
        let total = hold.total().ok_or(PlaceRefusal::NotFound)?;
        let expires_at = now.checked_add(command.payment_ttl).map_err(|_| PlaceRefusal::NotFound)?;
        let (id, code) = draws.order();
        let mark = self.stock.mark();
        let customer =
            Customer { buyer: &command.buyer, attendees: &command.attendees, description: &command.description };
        let draft = Draft { event: hold.event, hold: Some(hold.id), lines: hold.lines.clone(), total, mark };
        if total.is_zero() {
            model::convert(id, &hold, &mut self.stock).map_err(|_| PlaceRefusal::NotFound)?;
            if !self.convert_seats(&hold, id) {
                self.stock.undo(mark);
                return Err(PlaceRefusal::NotFound);
            }
            if !mutant::is("free_hold_stays_live") {
                self.end_hold(hold.id, HoldState::Converted);
            }
            Ok(Placed::Now(self.confirm(draft, (id, code), customer, draws, now)))
        } else {
            if !mutant::is("payment_time_not_kept") {
                self.end_hold(hold.id, HoldState::Live { expires_at, renewals: i16::MAX });
            }
            Ok(Placed::Now(self.await_payment(draft, (id, code), customer, expires_at, now)))
        }
    }

    fn new_order(
        &mut self,
        draft: &Draft,
        (id, code): (OrderId, String),
        customer: Customer<'_>,
        state: OrderState,
        now: Timestamp,
    ) -> Order {
        let order = Order {
            id,
            event: draft.event,
            hold: draft.hold,
            code,
            state,
            buyer: customer.buyer.clone(),
            total: draft.total,
            created_at: now,
            version: 1,
        };
        let lines = model::lines_of(&draft.lines);
        let known = KnownOrder { order: order.clone(), lines, attendees: customer.attendees.to_vec() };
        self.know(known);
        if !mutant::is("person_limit_forgets_batch") {
            self.count(id, 1);
        }
        self.written.new_orders.push(id);
        order
    }

    /// An order with nothing to pay: it is born paid, with its tickets.
    fn confirm(
        &mut self,
        draft: Draft,
        named: (OrderId, String),
        customer: Customer<'_>,
        draws: &mut dyn Draws,
        now: Timestamp,
    ) -> Confirmed {
        let order = self.new_order(&draft, named, customer, OrderState::Paid { paid_at: now, payment: None }, now);
        let tickets = self.issue(order.id, draws);
        let pools = self.stock.versions_since(draft.mark);
        Confirmed { order, lines: model::lines_of(&draft.lines), tickets, pools, payment: None }
    }

    /// An order with something to pay: its places stay held until then.
    fn await_payment(
        &mut self,
        draft: Draft,
        named: (OrderId, String),
        customer: Customer<'_>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Confirmed {
        let order = self.new_order(&draft, named, customer, OrderState::AwaitingPayment { expires_at }, now);
        if let Some(hold) = draft.hold {
            let (event, total) = (draft.event, draft.total);
            self.note(Fact::Placed(OrderPlaced { order: order.id, event, hold, total }));
        }
        let description = customer.description.to_owned();
        self.send(Errand::BeginPayment { order: order.id, amount: draft.total, description, expires_at });
        let pools = self.stock.versions_since(draft.mark);
        Confirmed { order, lines: model::lines_of(&draft.lines), tickets: Vec::new(), pools, payment: None }
    }

    /// Issues the tickets of an order that has just been paid.
    fn issue(&mut self, id: OrderId, draws: &mut dyn Draws) -> Vec<Ticket> {
        let Some(known) = self.orders.get(&id) else { return Vec::new() };
        let mut plans = tickets::plan(&known.lines, &known.attendees, known.order.buyer.name.as_str());
        if mutant::is("ticket_missing") && plans.len() > 1 {
            plans.pop();
        }
        let Order { event, hold, total, .. } = known.order;
        let lines = &known.lines;
        let name_of =
            |kind| lines.iter().find(|line| line.ticket_type == kind).map(|line| line.name.clone()).unwrap_or_default();
        let issued: Vec<Ticket> = plans
            .into_iter()
            .map(|plan| {
                let (ticket, serial) = draws.ticket();
                Ticket {
                    id: ticket,
                    event,
                    order: id,
                    ticket_type: plan.ticket_type,
                    type_name: name_of(plan.ticket_type),
                    number: plan.number,
                    serial,
                    state: TicketState::Valid,
                    holder_name: plan.holder_name,
                    price: plan.price,
                    seat: plan.seat.and_then(|seat| self.name_of(event, seat)),
                }
            })
            .collect();
        if !mutant::is("paid_not_told") {
            let tickets = issued.iter().map(|ticket| ticket.id).collect();
            self.note(Fact::Paid(OrderPaid { order: id, event, hold, total, tickets }));
        }
        self.written.tickets.extend(issued.iter().cloned());
        issued
    }

    /// The one rule for early, late, second and repeated payments. The limit of a person holds against late money too: they may have bought
    /// others meanwhile.
    pub(super) fn settle(
        &mut self,
        command: &Settle,
        draws: &mut dyn Draws,
        now: Timestamp,
    ) -> Result<Settlement, SettleRefusal> {
        let Settle { payment, amount, .. } = *command;
        let order = self.orders.get(&command.order).ok_or(SettleRefusal)?.order.clone();
        let hold = order.hold.and_then(|hold| self.holds.get(&hold)).cloned();
        let is_within_limits =
            hold.as_ref().is_none_or(|hold| self.check_person(order.event, &order.buyer, &hold.lines).is_ok())
                || mutant::is("late_money_breaks_limit");
        let mark = self.stock.mark();
        let mut settlement = model::settle(&order, hold.as_ref(), &mut self.stock, payment, is_within_limits)
            .map_err(|_| SettleRefusal)?;
        let are_seated = match (settlement, &hold) {
            (Settlement::Convert, Some(hold)) => self.convert_seats(hold, order.id),
            (Settlement::Retake, Some(hold)) => self.retake_seats(hold, order.id),
            _ => true,
        };
        if !are_seated {
            self.stock.undo(mark);
            settlement =
                if settlement == Settlement::Retake { Settlement::Unfulfil } else { return Err(SettleRefusal) };
        }
        match settlement {
            Settlement::Convert | Settlement::Retake => {
                if let Some(hold) = hold.filter(|_| settlement == Settlement::Convert) {
                    self.end_hold(hold.id, HoldState::Converted);
                }
                self.end_order(order.id, OrderState::Paid { paid_at: now, payment: Some(payment) });
                self.issue(order.id, draws);
            }
            Settlement::Unfulfil => {
                self.end_order(order.id, OrderState::Unfulfilled { ended_at: now });
                self.note(Fact::Unfulfilled(OrderUnfulfilled { order: order.id, event: order.event, payment }));
                if !mutant::is("too_late_keeps_money") {
                    self.send(Errand::GiveBack { payment, amount, reason: "paid after the places were gone" });
                }
                self.send(Errand::TellTooLate { order: order.id, payment, amount });
            }
            Settlement::GiveBack => {
                self.send(Errand::GiveBack { payment, amount, reason: "the order did not need this payment" });
            }
            Settlement::Nothing => {}
        }
        Ok(settlement)
    }

    /// Calls a paid or waiting order off with everything that belongs to it.
    pub(super) fn cancel(&mut self, command: &Cancel, now: Timestamp) -> Result<(), CancelRefusal> {
        let known = self.orders.get(&command.order).filter(|known| known.order.event == command.event);
        let known = known.ok_or(CancelRefusal::NotFound)?.clone();
        let order = known.order;
        let (refund, paid) = match order.state {
            OrderState::AwaitingPayment { .. } => {
                if let Some(hold) = order.hold {
                    self.give_back(hold, Cause::Released, HoldState::Released);
                }
                (None, None)
            }
            OrderState::Paid { paid_at, payment } => {
                let changes: Vec<(PoolId, Change)> = known
                    .lines
                    .iter()
                    .flat_map(|line| {
                        self.pools_of(order.event, line.ticket_type).into_iter().map(|pool| (pool, line.quantity))
                    })
                    .map(|(pool, quantity)| (pool, Change::cancel(quantity, order.id)))
                    .collect();
                let mark = self.stock.mark();
                if !mutant::is("cancel_keeps_places") {
                    self.stock.apply_all(changes).map_err(|_: NotEnough| CancelRefusal::NotFound)?;
                }
                if !mutant::is("cancel_keeps_seats") && !self.cancel_seats(order.event, &known.lines, order.id) {
                    self.stock.undo(mark);
                    return Err(CancelRefusal::NotFound);
                }
                if !mutant::is("cancel_keeps_tickets") {
                    self.written.cancelled.push(order.id);
                }
                let refunded = payment.filter(|_| command.is_refunded && !mutant::is("cancel_forgets_refund"));
                (refunded.map(|payment| (payment, order.total)), Some(Paid { at: paid_at, payment }))
            }
            ended => return Err(CancelRefusal::Ended { state: ended.as_str() }),
        };
        self.end_order(order.id, OrderState::Cancelled { ended_at: now, paid });
        self.note(Fact::Cancelled(OrderCancelled { order: order.id, event: order.event }));
        self.send(Errand::TellCancelled { order: order.id, refund });
        Ok(())
    }

    pub(super) fn end_order(&mut self, id: OrderId, state: OrderState) {
        let Some(known) = self.orders.get_mut(&id) else { return };
        let was_counted = known.order.state.is_counted();
        let is_counted = state.is_counted();
        known.order.state = state;
        if !mutant::is("order_version_kept") {
            known.order.version += 1;
        }
        self.written.touched_orders.insert(id);
        if was_counted != is_counted && !mutant::is("person_limit_forgets_expiry") {
            self.count(id, if is_counted { 1 } else { -1 });
        }
    }

    /// Adds an order's tickets to what its buyer has of types with a limit, or takes them away. Orders from before there was a limit were
    /// never counted, so it stops at nothing.
    fn count(&mut self, id: OrderId, sign: i32) {
        let Some(known) = self.orders.get(&id) else { return };
        let types = self.events.get(&known.order.event).map(|event| event.types.as_slice()).unwrap_or_default();
        for line in &known.lines {
            if types.iter().any(|kind| kind.id == line.ticket_type && kind.maximum_per_person.is_some()) {
                let person = known.order.buyer.email.normalised();
                let owned = self.owned.entry((line.ticket_type, person)).or_insert(0);
                *owned = (*owned + sign * line.quantity).max(0);
            }
        }
    }

    fn person_limit(&self, event: EventId, line: &HoldLine) -> Option<i32> {
        let types = &self.events.get(&event)?.types;
        types.iter().find(|kind| kind.id == line.ticket_type)?.maximum_per_person
    }

    /// Limits of one person hold over all their orders, decided under the lock that every one of them needs.
    fn check_person(&self, event: EventId, buyer: &Buyer, lines: &[HoldLine]) -> Result<(), PersonLimit> {
        for line in lines {
            let Some(maximum) = self.person_limit(event, line) else { continue };
            let owned = self.owned.get(&(line.ticket_type, buyer.email.normalised())).copied().unwrap_or(0);
            if owned + line.quantity > maximum && !mutant::is("person_limit_ignored") {
                return Err(PersonLimit { name: line.name.clone(), maximum, owned });
            }
        }
        Ok(())
    }
}

/// Whether there are more names than tickets.
fn is_crowded(lines: &[HoldLine], attendees: &[String]) -> bool {
    let tickets: i32 = lines.iter().map(|line| line.quantity).sum();
    attendees.len() > usize::try_from(tickets).unwrap_or(0)
}
