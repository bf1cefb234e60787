//! Reading and locking, in the one order of `boxoffice::lane::load`: holds, orders, what has expired, its orders, pools.

use std::collections::{BTreeMap, BTreeSet};

use boxoffice::lane::command::Command;
use boxoffice::lane::model::{KnownEvent, KnownSeats, Ledger};
use boxoffice::pool::model::{Pool, Stock};
use kernel::{EventId, TicketTypeId};

use super::{Attempt, Envelope, Phase, is_swapped};
use crate::scene::{self, TYPES_AN_EVENT};
use crate::situation::Situation;
use crate::store::{Row, Store};
use crate::world::World;

impl World {
    /// Begins a transaction: its instant, and what its events sell.
    pub(super) fn begin(&mut self, node: usize, envelopes: Vec<Envelope>, retries: u32, repeats: u32) -> Attempt {
        let (tx, now) = (self.store.begin(), self.now(node));
        let ledger = Ledger::of(self.known_events(node, &envelopes));
        let mut attempt = Attempt {
            envelopes,
            tx,
            now,
            phase: Phase::Holds,
            ledger,
            locked: Vec::new(),
            blocked: None,
            wanted: Vec::new(),
            expired: Vec::new(),
            outcomes: Vec::new(),
            changes: None,
            witness: None,
            retries,
            repeats,
            looks: 0,
            ahead: None,
            basis: None,
            truth: None,
        };
        let holds = self.named_holds(&attempt.envelopes);
        attempt.wanted.extend(holds.into_iter().map(Row::Hold));
        if is_swapped(tx) {
            let pools = pools_of(&attempt.ledger);
            attempt.wanted.splice(0..0, pools.map(Row::Pool).collect::<Vec<_>>());
        }
        attempt
    }

    /// What the events of some commands sell, and whether they do, as it is committed now.
    pub(super) fn known_events(&mut self, node: usize, envelopes: &[Envelope]) -> BTreeMap<EventId, KnownEvent> {
        let mut events = BTreeMap::new();
        for envelope in envelopes {
            let (_, id) = envelope.command.event();
            if events.contains_key(&id) {
                continue;
            }
            let at = scene::number(id.uuid());
            let row = self.store.events[at];
            let place = &mut self.nodes[node].known[at];
            let sale = place.sale;
            let slug = place.slug.clone();
            let empty = KnownEvent { slug, is_visible: false, sale, types: Vec::new() };
            let mut known = std::mem::replace(place, empty);
            if known.types.is_empty() {
                known.types.clone_from(&self.scene.events[at].types);
            }
            known.is_visible = row.is_visible;
            known.sale.is_public = row.is_open;
            events.insert(id, known);
        }
        events
    }

    fn named_holds(&self, envelopes: &[Envelope]) -> BTreeSet<usize> {
        let commands = || envelopes.iter().map(|envelope| &envelope.command);
        let of_orders = commands().filter_map(Command::order).map(|id| scene::number(id.uuid()));
        let of_orders = of_orders.filter_map(|order| self.store.order(order)?.hold);
        commands().filter_map(Command::hold).map(|id| scene::number(id.uuid())).chain(of_orders).collect()
    }

    /// Locks the rows that are wanted until one is held by another transaction; true when it has them all.
    pub(super) fn lock_wanted(&mut self, node: usize, attempt: &mut Attempt) -> bool {
        attempt.blocked = None;
        let mut place = 0;
        while let Some(row) = attempt.wanted.get(place).copied() {
            if !self.store.lock(row, attempt.tx) {
                attempt.wanted.drain(..place);
                attempt.blocked = Some(row);
                self.seen.note(Situation::WaitedForLock);
                self.seen.note_if(matches!(row, Row::Pool(_)), Situation::Interleaved);
                self.log(|| format!("node {node}: transaction {} waits for {row:?}", attempt.tx));
                self.look_for_deadlock(attempt.tx, row);
                return false;
            }
            attempt.locked.push(row);
            place += 1;
        }
        attempt.wanted.clear();
        true
    }

    /// Reads what was locked, and finds what to lock next.
    pub(super) fn read_locked(&mut self, node: usize, attempt: &mut Attempt) {
        match attempt.phase {
            Phase::Holds => {
                let named = self.named_holds(&attempt.envelopes);
                for at in &named {
                    self.know_hold(attempt, *at);
                }
                let orders = attempt.envelopes.iter().filter_map(|envelope| envelope.command.order());
                let mut orders: BTreeSet<usize> = orders.map(|id| scene::number(id.uuid())).collect();
                orders.extend(named.iter().filter_map(|hold| self.store.hold(*hold)?.order));
                attempt.wanted = orders.into_iter().map(Row::Order).collect();
                attempt.phase = Phase::Orders;
            }
            Phase::Orders => {
                self.know_orders(attempt);
                attempt.phase = Phase::Expired;
            }
            Phase::Expired => {
                for at in attempt.expired.iter().map(|id| scene::number(id.uuid())).collect::<Vec<_>>() {
                    self.know_hold(attempt, at);
                }
                let holds = attempt.expired.iter().map(|id| scene::number(id.uuid()));
                let orders: BTreeSet<usize> = holds.filter_map(|hold| self.store.hold(hold)?.order).collect();
                attempt.wanted = orders.into_iter().map(Row::Order).collect();
                attempt.phase = Phase::ExpiredOrders;
            }
            Phase::ExpiredOrders => {
                self.know_orders(attempt);
                if attempt.ahead.is_some() {
                    self.take_foretold(attempt);
                    attempt.phase = Phase::Decide;
                } else {
                    attempt.wanted = pools_of(&attempt.ledger).map(Row::Pool).collect();
                    attempt.phase = Phase::Pools;
                }
            }
            Phase::Pools => {
                attempt.ledger.stock = self.stock_of(&attempt.ledger);
                attempt.ledger.owned = self.owned_by(&attempt.envelopes, &attempt.ledger);
                self.know_seats(node, attempt);
                attempt.phase = Phase::Decide;
            }
            Phase::Decide | Phase::Compare | Phase::Commit | Phase::Witness => {}
        }
    }

    fn know_hold(&self, attempt: &mut Attempt, at: usize) {
        let Some(row) = self.store.hold(at) else { return };
        // A hold of another event than its command names is not known here.
        if attempt.ledger.events.contains_key(&row.hold.event) {
            attempt.ledger.holds.insert(row.hold.id, row.hold.clone());
        }
    }

    /// Reads the orders that were locked last. All orders that are locked are read again; they cannot have changed since.
    fn know_orders(&self, attempt: &mut Attempt) {
        for row in &attempt.locked {
            let Row::Order(at) = *row else { continue };
            let Some(order) = self.store.order(at) else { continue };
            if !attempt.ledger.orders.contains_key(&order.known.order.id) {
                attempt.ledger.know(order.known.clone());
            }
        }
    }

    /// Locks what has expired and nobody names; passes over what another transaction has locked.
    pub(super) fn lock_expired(&mut self, attempt: &mut Attempt) {
        let mut found: Vec<usize> = Vec::new();
        for event in attempt.ledger.events.keys() {
            found.extend(self.store.expired(scene::number(event.uuid()), attempt.now));
        }
        for at in found {
            if attempt.ledger.holds.contains_key(&scene::hold(at)) {
                continue;
            }
            if self.store.lock(Row::Hold(at), attempt.tx) {
                attempt.locked.push(Row::Hold(at));
                attempt.expired.push(scene::hold(at));
            } else {
                self.seen.note(Situation::SkippedLocked);
            }
        }
    }

    /// The stock of a ledger's events as it is committed.
    pub(super) fn stock_of(&self, ledger: &Ledger) -> Stock {
        let pools = pools_of(ledger).map(|at| self.store.pools[at].pool.clone());
        Stock::new(pools.collect::<Vec<Pool>>())
    }

    /// The seats of a batch's events, which nobody else changes while their pools are locked.
    fn know_seats(&mut self, node: usize, attempt: &mut Attempt) {
        for (id, event) in &attempt.ledger.events {
            let row = &self.store.seats[scene::number(id.uuid())];
            match self.nodes[node].halls.map(*id, scene::hall(), row.version, row.statuses.clone()) {
                Ok(map) => drop(attempt.ledger.seats.insert(*id, KnownSeats::new(map, &event.types))),
                Err(error) => return self.fail("seats fit their hall", || error.to_string()),
            }
        }
    }

    /// How many tickets the people of a batch have already.
    pub(super) fn owned_by(&self, envelopes: &[Envelope], ledger: &Ledger) -> BTreeMap<(TicketTypeId, String), i32> {
        let mut owned = BTreeMap::new();
        for envelope in envelopes {
            let order = envelope.command.order().and_then(|id| ledger.orders.get(&id));
            let of_order = order.map(|known| &known.order.buyer);
            let Some(buyer) = envelope.command.buyer().or(of_order) else { continue };
            let person = scene::person(&buyer.email);
            for event in ledger.events.keys() {
                let first = scene::number(event.uuid()) * TYPES_AN_EVENT;
                for kind in first..first + TYPES_AN_EVENT {
                    let count = self.store.owned(kind, person);
                    if count > 0 {
                        owned.insert((scene::kind(kind), buyer.email.normalised()), count);
                    }
                }
            }
        }
        owned
    }
}

pub(super) fn pools_of(ledger: &Ledger) -> impl Iterator<Item = usize> {
    ledger.events.keys().flat_map(|event| Store::pools_of(scene::number(event.uuid())))
}
