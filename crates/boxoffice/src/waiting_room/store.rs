//! SQL of waiting rooms: the room itself and its windows. The SQL of the line is in `store/entries.rs`.

pub(crate) mod admissions;
pub(crate) mod entries;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{EventId, OrganisationId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::estimate::Rate;
use super::model::pace::{Limits, WINDOW_SECONDS, WINDOWS_MAX, Window};
use super::model::steer::RoomState;
use super::model::{Drawn, Measured, Room, Settings, Totals};

/// How many rooms can be open at once in one installation.
const ROOMS_ACTIVE_MAX: i64 = 10_000;

struct RoomRow {
    organisation_id: Uuid,
    event_id: Uuid,
    state: String,
    opens_at: jiff_sqlx::Timestamp,
    requires_account: bool,
    orders_per_person: i32,
    admission_seconds: i32,
    shoppers_min: i32,
    shoppers_max: i32,
    seed_hash: Vec<u8>,
    seed: Option<Vec<u8>>,
    roll_hash: Option<Vec<u8>>,
    drawn_count: Option<i32>,
    drawn_at: Option<jiff_sqlx::Timestamp>,
    next_number: i64,
    epoch: i32,
    revision: i64,
    ticked_at: Option<jiff_sqlx::Timestamp>,
    fence: i64,
    attentive_since: Option<jiff_sqlx::Timestamp>,
    admitted_total: i64,
    bought_total: i64,
    lapsed_total: i64,
    left_total: i64,
    sold_at_opening: i64,
    places_left: i64,
    places_held: i64,
    places_a_head_milli: i64,
    rate_low_milli: Option<i64>,
    rate_high_milli: Option<i64>,
    version: i64,
}

/// Bytes of a hash or a seed as they are kept.
pub(crate) fn bytes32(bytes: &[u8]) -> Result<[u8; 32], Fault> {
    bytes.try_into().map_err(|_| Fault::corrupt("a hash that has not 32 bytes"))
}

impl TryFrom<RoomRow> for Room {
    type Error = Fault;
    fn try_from(row: RoomRow) -> Result<Self, Fault> {
        let drawn = match (&row.seed, &row.roll_hash, row.drawn_count, row.drawn_at) {
            (Some(seed), Some(roll), Some(count), Some(at)) => {
                Some(Drawn { at: at.to_jiff(), count, seed: bytes32(seed)?, roll_hash: bytes32(roll)? })
            }
            _ => None,
        };
        Ok(Self {
            organisation: OrganisationId::from(row.organisation_id),
            event: EventId::from(row.event_id),
            state: RoomState::parse(&row.state).ok_or_else(|| Fault::corrupt(format!("room state {}", row.state)))?,
            settings: Settings {
                opens_at: row.opens_at.to_jiff(),
                requires_account: row.requires_account,
                orders_per_person: row.orders_per_person,
                admission_seconds: row.admission_seconds,
                limits: Limits { shoppers_min: row.shoppers_min, shoppers_max: row.shoppers_max },
            },
            drawn,
            seed_hash: bytes32(&row.seed_hash)?,
            next_number: row.next_number,
            epoch: row.epoch,
            revision: row.revision,
            ticked_at: row.ticked_at.map(|at| at.to_jiff()),
            attentive_since: row.attentive_since.map(|at| at.to_jiff()),
            fence: row.fence,
            totals: Totals {
                admitted: row.admitted_total,
                bought: row.bought_total,
                lapsed: row.lapsed_total,
                left: row.left_total,
            },
            measured: Measured {
                sold_at_opening: row.sold_at_opening,
                places_left: row.places_left,
                places_held: row.places_held,
                places_a_head_milli: row.places_a_head_milli,
                rate: row
                    .rate_low_milli
                    .zip(row.rate_high_milli)
                    .map(|(low_milli, high_milli)| Rate { low_milli, high_milli }),
            },
            version: row.version,
        })
    }
}

/// Reads the room of an event.
pub async fn find(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Option<Room>, Fault> {
    let row = sqlx::query_as!(
        RoomRow,
        "select organisation_id, event_id, state, opens_at, requires_account, orders_per_person, admission_seconds,
                shoppers_min, shoppers_max, seed_hash, seed, roll_hash, drawn_count, drawn_at, next_number, epoch, revision,
                ticked_at, fence, attentive_since, admitted_total, bought_total, lapsed_total, left_total, sold_at_opening,
                places_left, places_held, places_a_head_milli, rate_low_milli, rate_high_milli, version
         from boxoffice.waiting_room
         where organisation_id = $1 and event_id = $2",
        organisation.uuid(),
        event.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Room::try_from).transpose()
}

/// Locks and reads the room of an event. Whoever writes entries holds this lock.
pub async fn lock(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Option<Room>, Fault> {
    sqlx::query!(
        "select 1 as \"one!\" from boxoffice.waiting_room where organisation_id = $1 and event_id = $2 for update",
        organisation.uuid(),
        event.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    find(tx, organisation, event).await
}

/// The same for a tick: `None` when another node has the room just now, or made the last tick after `ticked_before`.
pub async fn lock_due(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    ticked_before: Timestamp,
) -> Result<Option<Room>, Fault> {
    let locked = sqlx::query!(
        "select 1 as \"one!\"
         from boxoffice.waiting_room
         where organisation_id = $1 and event_id = $2 and state <> 'closed' and (ticked_at is null or ticked_at <= $3)
         for update skip locked",
        organisation.uuid(),
        event.uuid(),
        ticked_before.to_sqlx()
    )
    .fetch_optional(tx.conn())
    .await?;
    if locked.is_none() { Ok(None) } else { find(tx, organisation, event).await }
}

/// The sealed seed of the draw.
pub async fn sealed_seed(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Vec<u8>, Fault> {
    let row = sqlx::query!(
        "select seed_sealed from boxoffice.waiting_room where organisation_id = $1 and event_id = $2",
        organisation.uuid(),
        event.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.seed_sealed)
}

/// A room that stands before a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveRoom {
    /// The tenant.
    pub organisation: OrganisationId,
    /// The event.
    pub event: EventId,
    /// Where the room is in its life.
    pub state: RoomState,
    /// Admissions of earlier epochs are void.
    pub epoch: i32,
}

/// Every room that is not closed. Behind `Scope::System`.
pub async fn active(tx: &mut Tx) -> Result<Vec<ActiveRoom>, Fault> {
    let rows = sqlx::query!(
        "select organisation_id, event_id, state, epoch
         from boxoffice.waiting_room
         where state <> 'closed'
         order by event_id
         limit $1",
        ROOMS_ACTIVE_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ActiveRoom {
                organisation: OrganisationId::from(row.organisation_id),
                event: EventId::from(row.event_id),
                state: RoomState::parse(&row.state)
                    .ok_or_else(|| Fault::corrupt(format!("room state {}", row.state)))?,
                epoch: row.epoch,
            })
        })
        .collect()
}

/// A new seed and what is public of it.
#[derive(Debug, Clone)]
pub struct Seed {
    /// For the draw alone.
    pub sealed: Vec<u8>,
    /// SHA-256 of it.
    pub hash: [u8; 32],
}

/// Makes a room, or makes a closed one anew, with nobody in it.
pub async fn arm(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    settings: Settings,
    seed: Seed,
) -> Result<(), Fault> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into boxoffice.waiting_room as r
           (organisation_id, event_id, state, opens_at, requires_account, orders_per_person, admission_seconds,
            shoppers_min, shoppers_max, seed_sealed, seed_hash, created_at)
         values ($1, $2, 'armed', $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (organisation_id, event_id) do update
         set state = 'armed', opens_at = $3, requires_account = $4, orders_per_person = $5, admission_seconds = $6,
             shoppers_min = $7, shoppers_max = $8, seed_sealed = $9, seed_hash = $10,
             seed = null, roll_hash = null, drawn_count = null, drawn_at = null, next_number = 1, epoch = r.epoch + 1,
             revision = r.revision + 1, ticked_at = null, attentive_since = null, admitted_total = 0, bought_total = 0,
             lapsed_total = 0, left_total = 0, sold_at_opening = 0, places_left = 0, places_held = 0, places_a_head_milli = 0,
             rate_low_milli = null, rate_high_milli = null, version = r.version + 1",
        organisation.uuid(),
        event.uuid(),
        settings.opens_at.to_sqlx(),
        settings.requires_account,
        settings.orders_per_person,
        settings.admission_seconds,
        settings.limits.shoppers_min,
        settings.limits.shoppers_max,
        seed.sealed,
        seed.hash.as_slice(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes a locked room back: all that changes but its line. The node that ticked is named when one did.
pub async fn save(tx: &mut Tx, room: &Room, ticked_by: Option<&str>) -> Result<(), Fault> {
    let rate = room.measured.rate;
    sqlx::query!(
        "update boxoffice.waiting_room
         set state = $3, opens_at = $4, requires_account = $5, orders_per_person = $6, admission_seconds = $7, shoppers_min = $8,
             shoppers_max = $9, seed = $10, roll_hash = $11, drawn_count = $12, drawn_at = $13, next_number = $14, epoch = $15,
             revision = $16, ticked_at = $17, fence = $18, attentive_since = $19, admitted_total = $20, bought_total = $21,
             lapsed_total = $22, left_total = $23, sold_at_opening = $24, places_left = $25, places_held = $26,
             places_a_head_milli = $27, rate_low_milli = $28, rate_high_milli = $29, version = $30,
             ticked_by = coalesce($31, ticked_by)
         where organisation_id = $1 and event_id = $2",
        room.organisation.uuid(),
        room.event.uuid(),
        room.state.as_str(),
        room.settings.opens_at.to_sqlx(),
        room.settings.requires_account,
        room.settings.orders_per_person,
        room.settings.admission_seconds,
        room.settings.limits.shoppers_min,
        room.settings.limits.shoppers_max,
        room.drawn.map(|drawn| drawn.seed.to_vec()),
        room.drawn.map(|drawn| drawn.roll_hash.to_vec()),
        room.drawn.map(|drawn| drawn.count),
        room.drawn.map(|drawn| drawn.at.to_sqlx()) as _,
        room.next_number,
        room.epoch,
        room.revision,
        room.ticked_at.map(|at| at.to_sqlx()) as _,
        room.fence,
        room.attentive_since.map(|at| at.to_sqlx()) as _,
        room.totals.admitted,
        room.totals.bought,
        room.totals.lapsed,
        room.totals.left,
        room.measured.sold_at_opening,
        room.measured.places_left,
        room.measured.places_held,
        room.measured.places_a_head_milli,
        rate.map(|rate| rate.low_milli),
        rate.map(|rate| rate.high_milli),
        room.version,
        ticked_by
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What happened in one tick, for its window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// What the pace looks at.
    pub window: Window,
    /// Let the time run out.
    pub lapsed: i64,
    /// Left the line.
    pub left: i64,
}

/// Adds to the window that `now` falls into.
pub async fn count(tx: &mut Tx, room: &Room, counted: Counted) -> Result<(), Fault> {
    let second = tx.now().as_second();
    let started_at = Timestamp::from_second(second - second.rem_euclid(WINDOW_SECONDS)).map_err(Fault::corrupt)?;
    sqlx::query!(
        "insert into boxoffice.waiting_window as w (organisation_id, event_id, started_at, admitted, bought, lapsed, left_line, stay_seconds)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (organisation_id, event_id, started_at) do update
         set admitted = w.admitted + excluded.admitted, bought = w.bought + excluded.bought, lapsed = w.lapsed + excluded.lapsed,
             left_line = w.left_line + excluded.left_line, stay_seconds = w.stay_seconds + excluded.stay_seconds",
        room.organisation.uuid(),
        room.event.uuid(),
        started_at.to_sqlx(),
        counted.window.admitted,
        counted.window.bought,
        counted.lapsed,
        counted.left,
        counted.window.stay_seconds
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The last windows, the newest first.
pub async fn windows(tx: &mut Tx, room: &Room) -> Result<Vec<Window>, Fault> {
    let rows = sqlx::query!(
        "select admitted, bought, stay_seconds
         from boxoffice.waiting_window
         where organisation_id = $1 and event_id = $2
         order by started_at desc
         limit $3",
        room.organisation.uuid(),
        room.event.uuid(),
        WINDOWS_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Window { admitted: row.admitted, bought: row.bought, stay_seconds: row.stay_seconds })
        .collect())
}

/// How many holds of the event are live: the measure against which "is holding something" is checked.
pub async fn live_holds(tx: &mut Tx, room: &Room) -> Result<i64, Fault> {
    let now = tx.now().to_sqlx();
    let row = sqlx::query!(
        "select count(*) as \"count!\"
         from boxoffice.hold
         where organisation_id = $1 and event_id = $2 and state = 'live' and expires_at > $3",
        room.organisation.uuid(),
        room.event.uuid(),
        now
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.count)
}

/// Forgets the windows of a room that is armed anew.
pub async fn forget_windows(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<(), Fault> {
    sqlx::query!(
        "delete from boxoffice.waiting_window where organisation_id = $1 and event_id = $2",
        organisation.uuid(),
        event.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
