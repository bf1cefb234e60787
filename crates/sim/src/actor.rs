//! People: buyers, double-clickers, the impatient, organisers, and the sweeper. They know only what they were told.

use std::collections::VecDeque;

use boxoffice::hold::model::{Wanted, WantedSeats};
use boxoffice::hold::release::Release;
use boxoffice::hold::renew::Renew;
use boxoffice::hold::sweep::Sweep;
use boxoffice::hold::take::Take;
use boxoffice::lane::command::Command;
use boxoffice::order::buy::Buy;
use boxoffice::order::cancel::Cancel;
use boxoffice::order::model::Buyer;
use boxoffice::order::place::Place;
use boxoffice::pool::edit::Resize;
use boxoffice::seat::best::Fallback;
use boxoffice::seat::block::Block;
use jiff::SignedDuration;
use kernel::Email;

use crate::dice::Dice;
use crate::node::{Envelope, Reply};
use crate::scene::{self, Kind, PEOPLE, POOLS_AN_EVENT};
use crate::situation::Situation;
use crate::store::{Claimed, Row};
use crate::world::{Call, World};

/// How long a hold lives.
pub const HOLD_MINUTES: i64 = 10;
/// How long an order waits for its payment.
pub const PAYMENT_MINUTES: i64 = 30;
/// How often a hold may be renewed.
pub const RENEWALS_MAX: u32 = 2;
/// How many things people remember.
const KNOWN_MAX: usize = 24;

/// What people know.
#[derive(Debug, Default)]
pub struct Known {
    /// Holds that someone was told of, with their event.
    pub holds: VecDeque<(usize, usize)>,
    /// Orders that someone was told of, with their event.
    pub orders: VecDeque<(usize, usize)>,
    /// Keys of requests that broke or whose outcome is unknown.
    pub keys: Vec<usize>,
}

impl Known {
    /// Remembers a hold.
    pub fn hold(&mut self, hold: usize, event: usize) {
        self.holds.push_back((hold, event));
        if self.holds.len() > KNOWN_MAX {
            self.holds.pop_front();
        }
    }

    /// Remembers an order.
    pub fn order(&mut self, order: usize, event: usize) {
        self.orders.push_back((order, event));
        if self.orders.len() > KNOWN_MAX {
            self.orders.pop_front();
        }
    }
}

impl World {
    /// Someone asks for something.
    pub(crate) fn ask(&mut self, dice: &mut Dice) {
        match dice.below(100) {
            0..=5 => return self.retry(dice),
            6..=8 => return self.leave(dice),
            9..=10 => return self.toggle(dice),
            _ => {}
        }
        let Some(command) = self.wish(dice) else { return };
        let has_key = matches!(command, Command::Take(_) | Command::Buy(_) | Command::Place(_)) && dice.one_in(3);
        let node = dice.below(self.nodes.len());
        let is_poisoned = self.mood.has_poison && dice.one_in(25);
        if has_key {
            let key = self.store.keys.make(command, self.now(node));
            self.ask_with_key(node, key, is_poisoned);
            if dice.one_in(4) {
                let node = dice.below(self.nodes.len());
                self.ask_with_key(node, key, is_poisoned);
            }
            return;
        }
        if dice.one_in(12) {
            // A double click without a key: two requests, which may both be done.
            let node = dice.below(self.nodes.len());
            self.send(node, command.clone(), None, is_poisoned);
        }
        self.send(node, command, None, is_poisoned);
    }

    /// What somebody wants, from what they know.
    pub(crate) fn wish(&mut self, dice: &mut Dice) -> Option<Command> {
        match dice.below(93) {
            0..=19 => self.take(dice),
            20..=41 => self.buy(dice),
            42..=62 => self.place(dice),
            63..=68 => self.release(dice),
            69..=75 => self.renew(dice),
            76..=80 => self.cancel(dice),
            81..=86 => self.resize(dice),
            87..=90 => self.block(dice),
            _ => self.sweep(dice),
        }
    }

    /// Sends a command to a node; answers the call.
    pub(crate) fn send(&mut self, node: usize, command: Command, job: Option<usize>, is_poisoned: bool) -> usize {
        let call = self.open_call(node, &command, job);
        let envelope = Envelope { command, call, key: None, is_poisoned };
        if !self.submit(node, envelope.clone()) {
            self.answer(&envelope, Reply::Failed);
        }
        call
    }

    fn open_call(&mut self, node: usize, command: &Command, job: Option<usize>) -> usize {
        self.tally.operations += 1;
        let event = scene::number(command.event().1.uuid());
        let mut versions = [0; POOLS_AN_EVENT];
        for (version, pool) in versions.iter_mut().zip(&self.store.pools[event * POOLS_AN_EVENT..]) {
            *version = pool.pool.version;
        }
        let call = Call { event, node, versions, job, is_gone: false, is_answered: false, effects: 0 };
        self.calls.push(call);
        let at = self.calls.len() - 1;
        self.log(|| format!("call {at} to node {node}: {command:?}"));
        at
    }

    /// Claims a key as the web shell does, and works under it when it may.
    fn ask_with_key(&mut self, node: usize, key: usize, is_poisoned: bool) {
        let command = self.store.keys.get(key).command.clone();
        let call = self.open_call(node, &command, None);
        self.await_key(key);
        let earlier = self.store.keys.get(key).call;
        let is_running = self.calls.get(earlier).is_some_and(|earlier| !earlier.is_answered);
        let was_released = self.store.keys.get(key).was_released;
        let claimed = self.store.keys.claim(key, call, self.now(node), is_running);
        self.log(|| format!("call {call} claims key {key}: {claimed:?}"));
        match claimed {
            Claimed::Ours | Claimed::TakenOver => {
                self.seen.note_if(claimed == Claimed::TakenOver, Situation::KeyTakenOver);
                self.seen.note_if(was_released, Situation::KeyReleased);
                let envelope = Envelope { command, call, key: Some(key), is_poisoned };
                if !self.submit(node, envelope.clone()) {
                    self.answer(&envelope, Reply::Failed);
                }
            }
            other => {
                self.calls[call].is_answered = true;
                match other {
                    Claimed::Running => {
                        self.seen.note(Situation::KeyRunning);
                        self.known.keys.push(key);
                    }
                    Claimed::Unknown => self.seen.note(Situation::KeyUnknown),
                    _ => self.seen.note(Situation::KeyReplayed),
                }
            }
        }
    }

    /// Someone whose request broke, or who does not know what became of it, asks again under the same key.
    fn retry(&mut self, dice: &mut Dice) {
        if self.known.keys.is_empty() {
            return;
        }
        let at = dice.below(self.known.keys.len());
        let key = if dice.one_in(2) { self.known.keys.swap_remove(at) } else { self.known.keys[at] };
        let node = dice.below(self.nodes.len());
        self.ask_with_key(node, key, false);
    }

    /// Someone who waits goes away.
    fn leave(&mut self, dice: &mut Dice) {
        let from = self.calls.len().saturating_sub(24);
        let at = from + dice.below(self.calls.len() - from);
        let has_leavers = self.mood.has_leavers;
        if let Some(call) = self.calls.get_mut(at).filter(|call| has_leavers && !call.is_answered && call.job.is_none())
        {
            call.is_gone = true;
            self.log(|| format!("call {at} goes away"));
        }
    }

    fn buyer(&self, dice: &mut Dice) -> Buyer {
        let at = dice.below(PEOPLE);
        let mut buyer = self.scene.people[at].clone();
        if dice.one_in(8)
            && let Ok(email) = Email::parse(&format!("P{at}@Example.org"))
        {
            buyer.email = email;
        }
        buyer
    }

    fn wishes(&self, event: usize, dice: &mut Dice) -> Vec<Wanted> {
        let quantity = |dice: &mut Dice| if dice.one_in(3) { dice.between(2, 4) } else { 1 };
        let kinds = [Kind::Free, Kind::Free, Kind::Dear, Kind::Dear, Kind::Few, Kind::Gift, Kind::Rare];
        let seated = [Kind::Stalls, Kind::Stalls, Kind::Circle];
        let main = if dice.one_in(3) { dice.pick(&seated) } else { dice.pick(&kinds) }.unwrap_or(Kind::Free);
        let offer = (main == Kind::Gift && dice.one_in(2)).then_some(500);
        let mut wishes = vec![scene::wish(event, main, quantity(dice), offer)];
        if dice.one_in(4) {
            let others = if main == Kind::Free { [Kind::Dear, Kind::Stalls] } else { [Kind::Free, Kind::Circle] };
            let other = dice.pick(&others).filter(|other| *other != main).unwrap_or(Kind::Few);
            wishes.push(scene::wish(event, other, quantity(dice), None));
            if dice.one_in(3) {
                wishes.reverse();
            }
        }
        for wish in &mut wishes {
            wish.seats = wanted_seats(scene::number(wish.ticket_type.uuid()), wish.quantity, dice);
        }
        if dice.one_in(5) {
            wishes.push(scene::wish(event, Kind::Meal, quantity(dice), None));
        }
        if dice.one_in(25) {
            wishes.remove(0);
            wishes.push(scene::wish(event, Kind::Meal, 1, None));
            wishes.dedup_by_key(|wish| wish.ticket_type);
        }
        wishes
    }

    fn some_event(&self, dice: &mut Dice) -> usize {
        // The first event is the hot one.
        if dice.one_in(2) { 0 } else { dice.below(self.scene.events.len()) }
    }

    fn take(&self, dice: &mut Dice) -> Option<Command> {
        let event = self.some_event(dice);
        Some(Command::Take(Take {
            organisation: scene::organisation(),
            event: scene::event(event),
            slug: self.scene.events[event].slug.clone(),
            wanted: self.wishes(event, dice),
            ttl: SignedDuration::from_mins(HOLD_MINUTES),
        }))
    }

    fn buy(&self, dice: &mut Dice) -> Option<Command> {
        let event = self.some_event(dice);
        Some(Command::Buy(Buy {
            organisation: scene::organisation(),
            event: scene::event(event),
            slug: self.scene.events[event].slug.clone(),
            wanted: self.wishes(event, dice),
            buyer: self.buyer(dice),
            attendees: Vec::new(),
            payment_ttl: SignedDuration::from_mins(PAYMENT_MINUTES),
            description: String::new(),
        }))
    }

    fn some_hold(&self, dice: &mut Dice) -> Option<(usize, usize)> {
        let recent = self.known.holds.len().min(if dice.one_in(3) { KNOWN_MAX } else { 8 });
        self.known.holds.iter().rev().nth(dice.below(recent)).copied()
    }

    fn some_order(&self, dice: &mut Dice) -> Option<(usize, usize)> {
        self.known.orders.get(dice.below(self.known.orders.len())).copied()
    }

    fn place(&self, dice: &mut Dice) -> Option<Command> {
        let (hold, event) = self.some_hold(dice)?;
        Some(Command::Place(Place {
            organisation: scene::organisation(),
            event: scene::event(event),
            hold: scene::hold(hold),
            buyer: self.buyer(dice),
            attendees: Vec::new(),
            payment_ttl: SignedDuration::from_mins(PAYMENT_MINUTES),
            description: String::new(),
        }))
    }

    fn release(&self, dice: &mut Dice) -> Option<Command> {
        let (hold, event) = self.some_hold(dice)?;
        let (organisation, event) = (scene::organisation(), scene::event(event));
        Some(Command::Release(Release { organisation, event, hold: scene::hold(hold) }))
    }

    fn renew(&self, dice: &mut Dice) -> Option<Command> {
        let (hold, event) = self.some_hold(dice)?;
        Some(Command::Renew(Renew {
            organisation: scene::organisation(),
            event: scene::event(event),
            hold: scene::hold(hold),
            ttl: SignedDuration::from_mins(HOLD_MINUTES),
            renewals_max: RENEWALS_MAX,
        }))
    }

    fn cancel(&self, dice: &mut Dice) -> Option<Command> {
        let (order, event) = self.some_order(dice)?;
        let (organisation, event) = (scene::organisation(), scene::event(event));
        let is_refunded = dice.one_in(2);
        Some(Command::Cancel(Cancel { organisation, event, order: scene::order(order), is_refunded }))
    }

    /// The organiser sees a pool's numbers and wants others.
    fn resize(&self, dice: &mut Dice) -> Option<Command> {
        let at = dice.below(self.store.pools.len());
        let pool = &self.store.pools[at].pool;
        let used = pool.held + pool.sold;
        let capacity = match dice.below(4) {
            0 => used,
            1 => used - 1,
            _ => used + dice.between(0, 4),
        };
        let event = scene::event(at / POOLS_AN_EVENT);
        let (organisation, pool) = (scene::organisation(), scene::pool(at));
        Some(Command::Resize(Resize { organisation, event, pool, capacity: capacity.max(0) }))
    }

    /// The organiser keeps some seats back, or gives them out again.
    fn block(&self, dice: &mut Dice) -> Option<Command> {
        let event = scene::event(self.some_event(dice));
        let (kind, quantity) = (dice.pick(&[Kind::Stalls, Kind::Circle])?, dice.between(1, 3));
        let seats = named_seats(kind.category()?, quantity, dice);
        Some(Command::Block(Block { organisation: scene::organisation(), event, seats, is_blocked: dice.one_in(2) }))
    }

    fn sweep(&self, dice: &mut Dice) -> Option<Command> {
        let event = scene::event(dice.below(self.scene.events.len()));
        Some(Command::Sweep(Sweep { organisation: scene::organisation(), event }))
    }

    /// The organiser closes or hides an event for a while, which waits for the batches that decide about it.
    fn toggle(&mut self, dice: &mut Dice) {
        let at = dice.below(self.scene.events.len());
        let event = scene::event(at);
        let mut attempts = self.nodes.iter().flat_map(|node| &node.tasks).filter_map(|task| task.attempt.as_ref());
        if attempts.any(|attempt| attempt.ledger.events.contains_key(&event)) {
            return;
        }
        let row = &mut self.store.events[at];
        if row.is_open && row.is_visible && dice.one_in(5) {
            (row.is_open, row.is_visible) = if dice.one_in(2) { (false, true) } else { (false, false) };
        } else {
            (row.is_open, row.is_visible) = (true, true);
        }
        let row = *row;
        self.log(|| format!("event {at} becomes {row:?}"));
    }

    /// Whether an order is locked at this moment.
    pub(crate) fn is_locked(&self, order: usize) -> bool {
        self.store.holder(Row::Order(order)).is_some()
    }
}

/// Which seats somebody wants who buys so many of a type: some by name, or the best; now and then what cannot be had.
fn wanted_seats(kind: usize, quantity: i32, dice: &mut Dice) -> WantedSeats {
    let kind = match kind % scene::TYPES_AN_EVENT {
        6 => Kind::Stalls,
        7 => Kind::Circle,
        _ => Kind::Free,
    };
    let Some(category) = kind.category() else {
        let named = WantedSeats::These(vec![scene::seat_name("a", 0)]);
        return if dice.one_in(60) { named } else { WantedSeats::default() };
    };
    if dice.one_in(2) {
        return WantedSeats::These(named_seats(category, quantity, dice));
    }
    let fallback = dice.pick(&[Fallback::Refuse, Fallback::LeaveSingle, Fallback::Split]).unwrap_or_default();
    WantedSeats::Best { accessible: i32::from(kind == Kind::Circle && dice.one_in(3)), fallback }
}

/// So many seats side by side, round the category; now and then one of them is wrong.
fn named_seats((category, seats): (&str, usize), quantity: i32, dice: &mut Dice) -> Vec<String> {
    let first = dice.below(seats);
    let places = (0..usize::try_from(quantity).unwrap_or(1)).map(|place| (first + place) % seats);
    let mut names: Vec<String> = places.map(|place| scene::seat_name(category, place)).collect();
    if dice.one_in(30)
        && let Some(last) = names.last_mut()
    {
        *last = dice.pick(&["nowhere", "a0", "b3"]).unwrap_or("nowhere").to_owned();
    }
    names
}
