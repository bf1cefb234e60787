//! The tick: once a second one node looks after each room. It draws the line, ends what has run out, measures the sale, lets people in.
//!
//! Everything that a tick does happens in one transaction under the lock of the room's row. Whoever has the lock leads; a node that was cut
//! off has no lock and therefore no effect, so that two nodes never let in twice. `fence` counts the ticks.

use std::time::Duration;

use kernel::{EventId, OrganisationId};
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use tokio_util::sync::CancellationToken;

use super::draw::draw_line;
use super::model::estimate::rate;
use super::model::pace::{self, Pace, Situation};
use super::model::steer::RoomState;
use super::model::stock::{Places, places, places_an_order_max};
use super::model::{Measured, Room};
use super::rooms;
use super::store::entries::{self, Crowd};
use super::store::{self, Counted};
use crate::pool::{self, model::Pool};
use crate::ticket_type;

/// The time between two ticks of one room.
const TICK: Duration = Duration::from_secs(1);
/// A tick is due when the last one was so long ago: a little less than the pause, since no pause is exact.
const TICK_DUE_MILLISECONDS: i64 = 900;

/// What a tick did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Whether it was this node's.
    pub is_ours: bool,
    /// How many were let in.
    pub admitted: u64,
}

/// One tick of one room. Nothing happens when another node has made it already.
pub async fn tick(
    tx: &mut Tx,
    (organisation, event, node): (OrganisationId, EventId, String),
) -> Result<Ticked, Failure<Never>> {
    let now = tx.now();
    let due = now.checked_sub(jiff::SignedDuration::from_millis(TICK_DUE_MILLISECONDS)).map_err(Fault::corrupt)?;
    let Some(before) = store::lock_due(tx, organisation, event, due).await? else { return Ok(Ticked::default()) };
    let mut room = Room {
        revision: before.revision + 1,
        attentive_since: Some(before.attentive_since(now)),
        ticked_at: Some(now),
        fence: before.fence + 1,
        ..before
    };
    let mut counted = end_what_ran_out(tx, &mut room).await?;
    let stock = stock(tx, &room).await?;
    if room.is_to_be_drawn(now) {
        draw_line(tx, &mut room).await?;
        room.measured.sold_at_opening = stock.places.sold;
    }
    let admitted = if room.is_drawn() { let_in(tx, &mut room, &stock, &mut counted).await? } else { 0 };
    let is_changed = counted != Counted::default()
        || room.state != before.state
        || room.is_sold_out() != before.is_sold_out()
        || room.measured.rate != before.measured.rate;
    if !is_changed {
        room.revision = before.revision;
    }
    store::save(tx, &room, Some(&node)).await?;
    Ok(Ticked { is_ours: true, admitted })
}

/// Counts the orders, ends admissions and waits.
async fn end_what_ran_out(tx: &mut Tx, room: &mut Room) -> Result<Counted, Fault> {
    let mut counted = Counted::default();
    (counted.window.bought, counted.window.stay_seconds) = entries::count_bought(tx, room).await?;
    counted.lapsed = signed(entries::lapse(tx, room).await?);
    if let Some(limit) = room.absent_before(tx.now()) {
        counted.left = signed(entries::leave_absent(tx, room, limit).await?);
    }
    room.totals.bought += counted.window.bought;
    room.totals.lapsed += counted.lapsed;
    room.totals.left += counted.left;
    Ok(counted)
}

/// What there is to sell.
struct Stock {
    places: Places,
    places_an_order_max: i64,
}

async fn stock(tx: &mut Tx, room: &Room) -> Result<Stock, Fault> {
    let types = ticket_type::store::list(tx, room.organisation, room.event).await?;
    let pools: Vec<Pool> =
        pool::store::list(tx, room.organisation, room.event).await?.into_iter().map(|named| named.pool).collect();
    Ok(Stock { places: places(&types, &pools), places_an_order_max: places_an_order_max(&types) })
}

/// Measures the sale and, in an open room, lets in as many as the pace says.
async fn let_in(tx: &mut Tx, room: &mut Room, stock: &Stock, counted: &mut Counted) -> Result<u64, Fault> {
    let crowd = entries::crowd(tx, room).await?;
    let live_holds = store::live_holds(tx, room).await?;
    // The window of this moment exists from now on, so that quiet times count as quiet.
    store::count(tx, room, *counted).await?;
    let windows = store::windows(tx, room).await?;
    let decided = decide(room, stock, crowd, live_holds, &windows);
    room.measured = Measured {
        sold_at_opening: room.measured.sold_at_opening,
        places_left: stock.places.left,
        places_held: stock.places.held,
        places_a_head_milli: decided.places_a_head_milli,
        rate: rate(&windows),
    };
    if room.state != RoomState::Open || decided.admit == 0 {
        return Ok(0);
    }
    let admitted = entries::admit(tx, room, decided.admit).await?;
    counted.window.admitted = signed(admitted);
    room.totals.admitted += counted.window.admitted;
    let mut only_admitted = Counted::default();
    only_admitted.window.admitted = counted.window.admitted;
    store::count(tx, room, only_admitted).await?;
    Ok(admitted)
}

fn decide(room: &Room, stock: &Stock, crowd: Crowd, live_holds: i64, windows: &[pace::Window]) -> Pace {
    pace::pace(&Situation {
        windows,
        places_left: stock.places.left,
        places_sold: stock.places.sold - room.measured.sold_at_opening,
        places_an_order_max: stock.places_an_order_max,
        admitted: room.totals.admitted,
        bought: room.totals.bought,
        browsing: crowd.browsing,
        holding: crowd.holding.min(live_holds),
        waiting: crowd.waiting,
        limits: room.settings.limits,
    })
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// One tick of every room, under the name of this node; answers how many people were let in.
pub async fn tick_all(platform: &Platform, node: &str) -> Result<u64, Fault> {
    let rooms = rooms::of(platform);
    let mut admitted = 0;
    for room in rooms.active(platform).await?.values() {
        let command = (room.organisation, room.event, node.to_owned());
        let ticked = platform
            .db
            .write(Scope::Tenant(room.organisation), "tick_waiting_room", command, tick)
            .await
            .map_err(Failure::into_fault)?;
        admitted += ticked.admitted;
    }
    metrics::counter!("turnout_waiting_room_admitted_total").increment(admitted);
    Ok(admitted)
}

/// Ticks until it is told to stop. Faults are logged and tried again.
pub async fn run(platform: Platform, stop: CancellationToken) {
    let node = platform.random.below(u64::MAX).to_string();
    loop {
        if let Err(fault) = tick_all(&platform, &node).await {
            tracing::warn!(%fault, "the waiting rooms could not be looked after; it is tried again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}
