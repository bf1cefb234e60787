//! What a batch decided, against what was true: not against the ledger's own books, but against the tables and the order of the commands.

use std::collections::BTreeMap;

use boxoffice::hold::model::{Hold, HoldState, TakeRefusal, Wanted};
use boxoffice::lane::command::{Command, Outcome};
use boxoffice::lane::model::PersonLimit;
use boxoffice::order::buy::BuyRefusal;
use boxoffice::order::model::{OrderState, Settlement};
use boxoffice::order::place::{Confirmed, PlaceRefusal, Placed};
use boxoffice::pool::edit::EditRefusal;
use boxoffice::pool::model::Recorded;
use kernel::{PoolId, TicketTypeId};

use crate::actor::RENEWALS_MAX;
use crate::node::{Attempt, Envelope};
use crate::scene::{self, PEOPLE, TYPES_AN_EVENT};
use crate::situation::Situation;
use crate::world::World;

/// What was true before the commands of a batch were decided.
#[derive(Debug)]
pub struct Truth {
    /// The orders that ended because their time ran out.
    ended: Vec<usize>,
}

impl Truth {
    /// What is true now, after what has expired was cleared away.
    pub(crate) fn of(_: &World, attempt: &Attempt) -> Self {
        let ended = &attempt.ledger.written.touched_orders;
        Self { ended: ended.iter().map(|id| scene::number(id.uuid())).collect() }
    }

    /// Checks every outcome of a batch.
    pub(crate) fn check(self, world: &mut World, attempt: &Attempt) {
        let mut told: BTreeMap<PoolId, i64> = BTreeMap::new();
        let mut has_limits = false;
        for (envelope, outcome) in attempt.envelopes.iter().zip(&attempt.outcomes) {
            world.check_sold_out(envelope, outcome, attempt.ledger.stock.recorded());
            check_order(world, outcome, &mut told);
            check_rules(world, attempt, envelope, outcome);
            world.check_seat_refusal(attempt, envelope, outcome);
            has_limits |= person_refusal(outcome).is_some();
            let is_again = matches!(outcome, Outcome::Placed(Ok(Placed::Before(order))) if attempt.ledger.written.new_orders.contains(order));
            world.seen.note_if(is_again, Situation::PlacedTwiceInBatch);
        }
        if has_limits {
            self.check_persons(world, attempt);
        }
    }

    /// A refusal for the limit of a person tells what the person has at that moment.
    fn check_persons(&self, world: &mut World, attempt: &Attempt) {
        let mut change: BTreeMap<(usize, usize), i32> = BTreeMap::new();
        for order in &self.ended {
            count(world, &mut change, *order, -1);
        }
        for (envelope, outcome) in attempt.envelopes.iter().zip(&attempt.outcomes) {
            if let (Some(limit), Some(buyer)) = (person_refusal(outcome), envelope.command.buyer()) {
                let event = scene::number(envelope.command.event().1.uuid());
                let place = limit.name.trim_start_matches('T').parse().unwrap_or(0);
                let kind = event * TYPES_AN_EVENT + place;
                let person = scene::person(&buyer.email);
                let truth = world.store.owned(kind, person) + change.get(&(kind, person)).copied().unwrap_or(0);
                if truth != limit.owned {
                    let owned = limit.owned;
                    world.fail("a refusal is true", || format!("person {person} was told {owned} and has {truth}"));
                }
            }
            match (&envelope.command, outcome) {
                (_, Outcome::Bought(Ok(made)) | Outcome::Placed(Ok(Placed::Now(made)))) => count_new(&mut change, made),
                (Command::Cancel(cancel), Outcome::Cancelled(Ok(()))) => {
                    count(world, &mut change, scene::number(cancel.order.uuid()), -1);
                }
                (Command::Settle(settle), Outcome::Settled(Ok(Settlement::Retake))) => {
                    count(world, &mut change, scene::number(settle.order.uuid()), 1);
                }
                _ => {}
            }
        }
    }
}

fn count(world: &World, change: &mut BTreeMap<(usize, usize), i32>, order: usize, sign: i32) {
    let Some(row) = world.store.order(order).filter(|row| row.is_limited) else { return };
    for line in &row.lines {
        *change.entry((line.kind, row.person)).or_insert(0) += sign * line.quantity;
    }
}

fn count_new(change: &mut BTreeMap<(usize, usize), i32>, made: &Confirmed) {
    let person = scene::person(&made.order.buyer.email) % PEOPLE;
    for line in &made.lines {
        *change.entry((scene::number(line.ticket_type.uuid()), person)).or_insert(0) += line.quantity;
    }
}

fn person_refusal(outcome: &Outcome) -> Option<&PersonLimit> {
    match outcome {
        Outcome::Bought(Err(BuyRefusal::Person(limit))) | Outcome::Placed(Err(PlaceRefusal::Person(limit))) => {
            Some(limit)
        }
        _ => None,
    }
}

/// Commands of a batch are decided in the order in which they came: what a later one is told is not older.
fn check_order(world: &mut World, outcome: &Outcome, told: &mut BTreeMap<PoolId, i64>) {
    let made = match outcome {
        Outcome::Taken(Ok(taken)) => taken.pools.as_slice(),
        Outcome::Bought(Ok(made)) | Outcome::Placed(Ok(Placed::Now(made))) => made.pools.as_slice(),
        Outcome::Released(released) => released.pools.as_slice(),
        _ => &[],
    };
    let refused = sold_out(outcome).map(|short| (short.pool, short.version + 1));
    for (pool, version) in made.iter().copied().chain(refused) {
        let before = told.get(&pool).copied().unwrap_or(0);
        let is_refused = refused.is_some();
        if version <= before {
            let version = version - i64::from(is_refused);
            world.fail("first come, first served", || format!("{pool}: {version} was told after {before}"));
        }
        told.insert(pool, version - i64::from(is_refused));
    }
}

/// A refusal for want of places.
struct Short {
    pool: PoolId,
    version: i64,
    available: i32,
}

fn sold_out(outcome: &Outcome) -> Option<Short> {
    let refusal = match outcome {
        Outcome::Taken(Err(refusal)) | Outcome::Bought(Err(BuyRefusal::Take(refusal))) => refusal,
        _ => return None,
    };
    let TakeRefusal::SoldOut { pool, version, available, .. } = refusal else { return None };
    Some(Short { pool: *pool, version: *version, available: *available })
}

/// What a command asks for.
pub(super) fn wanted_of(command: &Command) -> &[Wanted] {
    match command {
        Command::Take(take) => &take.wanted,
        Command::Buy(buy) => &buy.wanted,
        _ => &[],
    }
}

impl World {
    /// A refusal for want of places was true at its version, which was not older than the question.
    pub(crate) fn check_sold_out(&mut self, envelope: &Envelope, outcome: &Outcome, coming: &[Recorded]) {
        let Some(Short { pool, version, available }) = sold_out(outcome) else { return };
        let at = scene::number(pool.uuid());
        let event = scene::number(envelope.command.event().1.uuid());
        let place = at - event * scene::POOLS_AN_EVENT;
        let wanted = self.places_of(event, wanted_of(&envelope.command))[place];
        let numbers = self.numbers_at(at, version, coming);
        let is_true = numbers.is_some_and(|(capacity, held, sold)| {
            let left = capacity - held - sold;
            left == available && wanted > left
        });
        let is_fresh = version >= self.calls[envelope.call].versions[place];
        if !is_true || !is_fresh {
            let told =
                format!("{wanted} wanted of pool {at}, {available} left at version {version}; it was {numbers:?}");
            self.fail("a refusal is true", || told);
        }
    }
}

/// The rules of the sale, from what is on sale and from the rows as they were locked.
fn check_rules(world: &mut World, attempt: &Attempt, envelope: &Envelope, outcome: &Outcome) {
    let now = attempt.now;
    let event = world.store.events[scene::number(envelope.command.event().1.uuid())];
    match (&envelope.command, outcome) {
        (Command::Take(_), Outcome::Taken(Ok(taken))) => {
            check_choice(world, event.is_open && event.is_visible, &taken.hold);
        }
        (Command::Buy(buy), Outcome::Bought(Ok(made))) => {
            let lines = made.lines.iter().map(|line| (line.ticket_type, line.quantity)).collect::<Vec<_>>();
            check_lines(world, event.is_open && event.is_visible, &lines);
            if lines.len() != buy.wanted.len() {
                world.fail("what is wanted is given", || format!("{lines:?}"));
            }
        }
        (Command::Place(place), Outcome::Placed(Ok(Placed::Now(_)))) => {
            let row = world.store.hold(scene::number(place.hold.uuid()));
            if row.is_none_or(|row| row.expires_at <= now || row.order.is_some()) {
                world.fail("a hold is ordered once, before its end", || format!("{} at {now}", place.hold));
            }
        }
        (Command::Renew(_), Outcome::Renewed(Ok(hold))) => {
            let HoldState::Live { renewals, expires_at } = hold.state else { return };
            let is_counted = u32::try_from(renewals).is_ok_and(|renewals| renewals <= RENEWALS_MAX);
            let is_kept = attempt.ledger.written.touched_holds.contains(&hold.id) && expires_at > now;
            if !is_counted || !is_kept {
                world.fail("a hold is renewed as often as is fair", || format!("{hold:?}"));
            }
        }
        (Command::Resize(resize), Outcome::Resized(Err(EditRefusal::BelowSold { sold, held })))
            if sold + held <= resize.capacity =>
        {
            world.fail("a refusal is true", || format!("{resize:?}: sold {sold}, held {held}"));
        }
        (Command::Cancel(cancel), Outcome::Cancelled(Ok(()))) => {
            let order = attempt.ledger.orders.get(&cancel.order);
            if !order.is_some_and(|known| matches!(known.order.state, OrderState::Cancelled { .. })) {
                world.fail("a cancelled order is cancelled", || format!("{cancel:?}"));
            }
        }
        _ => {}
    }
}

fn check_choice(world: &mut World, is_open: bool, hold: &Hold) {
    let lines: Vec<_> = hold.lines.iter().map(|line| (line.ticket_type, line.quantity)).collect();
    check_lines(world, is_open, &lines);
}

fn check_lines(world: &mut World, is_open: bool, lines: &[(TicketTypeId, i32)]) {
    if !is_open {
        world.fail("a closed event sells nothing", || format!("{lines:?}"));
    }
    let addons = |is_addon: bool| {
        let of_kind =
            lines.iter().filter(move |(kind, _)| (scene::number(kind.uuid()) % TYPES_AN_EVENT == 3) == is_addon);
        of_kind.map(|(_, quantity)| *quantity).sum::<i32>()
    };
    if addons(true) > addons(false) {
        world.fail("an add-on goes with a ticket", || format!("{lines:?}"));
    }
}
