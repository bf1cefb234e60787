//! SQL of an event's seats. The row is locked by the lanes, after the pools.

use std::sync::Arc;

use jiff_sqlx::ToSqlx;
use kernel::{EventId, HoldId, LayoutId, OrderId, OrganisationId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::hall::Hall;
use super::halls::Halls;
use super::map::SeatMap;
use super::model::{SeatCause, SeatChange, SeatIndex, SeatStatus};
use super::packed::Packed;

/// The seats of an event as they are stored.
pub struct Stored {
    /// Of which event.
    pub event: EventId,
    /// How many.
    pub seats: usize,
    /// Two bits for each.
    pub statuses: Vec<u8>,
    /// How often they changed.
    pub version: i64,
    /// What names the hall.
    pub content_hash: Vec<u8>,
}

struct Row {
    event_id: Uuid,
    seats: i32,
    statuses: Vec<u8>,
    version: i64,
    content_hash: Vec<u8>,
}

impl TryFrom<Row> for Stored {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            event: row.event_id.into(),
            seats: usize::try_from(row.seats).map_err(Fault::corrupt)?,
            statuses: row.statuses,
            version: row.version,
            content_hash: row.content_hash,
        })
    }
}

impl Stored {
    /// The packed statuses.
    pub fn packed(&self) -> Result<Packed, Fault> {
        Packed::parse(&self.statuses, self.seats).map_err(Fault::corrupt)
    }
}

/// Reads the seats of some events and locks them.
pub async fn lock(tx: &mut Tx, organisation: OrganisationId, events: &[EventId]) -> Result<Vec<Stored>, Fault> {
    let events: Vec<Uuid> = events.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        "select event_id, seats, statuses, version, content_hash
         from boxoffice.seating
         where organisation_id = $1 and event_id = any($2)
         order by event_id
         for update",
        organisation.uuid(),
        &events
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Stored::try_from).collect()
}

/// Reads the seats of an event without a lock.
pub async fn find(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Option<Stored>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select event_id, seats, statuses, version, content_hash
         from boxoffice.seating
         where organisation_id = $1 and event_id = $2",
        organisation.uuid(),
        event.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Stored::try_from).transpose()
}

/// Whether an order of the event was ever for seats, whatever became of it: late money may take them again.
pub async fn has_orders(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<bool, Fault> {
    let row = sqlx::query!(
        "select exists (
           select from boxoffice.orders o
           join boxoffice.order_line l on l.organisation_id = o.organisation_id and l.order_id = o.id
           where o.organisation_id = $1 and o.event_id = $2 and l.seats is not null) as \"has_orders!\"",
        organisation.uuid(),
        event.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.has_orders)
}

/// How often the seats of an event changed.
pub async fn version(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Option<i64>, Fault> {
    let row = sqlx::query!(
        "select version from boxoffice.seating where organisation_id = $1 and event_id = $2",
        organisation.uuid(),
        event.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| row.version))
}

/// The layout's document of an event.
pub async fn document(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Option<String>, Fault> {
    let row = sqlx::query!(
        "select document from boxoffice.seating where organisation_id = $1 and event_id = $2",
        organisation.uuid(),
        event.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| row.document))
}

/// The hall of an event, from memory or from its document.
pub async fn hall(
    tx: &mut Tx,
    organisation: OrganisationId,
    stored: &Stored,
    halls: &Halls,
) -> Result<Arc<Hall>, Fault> {
    if let Some(hall) = halls.get(&stored.content_hash) {
        return Ok(hall);
    }
    let document = document(tx, organisation, stored.event).await?;
    let document = document.ok_or_else(|| Fault::corrupt("seats without a layout"))?;
    halls.read(stored.content_hash.clone(), &document)
}

/// A copy of a layout's version, as an event gets it.
pub struct NewSeating<'a> {
    /// The layout.
    pub layout: LayoutId,
    /// Its version.
    pub version: i64,
    /// Its document.
    pub document: &'a str,
    /// What names its content.
    pub content_hash: &'a [u8],
    /// How many seats it has.
    pub seats: usize,
}

/// Gives an event seats, all of them free; what it had before is gone.
pub async fn replace(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    new: &NewSeating<'_>,
) -> Result<(), Fault> {
    remove(tx, organisation, event).await?;
    let now = tx.now().to_sqlx();
    let statuses = Packed::free(new.seats);
    sqlx::query!(
        "insert into boxoffice.seating (organisation_id, event_id, layout_id, layout_version, document, content_hash, seats, statuses, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        organisation.uuid(),
        event.uuid(),
        new.layout.uuid(),
        new.version,
        new.document,
        new.content_hash,
        i32::try_from(new.seats).map_err(Fault::corrupt)?,
        statuses.bytes(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes an event's seats away.
pub async fn remove(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<(), Fault> {
    sqlx::query!(
        "delete from boxoffice.seat_change where organisation_id = $1 and event_id = $2",
        organisation.uuid(),
        event.uuid()
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from boxoffice.seating where organisation_id = $1 and event_id = $2",
        organisation.uuid(),
        event.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes the seats of events that a batch changed, and what it changed.
pub async fn save(
    tx: &mut Tx,
    organisation: OrganisationId,
    changed: &[(EventId, &SeatMap, &[SeatChange])],
) -> Result<(), Fault> {
    if changed.is_empty() {
        return Ok(());
    }
    let events: Vec<Uuid> = changed.iter().map(|(event, ..)| event.uuid()).collect();
    let versions: Vec<i64> = changed.iter().map(|(_, map, _)| map.version()).collect();
    let statuses: Vec<Vec<u8>> = changed.iter().map(|(_, map, _)| map.packed().bytes().to_vec()).collect();
    sqlx::query!(
        "update boxoffice.seating s
         set statuses = c.statuses, version = c.version
         from unnest($2::uuid[], $3::bytea[], $4::bigint[]) as c (event_id, statuses, version)
         where s.organisation_id = $1 and s.event_id = c.event_id",
        organisation.uuid(),
        &events,
        &statuses,
        &versions
    )
    .execute(tx.conn())
    .await?;
    let lines = || changed.iter().flat_map(|(event, _, changes)| changes.iter().map(|change| (*event, change)));
    let events: Vec<Uuid> = lines().map(|(event, _)| event.uuid()).collect();
    let versions: Vec<i64> = lines().map(|(_, change)| change.version).collect();
    let causes: Vec<String> = lines().map(|(_, change)| change.cause.as_str().to_owned()).collect();
    let holds: Vec<Option<Uuid>> = lines().map(|(_, change)| change.hold.map(HoldId::uuid)).collect();
    let orders: Vec<Option<Uuid>> = lines().map(|(_, change)| change.order.map(OrderId::uuid)).collect();
    let seats: Vec<String> = lines().map(|(_, change)| literal(&change.seats)).collect();
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into boxoffice.seat_change (organisation_id, event_id, version, cause, hold_id, order_id, seats, recorded_at)
         select $1, c.event_id, c.version, c.cause, c.hold_id, c.order_id, c.seats::int[], $2
         from unnest($3::uuid[], $4::bigint[], $5::text[], $6::uuid[], $7::uuid[], $8::text[])
           as c (event_id, version, cause, hold_id, order_id, seats)",
        organisation.uuid(),
        now,
        &events,
        &versions,
        &causes,
        &holds as _,
        &orders as _,
        &seats
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Seats as PostgreSQL reads an array, since an array of arrays of different lengths cannot be sent.
pub(crate) fn literal(seats: &[SeatIndex]) -> String {
    let numbers: Vec<String> = seats.iter().map(|seat| seat.0.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

/// The same for lines, of which many have no seats.
pub(crate) fn literals<'a>(lines: impl Iterator<Item = &'a [SeatIndex]>) -> Vec<Option<String>> {
    lines.map(|seats| (!seats.is_empty()).then(|| literal(seats))).collect()
}

/// Seats of a column that may be null.
pub(crate) fn seats_of(numbers: Option<Vec<i32>>) -> Result<Vec<SeatIndex>, Fault> {
    let numbers = numbers.unwrap_or_default().into_iter();
    numbers.map(|number| u32::try_from(number).map(SeatIndex).map_err(Fault::corrupt)).collect()
}

/// What changed after a version, the oldest first, each seat with what it became; at most so many rows.
pub async fn changes_since(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    version: i64,
    rows_max: i64,
) -> Result<Vec<(i64, Vec<SeatIndex>, SeatStatus)>, Fault> {
    let rows = sqlx::query!(
        "select version, cause, seats
         from boxoffice.seat_change
         where organisation_id = $1 and event_id = $2 and version > $3
         order by version
         limit $4",
        organisation.uuid(),
        event.uuid(),
        version,
        rows_max
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let cause = SeatCause::parse(&row.cause).ok_or_else(|| Fault::corrupt("the cause of a change of seats"))?;
            Ok((row.version, seats_of(Some(row.seats))?, cause.step().1))
        })
        .collect()
}
