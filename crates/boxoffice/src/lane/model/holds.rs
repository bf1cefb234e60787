//! What a batch decides about holds.

use jiff::Timestamp;
use kernel::HoldId;
use kernel::events::OrderExpired;

use super::seats::Claim;
use super::{Draws, Fact, Ledger};
use crate::hold::model::{self, Hold, HoldEnded, HoldState, RenewRefusal, TakeRefusal};
use crate::hold::release::{Release, Released};
use crate::hold::renew::Renew;
use crate::hold::take::{Take, Taken};
use crate::mutant;
use crate::order::model::OrderState;
use crate::pool::model::{Cause, Change};

impl Ledger {
    /// Puts places aside.
    pub(super) fn take(&mut self, command: &Take, draws: &mut dyn Draws, now: Timestamp) -> Result<Taken, TakeRefusal> {
        let state = self.public_event(command.event, &command.slug).ok_or(TakeRefusal::NotFound)?;
        let mut lines = model::choose(state, &command.wanted, now)?;
        let expires_at = now.checked_add(command.ttl).map_err(|_| TakeRefusal::Nothing)?;
        let (id, mark) = (draws.hold(), self.stock.mark());
        model::reserve(&lines, &mut self.stock, |quantity| Change::hold(quantity, id))?;
        if let Err(refusal) = self.seat(command.event, &mut lines, &command.wanted, Claim::Hold(id)) {
            self.stock.undo(mark);
            return Err(refusal);
        }
        let hold = Hold { id, event: command.event, state: HoldState::Live { expires_at, renewals: 0 }, lines };
        self.holds.insert(id, hold.clone());
        self.written.new_holds.push(id);
        Ok(Taken { hold, expires_at, pools: self.stock.versions_since(mark) })
    }

    /// Gives a hold more time.
    pub(super) fn renew(&mut self, command: &Renew, now: Timestamp) -> Result<Hold, RenewRefusal> {
        let hold = self.holds.get_mut(&command.hold).ok_or(HoldEnded::Expired)?;
        hold.state = model::renew(hold, command.ttl, command.renewals_max, now)?;
        let renewed = hold.clone();
        if !mutant::is("renewal_not_written") {
            self.written.touched_holds.insert(command.hold);
        }
        Ok(renewed)
    }

    /// Lets go of a hold. One that has ended is left as it is, and so is one with an order that waits for its payment: that keeps its
    /// places until it is cancelled or expires.
    pub(super) fn release(&mut self, command: Release) -> Released {
        let is_ordered = self
            .order_of(command.hold)
            .is_some_and(|known| matches!(known.order.state, OrderState::AwaitingPayment { .. }));
        let mark = self.stock.mark();
        if !is_ordered || mutant::is("ordered_hold_released") {
            self.give_back(command.hold, Cause::Released, HoldState::Released);
        }
        Released { pools: self.stock.versions_since(mark) }
    }

    /// Ends a hold whose time ran out, and its unpaid order.
    pub(super) fn reclaim_one(&mut self, id: HoldId, now: Timestamp) -> bool {
        let is_over = self.holds.get(&id).is_some_and(|hold| hold.live_until(now) == Err(HoldEnded::Expired));
        if !is_over || !self.give_back(id, Cause::Expired, HoldState::Expired) {
            return false;
        }
        let unpaid = self
            .order_of(id)
            .filter(|known| matches!(known.order.state, OrderState::AwaitingPayment { .. }))
            .map(|known| (known.order.id, known.order.event));
        if let Some((order, event)) = unpaid.filter(|_| !mutant::is("expiry_forgets_order")) {
            self.end_order(order, OrderState::Expired { ended_at: now });
            self.note(Fact::Expired(OrderExpired { order, event }));
        }
        true
    }
}
