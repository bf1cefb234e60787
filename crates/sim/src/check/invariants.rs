//! The predicates of `crates/testkit/invariants.sql` that a simulation can break, under the same numbers, over the simulated tables.

use boxoffice::hold::model::HoldState;
use boxoffice::order::model::OrderState;
use boxoffice::pool::model::Cause;
use boxoffice::seat::model::SeatStatus;
use boxoffice::seat::packed::Packed;
use payments::payment::model::PaymentState;

use crate::scene::{self, PEOPLE, POOLS_AN_EVENT, TYPES_AN_EVENT};
use crate::store::{Changes, HoldRow, OrderRow, PoolRow, Store, is_counted};
use crate::world::World;

type Check = fn(&World) -> Option<String>;

/// Every predicate with its number.
const ALL: &[(&str, Check)] = &[
    ("I-02 counters, journal, tickets and holds agree", counters),
    ("I-03 the journal has no gap", journals),
    ("I-05 a ticket is valid while its order is paid", tickets),
    ("I-05c a converted hold has a paid order", converted_holds),
    ("I-05d an order that waits has its hold", waiting_orders),
    ("I-08 totals are sums, I-13 of tickets too", totals),
    ("I-09 no more goes back than came", refunds),
    ("I-15 the journal of an order nets to its tickets", journals_of_orders),
    ("the limit of a person holds", person_limits),
    ("I-40 a seat is whose its status says", seats),
    ("I-41 the changes of seats are gapless and add up", seat_changes),
    ("I-42 a seat for each ticket of a seated type", seats_of_tickets),
    ("the journal tells what happened", facts),
];

impl World {
    /// What can be seen at once when a transaction commits.
    pub(crate) fn check_changes(&mut self, changes: &Changes) {
        for (at, line) in changes.lines.iter().enumerate() {
            let pool = &self.store.pools[scene::number(line.pool.uuid())];
            let before = changes.lines[..at].iter().filter(|other| other.pool == line.pool).count();
            let due = pool.pool.version + i64::try_from(before).unwrap_or(0) + 1;
            if line.version != due {
                let (pool, version) = (line.pool, line.version);
                self.fail("I-03 the journal has no gap", || format!("{pool} has version {version} where {due} is due"));
            }
        }
        for (event, seats) in &changes.seats {
            let due = self.store.seats[*event].version + 1;
            if seats.iter().zip(due..).any(|(change, due)| change.version != due) {
                self.fail("I-41 the changes of seats are gapless and add up", || {
                    format!("{seats:?} where {due} is due")
                });
            }
        }
        self.note_seat_changes(changes);
        for effect in &changes.effects {
            let call = &mut self.calls[effect.call];
            call.effects = call.effects.saturating_add(1);
            let of_call = call.effects;
            let of_key = effect.key.map_or(0, |key| self.store.keys.count_effect(key));
            if of_call > 1 || of_key > 1 {
                self.fail("one request, one effect", || format!("call {} was done twice", effect.call));
            }
        }
    }

    /// Every invariant.
    pub(crate) fn check_all(&mut self) {
        for (check, holds) in ALL {
            if let Some(text) = holds(self) {
                self.fail(check, || text);
            }
        }
    }

    /// What is true only when everything has come to its end.
    pub(crate) fn check_end(&mut self) {
        let is_waiting = |call: &&crate::world::Call| !call.is_answered && !call.is_gone;
        let waiting = self.calls.iter().filter(is_waiting).count();
        if waiting > 0 {
            self.fail("everyone is answered", || format!("{waiting} wait for ever"));
        }
        if let Some(text) = charges(self) {
            self.fail("I-06 no charge without an order or a refund", || text);
        }
    }
}

fn orders(store: &Store) -> impl Iterator<Item = (usize, &OrderRow)> {
    store.orders.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_ref()?)))
}

fn holds(store: &Store) -> impl Iterator<Item = (usize, &HoldRow)> {
    store.holds.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_ref()?)))
}

/// The pools of a ticket type, by number.
fn pools_of(world: &World, kind: usize) -> impl Iterator<Item = usize> {
    let known = &world.scene.events[kind / TYPES_AN_EVENT].types[kind % TYPES_AN_EVENT];
    known.pools.iter().map(|pool| scene::number(pool.uuid()))
}

fn counters(world: &World) -> Option<String> {
    let store = &world.store;
    let mut tickets = vec![0; store.pools.len()];
    let mut held = vec![0; store.pools.len()];
    for (_, order) in orders(store) {
        for ticket in order.tickets.iter().filter(|ticket| ticket.is_valid) {
            pools_of(world, ticket.kind).for_each(|pool| tickets[pool] += 1);
        }
    }
    for (_, row) in holds(store).filter(|(_, row)| matches!(row.hold.state, HoldState::Live { .. })) {
        for line in &row.hold.lines {
            pools_of(world, scene::number(line.ticket_type.uuid())).for_each(|pool| held[pool] += line.quantity);
        }
    }
    store.pools.iter().enumerate().find_map(|(at, row)| {
        let pool = &row.pool;
        let journal = row.journal.last().map_or((0, 0, 0), |line| line.after);
        let versions = i64::try_from(row.journal.len()).unwrap_or(0);
        let is_good = journal == (pool.capacity, pool.held, pool.sold)
            && pool.version == versions
            && (held[at], tickets[at]) == (pool.held, pool.sold);
        (!is_good).then(|| {
            let (held, tickets) = (held[at], tickets[at]);
            format!(
                "pool {at} says {pool:?}, its journal {journal:?} in {versions} lines, holds {held}, tickets {tickets}"
            )
        })
    })
}

fn journals(world: &World) -> Option<String> {
    let is_broken = |row: &PoolRow| {
        row.journal.iter().zip(1_i64..).any(|(line, version)| {
            let (capacity, held, sold) = line.after;
            line.recorded.version != version || held < 0 || sold < 0 || held + sold > capacity
        })
    };
    let at = world.store.pools.iter().position(is_broken)?;
    Some(format!("the journal of pool {at}"))
}

fn tickets(world: &World) -> Option<String> {
    orders(&world.store).find_map(|(at, order)| {
        let is_paid = matches!(order.known.order.state, OrderState::Paid { .. });
        let ordered: i32 = order.lines.iter().map(|line| line.quantity).sum();
        let issued = i32::try_from(order.tickets.len()).unwrap_or(0);
        let is_good = order.tickets.iter().all(|ticket| ticket.is_valid == is_paid) && (!is_paid || issued == ordered);
        (!is_good).then(|| format!("order {at}: {issued} tickets of {ordered}, {:?}", order.known.order.state))
    })
}

fn converted_holds(world: &World) -> Option<String> {
    holds(&world.store).find_map(|(at, row)| {
        let order = row.order.and_then(|order| world.store.order(order));
        let was_paid = order.is_some_and(|order| order.paid_at.is_some());
        let is_bad = row.hold.state == HoldState::Converted && !was_paid;
        is_bad.then(|| format!("hold {at} is converted and no order of it was paid"))
    })
}

fn waiting_orders(world: &World) -> Option<String> {
    orders(&world.store).find_map(|(at, order)| {
        let OrderState::AwaitingPayment { expires_at } = order.known.order.state else { return None };
        let hold = order.hold.and_then(|hold| world.store.hold(hold)).map(|row| row.hold.state);
        let is_kept = matches!(hold, Some(HoldState::Live { expires_at: end, .. }) if end == expires_at);
        (!is_kept).then(|| format!("order {at} waits until {expires_at}, its hold is {hold:?}"))
    })
}

fn totals(world: &World) -> Option<String> {
    orders(&world.store).find_map(|(at, order)| {
        let known = &order.known;
        let lines: i64 = known.lines.iter().map(|line| line.amount().amount).sum();
        let tickets: i64 = order.tickets.iter().map(|ticket| ticket.price).sum();
        let total = known.order.total.amount;
        let is_good = total == lines && (order.tickets.is_empty() || total == tickets);
        (!is_good).then(|| format!("order {at} costs {total}, its lines {lines}, its tickets {tickets}"))
    })
}

fn refunds(world: &World) -> Option<String> {
    world.store.payments.iter().enumerate().find_map(|(at, row)| {
        let row = row.as_ref()?;
        let came =
            if matches!(row.payment.state, PaymentState::Succeeded { .. }) { row.payment.amount.amount } else { 0 };
        if row.refunded > came {
            return Some(format!("{} of {came} of payment {at} went back", row.refunded));
        }
        let order = world.store.order(row.order)?;
        let is_its = order.paid_by == Some(at) && row.refunded > 0 && !order.is_refunded;
        is_its.then(|| format!("payment {at} paid order {}, and went back though nobody said so", row.order))
    })
}

/// Every payment that succeeded has paid an order, or went back.
fn charges(world: &World) -> Option<String> {
    world.store.payments.iter().enumerate().find_map(|(at, row)| {
        let row = row.as_ref().filter(|row| matches!(row.payment.state, PaymentState::Succeeded { .. }))?;
        let order = world.store.order(row.order)?;
        let state = &order.known.order.state;
        let is_kept = order.paid_by == Some(at)
            && (matches!(state, OrderState::Paid { .. })
                || (matches!(state, OrderState::Cancelled { .. }) && !order.is_refunded));
        let is_good = is_kept != (row.refunded == row.payment.amount.amount);
        (!is_good).then(|| format!("payment {at} of order {} ({state:?}): {} went back", row.order, row.refunded))
    })
}

fn journals_of_orders(world: &World) -> Option<String> {
    let store = &world.store;
    store.pools.iter().enumerate().find_map(|(pool, row)| {
        let mut sold = vec![0; store.orders.len()];
        for line in &row.journal {
            let order = line.recorded.change.order.map(|order| scene::number(order.uuid()));
            if let Some(sold) = order.and_then(|order| sold.get_mut(order)) {
                *sold += line.recorded.change.sold;
            }
        }
        orders(store).find_map(|(at, order)| {
            let tickets = order.tickets.iter().filter(|ticket| ticket.is_valid);
            let drawn = tickets.filter(|ticket| pools_of(world, ticket.kind).any(|other| other == pool)).count();
            let is_good = usize::try_from(sold[at]) == Ok(drawn);
            (!is_good).then(|| format!("order {at} in pool {pool}: the journal says {}, its tickets {drawn}", sold[at]))
        })
    })
}

fn person_limits(world: &World) -> Option<String> {
    let kinds = world.scene.events.len() * TYPES_AN_EVENT;
    let mut owned = vec![0; kinds * PEOPLE];
    for (_, order) in orders(&world.store).filter(|(_, order)| is_counted(&order.known.order.state)) {
        for line in &order.lines {
            owned[line.kind * PEOPLE + order.person] += line.quantity;
        }
    }
    (0..kinds * PEOPLE).find_map(|at| {
        let (kind, person) = (at / PEOPLE, at % PEOPLE);
        let limit = world.scene.events[kind / TYPES_AN_EVENT].types[kind % TYPES_AN_EVENT].maximum_per_person?;
        let owned = owned[at];
        (owned > limit).then(|| format!("person {person} has {owned} of type {kind}, and {limit} is the most"))
    })
}

fn seats(world: &World) -> Option<String> {
    let store = &world.store;
    let empty = || vec![(0, 0); scene::hall().len()];
    let mut claims: Vec<Vec<(u32, u32)>> = store.seats.iter().map(|_| empty()).collect();
    let live = |row: &&HoldRow| matches!(row.hold.state, HoldState::Live { .. });
    for row in holds(store).map(|(_, row)| row).filter(live) {
        let claims = &mut claims[scene::number(row.hold.event.uuid())];
        row.hold.lines.iter().flat_map(|line| &line.seats).for_each(|seat| claims[seat.at()].0 += 1);
    }
    for (_, order) in orders(store) {
        for ticket in order.tickets.iter().filter(|ticket| ticket.is_valid) {
            if let Some(seat) = ticket.seat {
                claims[ticket.kind / TYPES_AN_EVENT][seat.at()].1 += 1;
            }
        }
    }
    store.seats.iter().zip(&claims).enumerate().find_map(|(event, (row, claims))| {
        row.statuses.iter().zip(claims).enumerate().find_map(|(seat, (status, claims))| {
            let is_good = *claims == (u32::from(status == SeatStatus::Held), u32::from(status == SeatStatus::Sold));
            (!is_good).then(|| format!("seat {seat} of event {event} is {status:?}, held and sold {claims:?}"))
        })
    })
}

fn seat_changes(world: &World) -> Option<String> {
    world.store.seats.iter().enumerate().find_map(|(event, row)| {
        let mut statuses = Packed::free(row.statuses.len());
        for (change, version) in row.changes.iter().zip(1_i64..) {
            let (from, to) = change.cause.step();
            let is_good =
                change.version == version && change.seats.iter().all(|seat| statuses.get(*seat) == Some(from));
            if !is_good {
                return Some(format!("event {event}: {change:?} at version {version}"));
            }
            change.seats.iter().for_each(|seat| statuses.set(*seat, to));
        }
        let is_good = statuses == row.statuses && usize::try_from(row.version) == Ok(row.changes.len());
        (!is_good).then(|| format!("event {event}: the changes add up to other seats, or version {}", row.version))
    })
}

fn seats_of_tickets(world: &World) -> Option<String> {
    orders(&world.store).find_map(|(at, order)| {
        order.tickets.iter().find_map(|ticket| {
            let kind = &world.scene.events[ticket.kind / TYPES_AN_EVENT].types[ticket.kind % TYPES_AN_EVENT];
            let is_good = ticket.seat.is_some() == kind.seat_category.is_some();
            (!is_good).then(|| format!("order {at}: {ticket:?}"))
        })
    })
}

fn facts(world: &World) -> Option<String> {
    orders(&world.store).find_map(|(at, order)| {
        let facts = order.facts;
        let state = &order.known.order.state;
        let was_issued = !order.tickets.is_empty();
        let count = |is_so: bool| u8::from(is_so);
        // An order with nothing to pay begins as paid.
        let is_good = facts.placed == count(!order.known.order.total.is_zero())
            && facts.paid == count(was_issued)
            && facts.cancelled == count(matches!(state, OrderState::Cancelled { .. }))
            && facts.unfulfilled == count(matches!(state, OrderState::Unfulfilled { .. }))
            && facts.expired <= 1
            && (!matches!(state, OrderState::Expired { .. }) || facts.expired == 1);
        let changes = i64::from(facts.paid + facts.cancelled + facts.unfulfilled + facts.expired);
        let is_born_paid = order.paid_by.is_none() && was_issued;
        let version = 1 + changes - i64::from(is_born_paid);
        let is_counted = order.known.order.version == version;
        (!is_good || !is_counted).then(|| {
            format!("order {at} is {state:?}, version {}, and the journal tells {facts:?}", order.known.order.version)
        })
    })
}

impl World {
    /// The numbers that a pool had at a version, also one that is about to be committed: capacity, held, sold.
    pub(crate) fn numbers_at(
        &self,
        pool: usize,
        version: i64,
        coming: &[boxoffice::pool::model::Recorded],
    ) -> Option<(i32, i32, i32)> {
        let row = self.store.pools.get(pool)?;
        if let Some(line) = row.line(version) {
            return Some(line.after);
        }
        let mut after = row.journal.last()?.after;
        for line in coming.iter().filter(|line| line.pool == row.pool.id && line.version <= version) {
            let change = line.change;
            after = (after.0 + change.capacity, after.1 + change.held, after.2 + change.sold);
        }
        let last = coming.iter().rfind(|line| line.pool == row.pool.id)?;
        (version <= last.version).then_some(after)
    }

    /// How many places of each of an event's pools some wishes take together.
    pub(crate) fn places_of(&self, event: usize, wanted: &[boxoffice::hold::model::Wanted]) -> [i32; POOLS_AN_EVENT] {
        let mut places = [0; POOLS_AN_EVENT];
        for wish in wanted {
            for pool in pools_of(self, scene::number(wish.ticket_type.uuid())) {
                if let Some(place) = pool.checked_sub(event * POOLS_AN_EVENT).and_then(|at| places.get_mut(at)) {
                    *place += wish.quantity;
                }
            }
        }
        places
    }

    /// Whether the last change of a pool at a version was for this reason.
    pub(crate) fn cause_at(&self, pool: usize, version: i64) -> Option<Cause> {
        Some(self.store.pools.get(pool)?.line(version)?.recorded.change.cause)
    }
}
