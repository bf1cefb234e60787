//! What a batch has to know, read in the one order in which everything is locked: events, holds, orders, pools.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::api::{EventFacts, EventStatus};
use kernel::{EventId, HoldId, OrderId, TicketTypeId};
use platform::{Fault, Tx};

use super::batch::Attempt;
use super::command::Command;
use super::foretold::{Basis, Foretold};
use super::model::{KnownEvent, KnownOrder, KnownSeats, Ledger, hold_lines};
use super::store;
use crate::event::sale_of;
use crate::hold::model::Hold;
use crate::ticket::key::TicketKey;
use crate::{order, pool, seat, ticket_type};

/// How many expired holds one batch clears away; when there are more, it looks again.
const HOLDS_RECLAIMED_MAX: i64 = 500;
/// How often it looks again.
const RECLAIMS_MAX: usize = 20;

/// Whether the rows that are read are locked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Locking<'a> {
    /// As a transaction that writes needs it.
    ForUpdate,
    /// All but the stock, which is taken as it was foretold and locked when everything else is written.
    Ahead(&'a Foretold),
    /// Not at all: a look at a snapshot.
    None,
}

/// What was read.
pub(super) struct Loaded {
    pub(super) ledger: Ledger,
    pub(super) facts: Vec<EventFacts>,
    /// Holds whose time ran out and that no command names.
    pub(super) expired: Vec<HoldId>,
    /// The key that signs tickets, when some may be issued.
    pub(super) key: Option<Arc<TicketKey>>,
}

/// Reads, and locks, what the commands of a batch are decided from.
pub(super) async fn load(tx: &mut Tx, attempt: &Attempt, locking: Locking<'_>) -> Result<Loaded, Fault> {
    let organisation = attempt.organisation;
    let commands = || attempt.commands.iter().map(|(command, _)| command);
    let events: BTreeSet<EventId> = commands().map(|command| command.event().1).collect();
    let events: Vec<EventId> = events.into_iter().collect();
    let is_locking = !matches!(locking, Locking::None);
    let facts = if is_locking {
        catalog::api::lock_facts_of_for_share(tx, organisation, &events).await?
    } else {
        catalog::api::get_facts_of(tx, organisation, &events).await?
    };
    let types = ticket_type::store::list_of(tx, organisation, &events).await?;
    let mut ledger = Ledger::of(known_events(&facts, types));
    let key = if is_locking && commands().any(Command::may_issue) {
        Some(attempt.keys.get(tx, organisation).await?)
    } else {
        None
    };
    let expired = if is_locking {
        load_named(tx, attempt, &mut ledger).await?;
        load_expired(tx, attempt, &events, &mut ledger).await?
    } else {
        store::find_expired(tx, organisation, &events).await?
    };
    match locking {
        Locking::ForUpdate => {
            ledger.stock = pool::store::lock_of_events(tx, organisation, &events).await?;
            load_seats(tx, attempt, &mut ledger).await?;
        }
        Locking::Ahead(foretold) => foretold.give(&mut ledger),
        // A look only finds out that no places are left, for which no seat matters.
        Locking::None => ledger.stock = pool::store::stock_of_events(tx, organisation, &events).await?,
    }
    ledger.owned = owned(tx, attempt, &ledger).await?;
    Ok(Loaded { ledger, facts, expired, key })
}

fn known_events(
    facts: &[EventFacts],
    types: Vec<(EventId, crate::ticket_type::model::TicketType)>,
) -> BTreeMap<EventId, KnownEvent> {
    let mut events: BTreeMap<EventId, KnownEvent> = facts
        .iter()
        .map(|facts| {
            let is_visible = facts.status != EventStatus::Draft;
            let known = KnownEvent { slug: facts.slug.clone(), is_visible, sale: sale_of(facts), types: Vec::new() };
            (facts.id, known)
        })
        .collect();
    for (event, kind) in types {
        if let Some(known) = events.get_mut(&event) {
            known.types.push(kind);
        }
    }
    events
}

/// The holds and orders that commands name, and the orders of those holds.
async fn load_named(tx: &mut Tx, attempt: &Attempt, ledger: &mut Ledger) -> Result<(), Fault> {
    let organisation = attempt.organisation;
    let commands = || attempt.commands.iter().map(|(command, _)| command);
    let orders: Vec<OrderId> = commands().filter_map(Command::order).collect();
    let mut holds: BTreeSet<HoldId> = commands().filter_map(Command::hold).collect();
    if !orders.is_empty() {
        holds.extend(store::holds_of_orders(tx, organisation, &orders).await?);
    }
    let holds: Vec<HoldId> = holds.into_iter().collect();
    if !holds.is_empty() {
        let rows = store::lock_holds(tx, organisation, &holds).await?;
        know_holds(tx, attempt, ledger, rows).await?;
    }
    if !holds.is_empty() || !orders.is_empty() {
        know_orders(tx, attempt, ledger, &orders, &holds).await?;
    }
    Ok(())
}

async fn know_holds(
    tx: &mut Tx,
    attempt: &Attempt,
    ledger: &mut Ledger,
    holds: Vec<Hold>,
) -> Result<Vec<HoldId>, Fault> {
    let ids: Vec<HoldId> = holds.iter().map(|hold| hold.id).collect();
    let mut lines = store::hold_lines(tx, attempt.organisation, &ids).await?;
    for mut hold in holds {
        // A hold of another event than its command names is somebody's mistake, and not known here.
        let Some(event) = ledger.events.get(&hold.event) else { continue };
        let rows = lines.remove(&hold.id).unwrap_or_default();
        hold.lines =
            hold_lines(event, rows).ok_or_else(|| Fault::corrupt("a hold of a type that is not its event's"))?;
        ledger.holds.insert(hold.id, hold);
    }
    Ok(ids)
}

async fn know_orders(
    tx: &mut Tx,
    attempt: &Attempt,
    ledger: &mut Ledger,
    orders: &[OrderId],
    holds: &[HoldId],
) -> Result<(), Fault> {
    let organisation = attempt.organisation;
    let found = order::store::lock_under_holds(tx, organisation, orders, holds).await?;
    let ids: Vec<OrderId> = found.iter().map(|(order, _)| order.id).collect();
    let mut lines = order::store::lines_of(tx, organisation, &ids).await?;
    for (order, attendees) in found {
        let lines = lines.remove(&order.id).unwrap_or_default();
        ledger.know(KnownOrder { order, lines, attendees });
    }
    Ok(())
}

/// Holds of the events whose time ran out, and their orders. Those that another transaction has locked are passed over: it decides about them.
async fn load_expired(
    tx: &mut Tx,
    attempt: &Attempt,
    events: &[EventId],
    ledger: &mut Ledger,
) -> Result<Vec<HoldId>, Fault> {
    let mut expired: Vec<HoldId> = Vec::new();
    for _ in 0..RECLAIMS_MAX {
        let known: Vec<HoldId> = ledger.holds.keys().copied().collect();
        let rows = store::lock_expired(tx, attempt.organisation, events, &known, HOLDS_RECLAIMED_MAX).await?;
        let found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        if found > 0 {
            let ids = know_holds(tx, attempt, ledger, rows).await?;
            know_orders(tx, attempt, ledger, &[], &ids).await?;
            expired.extend(ids);
        }
        if found < HOLDS_RECLAIMED_MAX {
            break;
        }
    }
    Ok(expired)
}

/// Locks the stock that a batch went ahead of, and reads what it should have been decided from.
pub(super) async fn lock_stock(tx: &mut Tx, attempt: &Attempt, ledger: &Ledger) -> Result<Basis, Fault> {
    let organisation = attempt.organisation;
    let events: Vec<EventId> = ledger.events.keys().copied().collect();
    let stock = pool::store::lock_of_events(tx, organisation, &events).await?;
    let mut seats = BTreeMap::new();
    for stored in lock_seats(tx, attempt, ledger).await? {
        seats.insert(stored.event, (stored.version, stored.packed()?));
    }
    let owned = owned(tx, attempt, ledger).await?;
    Ok(Basis { pools: stock.pools().cloned().collect(), seats, owned })
}

/// Locks the seats of those events that have any, after the pools.
async fn lock_seats(tx: &mut Tx, attempt: &Attempt, ledger: &Ledger) -> Result<Vec<seat::store::Stored>, Fault> {
    let events = ledger.events.iter().filter(|(_, event)| event.has_seats()).map(|(id, _)| *id);
    let events: Vec<EventId> = events.collect();
    if events.is_empty() {
        return Ok(Vec::new());
    }
    seat::store::lock(tx, attempt.organisation, &events).await
}

async fn load_seats(tx: &mut Tx, attempt: &Attempt, ledger: &mut Ledger) -> Result<(), Fault> {
    let organisation = attempt.organisation;
    for stored in lock_seats(tx, attempt, ledger).await? {
        let hall = seat::store::hall(tx, organisation, &stored, &attempt.halls).await?;
        let Some(event) = ledger.events.get(&stored.event) else { continue };
        let map = attempt.halls.map(stored.event, hall, stored.version, stored.packed()?).map_err(Fault::corrupt)?;
        ledger.seats.insert(stored.event, KnownSeats::new(map, &event.types));
    }
    Ok(())
}

/// How many tickets the buyers of this batch, and of the orders it names, have already, where a type limits that. It counts when it is read
/// after the stock was locked, so that no order of theirs can slip in between.
async fn owned(
    tx: &mut Tx,
    attempt: &Attempt,
    ledger: &Ledger,
) -> Result<BTreeMap<(TicketTypeId, String), i32>, Fault> {
    let is_limited = |event: &KnownEvent| event.types.iter().any(|kind| kind.maximum_per_person.is_some());
    if !ledger.events.values().any(is_limited) {
        return Ok(BTreeMap::new());
    }
    let commands = || attempt.commands.iter().map(|(command, _)| command);
    let buyers = commands().filter_map(Command::buyer);
    let of_orders = commands().filter_map(|command| Some(&ledger.orders.get(&command.order()?)?.order.buyer));
    let people: BTreeSet<String> = buyers.chain(of_orders).map(|buyer| buyer.email.normalised()).collect();
    let people: Vec<String> = people.into_iter().collect();
    if people.is_empty() {
        return Ok(BTreeMap::new());
    }
    let events: Vec<EventId> = ledger.events.keys().copied().collect();
    store::owned(tx, attempt.organisation, &events, &people).await
}
