//! What is compared: answers and tables without the ids, which differ.

use std::collections::BTreeMap;

use boxoffice::hold::model::{Hold, HoldState, TakeRefusal};
use boxoffice::lane::command::Outcome;
use boxoffice::order::buy::BuyRefusal;
use boxoffice::order::model::OrderState;
use boxoffice::order::place::{Confirmed, Placed};
use kernel::PoolId;
use sim::{World, scene};
use uuid::Uuid;

use crate::real::short;

/// Pool, version, the three deltas, the cause, the hold, the order.
pub type JournalRow = (usize, i64, [i32; 3], String, Option<usize>, Option<usize>);
/// State, total, version, payment, hold; tickets, valid ones, what went back, when it was paid.
pub type OrderRow = (String, i64, i64, Option<usize>, Option<usize>, [i64; 4]);

/// The rows about one event.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// Capacity, held, sold, and the version.
    pub pools: Vec<([i32; 3], i64)>,
    /// In order.
    pub journal: Vec<JournalRow>,
    /// Version, cause, seats.
    pub seat_changes: Vec<(i64, String, Vec<i32>)>,
    /// Two bits each.
    pub seats: Vec<u8>,
    /// State, renewals, end.
    pub holds: BTreeMap<usize, (String, i16, i64)>,
    /// By number.
    pub orders: BTreeMap<usize, OrderRow>,
}

/// An answer in words that are the same for the same answer.
pub fn summary(outcome: &Outcome, number: impl Fn(Uuid) -> usize) -> String {
    let pools = |pools: &[(PoolId, i64)]| -> Vec<(usize, i64)> {
        pools.iter().map(|(pool, version)| (number(pool.uuid()), *version)).collect()
    };
    let refused = |refusal: &TakeRefusal| match short(refusal) {
        Some((pool, version, available)) => format!("short of pool {} at {version}: {available}", number(pool)),
        None => format!("{refusal:?}"),
    };
    let held = |hold: &Hold| {
        let lines =
            hold.lines.iter().map(|line| (line.name.as_str(), line.quantity, line.unit_price.amount, &line.seats));
        format!("hold {} {:?} {:?}", number(hold.id.uuid()), hold.state, lines.collect::<Vec<_>>())
    };
    let made = |made: &Confirmed| {
        let order = &made.order;
        let lines =
            made.lines.iter().map(|line| (line.name.as_str(), line.quantity, line.unit_price.amount, &line.seats));
        let tickets = made.tickets.iter().map(|ticket| {
            (ticket.number, ticket.type_name.as_str(), ticket.price.amount, ticket.holder_name.as_str(), &ticket.seat)
        });
        format!(
            "order {} {:?} {} of {:?} from {:?}, {:?}, {:?}, {:?}, payment {:?}",
            number(order.id.uuid()),
            order.state,
            order.total,
            order.created_at,
            order.hold.map(|hold| number(hold.uuid())),
            lines.collect::<Vec<_>>(),
            tickets.collect::<Vec<_>>(),
            pools(&made.pools),
            made.payment.map(|payment| number(payment.uuid())),
        )
    };
    match outcome {
        Outcome::Taken(Ok(taken)) => {
            format!("taken {} until {} {:?}", held(&taken.hold), taken.expires_at, pools(&taken.pools))
        }
        Outcome::Taken(Err(refusal)) | Outcome::Bought(Err(BuyRefusal::Take(refusal))) => refused(refusal),
        Outcome::Renewed(Ok(hold)) => format!("renewed {}", held(hold)),
        Outcome::Bought(Ok(confirmed)) | Outcome::Placed(Ok(Placed::Now(confirmed))) => made(confirmed),
        Outcome::Placed(Ok(Placed::Before(order))) => format!("order {} before", number(order.uuid())),
        Outcome::Released(released) => format!("released {:?}", pools(&released.pools)),
        other => format!("{other:?}"),
    }
}

fn order_word(state: &OrderState) -> String {
    state.as_str().to_owned()
}

fn hold_word(state: HoldState) -> String {
    match state {
        HoldState::Live { .. } => "live",
        HoldState::Converted => "converted",
        HoldState::Released => "released",
        HoldState::Expired => "expired",
    }
    .to_owned()
}

/// What is in the simulated tables.
pub fn tables(world: &World) -> Tables {
    let store = &world.store;
    let mut tables = Tables::default();
    for (at, row) in store.pools.iter().enumerate() {
        let pool = &row.pool;
        tables.pools.push(([pool.capacity, pool.held, pool.sold], pool.version));
        for line in &row.journal {
            let change = line.recorded.change;
            let (hold, order) =
                (change.hold.map(|id| scene::number(id.uuid())), change.order.map(|id| scene::number(id.uuid())));
            let deltas = [change.capacity, change.held, change.sold];
            tables.journal.push((at, line.recorded.version, deltas, change.cause.as_str().to_owned(), hold, order));
        }
    }
    for row in store.seats.iter().take(1) {
        tables.seats = row.statuses.bytes().to_vec();
        for change in &row.changes {
            let mut seats: Vec<i32> = change.seats.iter().map(|seat| i32::try_from(seat.0).unwrap()).collect();
            seats.sort_unstable();
            tables.seat_changes.push((change.version, change.cause.as_str().to_owned(), seats));
        }
    }
    for (at, row) in store.holds.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_ref()?))) {
        let end = row.expires_at.as_microsecond();
        tables.holds.insert(at, (hold_word(row.hold.state), row.renewals, end));
    }
    for (at, row) in store.orders.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_ref()?))) {
        let count = |valid_only: bool| {
            let tickets = row.tickets.iter().filter(|ticket| ticket.is_valid || !valid_only).count();
            i64::try_from(tickets).unwrap()
        };
        let back = row.payments.iter().filter_map(|at| store.payment(*at)).map(|payment| payment.refunded).sum();
        let order = &row.known.order;
        let paid_at = row.paid_at.map_or(0, |at| at.as_microsecond());
        let counts = [count(false), count(true), back, paid_at];
        tables
            .orders
            .insert(at, (order_word(&order.state), order.total.amount, order.version, row.paid_by, row.hold, counts));
    }
    tables
}

/// The tables with the lines of holds that expired in one go in the order of their holds. Such holds go by their end and then by their id, and
/// ids made in one instant are in no order, so which of them goes first is nobody's promise.
pub fn settled(mut tables: Tables) -> Tables {
    let is_expiry = |row: &JournalRow| row.3 == "expired";
    let mut rows: Vec<JournalRow> = Vec::with_capacity(tables.journal.len());
    let mut run: Vec<JournalRow> = Vec::new();
    for row in tables.journal {
        let goes_on = is_expiry(&row) && run.last().is_none_or(|last| last.0 == row.0);
        if !goes_on {
            rows.extend(in_order_of_holds(std::mem::take(&mut run)));
        }
        if is_expiry(&row) {
            run.push(row);
        } else {
            rows.push(row);
        }
    }
    rows.extend(in_order_of_holds(run));
    tables.journal = rows;
    for run in tables.seat_changes.chunk_by_mut(|one, next| one.1 == "expired" && next.1 == "expired") {
        let first = run.first().map_or(0, |row| row.0);
        run.sort_by(|one, other| one.2.cmp(&other.2));
        run.iter_mut().zip(first..).for_each(|(row, version)| row.0 = version);
    }
    tables
}

/// The same versions, given to the lines in the order of their holds.
fn in_order_of_holds(run: Vec<JournalRow>) -> Vec<JournalRow> {
    let versions: Vec<i64> = run.iter().map(|row| row.1).collect();
    let mut run = run;
    run.sort_by_key(|row| row.4);
    run.into_iter().zip(versions).map(|(row, version)| (row.0, version, row.2, row.3, row.4, row.5)).collect()
}
