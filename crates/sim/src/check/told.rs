//! What callers are told: it is in the database, it is not older than their question, and they remember it.

use boxoffice::hold::model::{HoldEnded, HoldState, RenewRefusal, TakeRefusal};
use boxoffice::lane::command::{Command, Outcome};
use boxoffice::order::buy::BuyRefusal;
use boxoffice::order::cancel::CancelRefusal;
use boxoffice::order::model::{OrderState, Settlement};
use boxoffice::order::place::{Confirmed, PlaceRefusal, Placed};
use boxoffice::pool::edit::EditRefusal;
use boxoffice::pool::model::Cause;
use kernel::{HoldId, OrderId, PoolId};

use crate::node::{Attempt, Envelope, Reply};
use crate::scene::{self, POOLS_AN_EVENT, TYPES_AN_EVENT};
use crate::situation::Situation;
use crate::world::World;

impl World {
    /// Tells a caller what came of it.
    pub(crate) fn answer(&mut self, envelope: &Envelope, reply: Reply) {
        self.log(|| format!("call {} is told: {reply:?}", envelope.call));
        let call = &mut self.calls[envelope.call];
        if call.is_answered {
            return;
        }
        call.is_answered = true;
        if let Some(payment) = call.job {
            self.settled(payment, Some(&reply));
        }
        if let Some(key) = envelope.key {
            let is_fault = !matches!(reply, Reply::Outcome(_));
            if is_fault {
                self.await_key(key);
                self.known.keys.push(key);
            }
            self.store.keys.finish(key, envelope.call, is_fault);
        }
        if let Reply::Outcome(outcome) = reply {
            self.check_told(envelope, &outcome);
            self.note_told(envelope, &outcome);
            if let Some(heard) = &mut self.heard {
                heard.push((envelope.call, outcome));
            }
        }
    }

    /// Tells a caller whose node was killed nothing: the connection is gone.
    pub(crate) fn hang_up(&mut self, call: usize) {
        self.log(|| format!("call {call} loses its connection"));
        if std::mem::replace(&mut self.calls[call].is_answered, true) {
            return;
        }
        if let Some(payment) = self.calls[call].job {
            self.settled(payment, None);
        }
        let keys = self.store.keys.len();
        if let Some(key) = (0..keys).rev().take(64).find(|key| self.store.keys.get(*key).call == call) {
            self.known.keys.push(key);
        }
    }

    fn check_told(&mut self, envelope: &Envelope, outcome: &Outcome) {
        let call = envelope.call;
        match outcome {
            Outcome::Taken(Ok(taken)) => {
                self.check_hold(taken.hold.id);
                self.check_versions(call, &taken.pools, |change| change.hold == Some(taken.hold.id));
            }
            Outcome::Bought(Ok(made)) => {
                self.check_made(made);
                let id = made.order.id;
                self.check_versions(call, &made.pools, |change| {
                    change.order == Some(id) || (change.hold.is_some() && change.hold == made.order.hold)
                });
            }
            Outcome::Placed(Ok(Placed::Now(made))) => {
                self.check_made(made);
                self.check_versions(call, &made.pools, |change| change.order == Some(made.order.id));
            }
            Outcome::Placed(Ok(Placed::Before(order))) => self.check_order(*order),
            Outcome::Released(released) => {
                let hold = envelope.command.hold();
                self.check_versions(call, &released.pools, |change| change.hold == hold);
            }
            _ => {}
        }
    }

    fn check_hold(&mut self, id: HoldId) {
        if self.store.hold(scene::number(id.uuid())).is_none() {
            self.fail("what was told is there", || format!("{id} was told of and is not there"));
        }
    }

    fn check_order(&mut self, id: OrderId) {
        if self.store.order(scene::number(id.uuid())).is_none() {
            self.fail("what was told is there", || format!("{id} was told of and is not there"));
        }
    }

    fn check_made(&mut self, made: &Confirmed) {
        self.check_order(made.order.id);
        let is_paid = matches!(made.order.state, OrderState::Paid { .. });
        let row = self.store.order(scene::number(made.order.id.uuid()));
        let issued = row.map_or(0, |row| row.tickets.len());
        let has_payment = made.payment.is_some_and(|id| self.store.payment(scene::number(id.uuid())).is_some());
        if (is_paid && issued != made.tickets.len()) || (!is_paid && !has_payment) {
            self.fail("what was told is there", || format!("{}: tickets or payment", made.order.id));
        }
    }

    /// The versions that a change is told to have made are in the journal as its own, and newer than the question.
    fn check_versions(
        &mut self,
        call: usize,
        told: &[(PoolId, i64)],
        is_own: impl Fn(&boxoffice::pool::model::Change) -> bool,
    ) {
        for (pool, version) in told {
            let at = scene::number(pool.uuid());
            let line = self.store.pools[at].line(*version);
            let is_there = line.is_some_and(|line| is_own(&line.recorded.change));
            let is_newer = *version > self.calls[call].versions[at % POOLS_AN_EVENT];
            if !is_there || !is_newer {
                self.fail("what was told is there", || format!("version {version} of {pool} for call {call}"));
            }
        }
    }

    fn note_told(&mut self, envelope: &Envelope, outcome: &Outcome) {
        match outcome {
            Outcome::Taken(Ok(taken)) => {
                let event = scene::number(taken.hold.event.uuid());
                self.known.hold(scene::number(taken.hold.id.uuid()), event);
                self.seen.note_if(taken.hold.lines.iter().any(|line| line.name == "T3"), Situation::AddonTaken);
                self.note_pools(&taken.pools);
                let lines = taken.hold.lines.iter();
                self.note_seated(envelope, lines.map(|line| (line.name.as_str(), line.seats.as_slice())));
            }
            Outcome::Taken(Err(refusal)) | Outcome::Bought(Err(BuyRefusal::Take(refusal))) => {
                self.note_refusal(envelope, refusal);
            }
            Outcome::Bought(Ok(made)) => {
                let is_free = made.payment.is_none();
                self.seen.note(if is_free { Situation::BoughtFree } else { Situation::BoughtPaid });
                self.remember(made);
                let lines = made.lines.iter();
                self.note_seated(envelope, lines.map(|line| (line.name.as_str(), line.seats.as_slice())));
            }
            Outcome::Placed(Ok(Placed::Now(made))) => {
                self.seen.note(Situation::Placed);
                self.remember(made);
            }
            Outcome::Placed(Ok(Placed::Before(_))) => self.seen.note(Situation::PlacedTwice),
            Outcome::Placed(Err(PlaceRefusal::Ended(HoldEnded::Expired))) => self.note_too_late(envelope),
            Outcome::Placed(Err(PlaceRefusal::Ended(HoldEnded::Released))) => {
                self.seen.note(Situation::PlacedReleased);
            }
            Outcome::Bought(Err(BuyRefusal::Person(_))) | Outcome::Placed(Err(PlaceRefusal::Person(_))) => {
                self.note_limit(envelope);
            }
            Outcome::Renewed(Ok(_)) => self.seen.note(Situation::Renewed),
            Outcome::Renewed(Err(RenewRefusal::TooOften)) => self.seen.note(Situation::RenewedTooOften),
            Outcome::Renewed(Err(RenewRefusal::Ended(HoldEnded::Expired))) => {
                self.seen.note(Situation::RenewedTooLate);
            }
            Outcome::Released(released) => self.note_released(envelope, released.pools.is_empty()),
            Outcome::Settled(Ok(settlement)) => self.note_settled(envelope, *settlement),
            Outcome::Cancelled(result) => self.note_cancelled(envelope, result.as_ref().err()),
            Outcome::Resized(result) => self.note_resized(envelope, result.as_ref().err()),
            Outcome::Blocked(result) => self.note_blocked(result.as_ref().err()),
            _ => {}
        }
    }

    fn remember(&mut self, made: &Confirmed) {
        let event = scene::number(made.order.event.uuid());
        let (id, person) = (made.order.id, scene::person(&made.order.buyer.email));
        self.known.order(scene::number(id.uuid()), event);
        self.note_pools(&made.pools);
        let has_expired = made.lines.iter().any(|line| line.name == "T5")
            && self.store.orders.iter().rev().take(60).flatten().any(|row| {
                row.person == person && row.is_limited && matches!(row.known.order.state, OrderState::Expired { .. })
            });
        self.seen.note_if(has_expired, Situation::PersonLimitFreed);
    }

    fn note_pools(&mut self, pools: &[(PoolId, i64)]) {
        for (pool, version) in pools {
            let at = scene::number(pool.uuid());
            let Some((capacity, held, sold)) = self.numbers_at(at, *version, &[]) else { continue };
            self.seen.note_if(capacity == held + sold, Situation::LastPlace);
            let before = self.cause_at(at, version - 1);
            self.seen.note_if(before == Some(Cause::Expired), Situation::Reclaimed);
            self.seen.note_if(before == Some(Cause::Resized), Situation::ResizedRoom);
        }
    }

    fn note_refusal(&mut self, envelope: &Envelope, refusal: &TakeRefusal) {
        match refusal {
            TakeRefusal::SoldOut { available, name, .. } => {
                self.seen.note(Situation::SoldOut);
                self.seen.note_if(*available > 0, Situation::SoldOutPart);
                let wanted = match &envelope.command {
                    Command::Take(take) => &take.wanted,
                    Command::Buy(buy) => &buy.wanted,
                    _ => return,
                };
                let first = wanted.first().map(|wish| scene::number(wish.ticket_type.uuid()) % TYPES_AN_EVENT);
                let is_second = first.is_some_and(|first| *name != format!("T{first}"));
                self.seen.note_if(is_second, Situation::SoldOutSecondLine);
            }
            TakeRefusal::AddonAlone { .. } => self.seen.note(Situation::AddonAlone),
            TakeRefusal::NotOnSale { .. } => self.seen.note(Situation::ClosedSale),
            TakeRefusal::NotFound => self.seen.note(Situation::Hidden),
            other => self.note_seat_refusal(envelope, other),
        }
    }

    fn note_too_late(&mut self, envelope: &Envelope) {
        self.seen.note(Situation::PlacedExpired);
        let Some(hold) = envelope.command.hold().and_then(|id| self.store.hold(scene::number(id.uuid()))) else {
            return;
        };
        let is_alive = (0..self.nodes.len()).any(|node| self.now(node) < hold.expires_at);
        self.seen.note_if(is_alive, Situation::ClockAhead);
    }

    fn note_limit(&mut self, envelope: &Envelope) {
        self.seen.note(Situation::PersonLimit);
        let Some(buyer) = envelope.command.buyer() else { return };
        let (person, node) = (scene::person(&buyer.email), self.calls[envelope.call].node);
        self.seen.note_if(buyer.email.as_str().starts_with('P'), Situation::PersonLimitSpelling);
        let elsewhere = self.store.orders.iter().flatten();
        let elsewhere = elsewhere.rev().take(60).any(|row| row.person == person && row.is_limited && row.node != node);
        self.seen.note_if(elsewhere, Situation::PersonLimitNodes);
    }

    fn note_released(&mut self, envelope: &Envelope, is_nothing: bool) {
        let hold = envelope.command.hold().and_then(|id| self.store.hold(scene::number(id.uuid())));
        let is_live = hold.is_some_and(|row| matches!(row.hold.state, HoldState::Live { .. }) && row.order.is_some());
        self.seen.note(match (is_nothing, is_live) {
            (false, _) => Situation::Released,
            (true, true) => Situation::ReleasedOrdered,
            (true, false) => Situation::ReleasedTwice,
        });
    }

    fn note_settled(&mut self, envelope: &Envelope, settlement: Settlement) {
        let Command::Settle(settle) = &envelope.command else { return };
        let Some(row) = self.store.order(scene::number(settle.order.uuid())) else { return };
        let is_overdue = row.hold.and_then(|hold| self.store.hold(hold)).is_some_and(
            |hold| matches!(row.known.order.state, OrderState::Paid { paid_at, .. } if paid_at >= hold.expires_at),
        );
        let is_its = row.paid_by == Some(scene::number(settle.payment.uuid()));
        let is_cancelled = matches!(row.known.order.state, OrderState::Cancelled { .. });
        self.note_settled_seats(scene::number(settle.order.uuid()), settlement);
        self.seen.note(match settlement {
            Settlement::Convert if is_overdue => Situation::PaidOverdue,
            Settlement::Convert => Situation::PaidEarly,
            Settlement::Retake => Situation::PaidLateRetaken,
            Settlement::Unfulfil if self.is_limited_out(envelope) => Situation::PaidLateLimited,
            Settlement::Unfulfil => Situation::PaidLateGone,
            Settlement::GiveBack if is_cancelled => Situation::PaidCancelled,
            Settlement::GiveBack => Situation::PaidSecond,
            Settlement::Nothing if is_cancelled && is_its => Situation::CancelledKeptTold,
            Settlement::Nothing => Situation::PaidAgain,
        });
    }

    /// Whether the buyer of a settled order has so many that its tickets would be too many.
    fn is_limited_out(&self, envelope: &Envelope) -> bool {
        let order = envelope.command.order().and_then(|id| self.store.order(scene::number(id.uuid())));
        order.is_some_and(|row| {
            row.lines.iter().any(|line| {
                let kind = &self.scene.events[line.kind / TYPES_AN_EVENT].types[line.kind % TYPES_AN_EVENT];
                let owned = self.store.owned(line.kind, row.person);
                kind.maximum_per_person.is_some_and(|limit| owned + line.quantity > limit)
            })
        })
    }

    fn note_cancelled(&mut self, envelope: &Envelope, refusal: Option<&CancelRefusal>) {
        let Some(order) = envelope.command.order().and_then(|id| self.store.order(scene::number(id.uuid()))) else {
            return;
        };
        let (was_paid, is_refunded) = (order.paid_by.is_some(), order.is_refunded);
        match refusal {
            Some(CancelRefusal::Ended { .. }) => self.seen.note(Situation::CancelledEnded),
            Some(CancelRefusal::NotFound) => {}
            None if was_paid && is_refunded => self.seen.note(Situation::CancelledPaid),
            None if was_paid => self.seen.note(Situation::CancelledKept),
            None => self.seen.note(Situation::CancelledUnpaid),
        }
    }

    fn note_resized(&mut self, envelope: &Envelope, refusal: Option<&EditRefusal>) {
        let Command::Resize(resize) = &envelope.command else { return };
        let pool = &self.store.pools[scene::number(resize.pool.uuid())].pool;
        let is_exact = pool.held + pool.sold == resize.capacity;
        match refusal {
            None if is_exact => self.seen.note(Situation::ResizedExact),
            Some(EditRefusal::BelowSold { .. }) => self.seen.note(Situation::ResizedBelow),
            _ => {}
        }
    }

    /// Notes what a batch cleared away.
    pub(crate) fn note_reclaimed(&mut self, attempt: &Attempt, ended: usize) {
        if ended == 0 {
            return;
        }
        self.seen.note_if(!attempt.ledger.written.touched_orders.is_empty(), Situation::ReclaimedOrder);
        let is_sweep = |envelope: &Envelope| matches!(envelope.command, Command::Sweep(_));
        self.seen.note_if(attempt.envelopes.iter().any(is_sweep), Situation::Swept);
    }
}
