//! Payments: what buyers do at the provider, what the provider tells, and the settlements that follow, at least once each.

use boxoffice::lane::command::Command;
use boxoffice::order::model::OrderState;
use boxoffice::order::settle::Settle;
use payments::payment::model::PaymentState;
use payments::provider::{ProviderState, Standing};

use crate::dice::Dice;
use crate::node::Reply;
use crate::scene;
use crate::situation::Situation;
use crate::store::new_payment;
use crate::world::World;

/// Only so many of the newest payments are still on somebody's mind.
const PAYMENTS_ON_MIND_MAX: usize = 16;

/// How a payment stands at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Far {
    /// Nobody has paid yet.
    Open,
    /// The money is there.
    Paid,
    /// The payment was refused.
    Declined,
    /// The page closed unpaid.
    Expired,
}

impl Far {
    fn standing(self) -> Standing {
        match self {
            Self::Open => Standing::Open,
            Self::Paid => Standing::Paid,
            Self::Declined => Standing::Declined("card_declined".to_owned()),
            Self::Expired => Standing::Expired,
        }
    }
}

/// A notice on its way: what the provider's object said when somebody looked, which may be long ago.
#[derive(Debug, Clone, Copy)]
struct Notice {
    payment: usize,
    seen: Far,
    is_delivered: bool,
}

/// A settlement to be done: the journal's word that a payment succeeded.
#[derive(Debug, Clone, Copy)]
struct Job {
    payment: usize,
    is_running: bool,
    is_again: bool,
}

/// Everything about money that is not in the database.
#[derive(Debug, Default)]
pub struct Desk {
    far: Vec<Far>,
    notices: Vec<Notice>,
    jobs: Vec<Job>,
}

impl World {
    /// Something goes on at the provider, or between it and us.
    pub(crate) fn move_money(&mut self, dice: &mut Dice) {
        match dice.below(12) {
            0..=3 => self.act_at_provider(dice),
            4..=5 => self.deliver_notice(dice),
            6 => self.poll(dice),
            7 => self.pay_again(dice),
            _ => self.settle_some(dice),
        }
    }

    /// Delivers what is on its way at the end; false when there is nothing left.
    pub(crate) fn deliver_something(&mut self, dice: &mut Dice) -> bool {
        if self.desk.notices.is_empty() && self.desk.jobs.is_empty() {
            return false;
        }
        self.deliver_notice(dice);
        self.settle_some(dice);
        true
    }

    fn some_payment(&self, dice: &mut Dice) -> Option<usize> {
        let all = self.store.payments.len();
        let mind = all.min(PAYMENTS_ON_MIND_MAX);
        let at = all - mind + dice.below(mind);
        self.store.payment(at).map(|_| at)
    }

    fn act_at_provider(&mut self, dice: &mut Dice) {
        let Some(at) = self.some_payment(dice) else { return };
        self.tally.operations += 1;
        if self.desk.far.len() <= at {
            self.desk.far.resize(at + 1, Far::Open);
        }
        let before = self.desk.far[at];
        let after = match (before, dice.below(10)) {
            (Far::Open, 0) => Far::Expired,
            (Far::Open, 1..=2) => Far::Declined,
            (Far::Open, _) | (Far::Declined, 0..=4) => Far::Paid,
            (same, _) => same,
        };
        if before == after {
            return;
        }
        self.desk.far[at] = after;
        self.log(|| format!("payment {at} at the provider: {before:?} becomes {after:?}"));
        self.seen.note_if(before == Far::Declined && after == Far::Paid, Situation::PaidAfterDecline);
        let order = self.store.payment(at).map_or(usize::MAX, |row| row.order);
        let hold = self.store.order(order).and_then(|order| self.store.hold(order.hold?));
        let is_overdue = hold.is_some_and(|hold| hold.expires_at <= self.now(0));
        self.seen.note_if(after == Far::Paid && is_overdue, Situation::ExpiredOnTheWay);
        if dice.one_in(8) {
            return; // The provider forgets to tell.
        }
        // Some notices are written with an older look at the object.
        let seen = if dice.one_in(5) { before } else { after };
        self.desk.notices.push(Notice { payment: at, seen, is_delivered: false });
        if seen == before {
            self.desk.notices.push(Notice { payment: at, seen: after, is_delivered: false });
        }
    }

    fn deliver_notice(&mut self, dice: &mut Dice) {
        if self.desk.notices.is_empty() {
            return;
        }
        let at = dice.below(self.desk.notices.len());
        let notice = self.desk.notices[at];
        self.seen.note_if(notice.is_delivered, Situation::NoticeTwice);
        if notice.is_delivered || !dice.one_in(4) {
            self.desk.notices.swap_remove(at);
        } else {
            self.desk.notices[at].is_delivered = true;
        }
        let is_old = self.desk.far.get(notice.payment).is_some_and(|far| *far != notice.seen);
        self.seen.note_if(is_old, Situation::NoticeOld);
        self.fold(notice.payment, notice.seen);
    }

    /// Asks the provider about a payment that nobody told of.
    fn poll(&mut self, dice: &mut Dice) {
        let Some(at) = self.some_payment(dice) else { return };
        let Some(far) = self.desk.far.get(at).copied() else { return };
        let is_told = self.desk.notices.iter().any(|notice| notice.payment == at);
        let is_news = far == Far::Paid && self.store.payment(at).is_some_and(|row| row.told == 0);
        self.seen.note_if(is_news && !is_told, Situation::NoticeNever);
        self.fold(at, far);
    }

    /// Folds a look into the payment, in a transaction of its own, and records when it succeeded.
    fn fold(&mut self, at: usize, far: Far) {
        self.tally.operations += 1;
        let now = self.now(0);
        let Some(row) = self.store.payments.get_mut(at).and_then(Option::as_mut) else { return };
        let reference = format!("far_{at}");
        let (payment, amount) = (Some(row.payment.id), row.payment.amount);
        let seen = ProviderState { reference, payment, amount, standing: far.standing() };
        let before = row.payment.state.name();
        row.payment = row.payment.clone().fold(&seen, now);
        let after = row.payment.state.name();
        self.log(|| format!("payment {at} is {before}, then told {far:?}: {after}"));
        let is_paid = before != after
            && self.store.payment(at).is_some_and(|row| matches!(row.payment.state, PaymentState::Succeeded { .. }));
        if is_paid {
            if let Some(row) = self.store.payments[at].as_mut() {
                row.told = row.told.saturating_add(1);
            }
            self.desk.jobs.push(Job { payment: at, is_running: false, is_again: false });
        }
    }

    /// The provider has the money, and tells it at once.
    pub(crate) fn take_money(&mut self, at: usize) {
        self.fold(at, Far::Paid);
    }

    /// A buyer whose payment failed asks for another page, as `order::pay` prepares it.
    fn pay_again(&mut self, dice: &mut Dice) {
        let recent = self.known.orders.len();
        let Some((order, _)) = self.known.orders.get(dice.below(recent)).copied() else { return };
        let now = self.now(0);
        let Some(row) = self.store.order(order).filter(|_| !self.is_locked(order)) else { return };
        let OrderState::AwaitingPayment { expires_at } = row.known.order.state else { return };
        let is_open = |at: &usize| self.store.payment(*at).is_some_and(|row| row.payment.state.is_open());
        if now >= expires_at || row.payments.iter().any(is_open) {
            return;
        }
        self.tally.operations += 1;
        let begun = (row.known.order.id, row.known.order.total, expires_at, now);
        let at = self.store.draw_payment();
        self.store.insert_payment(at, new_payment(at, begun, String::new()));
        self.log(|| format!("payment {at} is a second one for order {order}"));
    }

    /// Runs a settlement.
    fn settle_some(&mut self, dice: &mut Dice) {
        let waiting: Vec<usize> = (0..self.desk.jobs.len()).filter(|at| !self.desk.jobs[*at].is_running).collect();
        let Some(at) = dice.pick(&waiting) else { return };
        let job = &mut self.desk.jobs[at];
        job.is_running = true;
        let payment = job.payment;
        let Some(row) = self.store.payment(payment) else { return };
        let (order, amount, id) = (row.order, row.payment.amount, row.payment.id);
        let Some(event) = self.store.order(order).map(|row| row.known.order.event) else { return };
        let settle =
            Settle { organisation: scene::organisation(), event, order: scene::order(order), payment: id, amount };
        let node = dice.below(self.nodes.len());
        self.send(node, Command::Settle(settle), Some(payment), false);
    }

    /// A settlement has come back: it is done, perhaps told once more, or tried again.
    pub(crate) fn settled(&mut self, payment: usize, reply: Option<&Reply>) {
        let is_running = |job: &Job| job.payment == payment && job.is_running;
        let Some(at) = self.desk.jobs.iter().position(is_running) else { return };
        let job = &mut self.desk.jobs[at];
        job.is_running = false;
        match reply {
            Some(Reply::Outcome(_)) => {
                // A job may be run again after it was done, when its end was not written down. The number decides, so that a script does.
                if job.is_again || !payment.is_multiple_of(4) {
                    self.desk.jobs.swap_remove(at);
                } else {
                    job.is_again = true;
                }
            }
            Some(Reply::Failed) => {}
            Some(Reply::Unknown) | None => self.seen.note(Situation::SettleUnknown),
        }
    }
}
