//! SQL of pools. Pools are locked in id order, once a transaction, after every other row that the transaction locks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{EventId, HoldId, OrderId, OrganisationId, PoolId, TicketTypeId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{Change, Pool, Stock};

/// How many pools one event may have.
pub const POOLS_AN_EVENT_MAX: i64 = 200;

/// A pool with its name, for organisers.
#[derive(Debug, Clone)]
pub struct NamedPool {
    /// The numbers.
    pub pool: Pool,
    /// What the organiser calls it.
    pub name: String,
}

struct PoolRow {
    id: Uuid,
    capacity: i32,
    held: i32,
    sold: i32,
    version: i64,
}

impl From<PoolRow> for Pool {
    fn from(row: PoolRow) -> Self {
        Self { id: PoolId::from(row.id), capacity: row.capacity, held: row.held, sold: row.sold, version: row.version }
    }
}

/// Locks the whole stock of some events.
pub async fn lock_of_events(tx: &mut Tx, organisation: OrganisationId, events: &[EventId]) -> Result<Stock, Fault> {
    let ids: Vec<Uuid> = events.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        PoolRow,
        "select id, capacity, held, sold, version
         from boxoffice.pool
         where organisation_id = $1 and event_id = any($2)
         order by id
         for update",
        organisation.uuid(),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Stock::new(rows.into_iter().map(Pool::from)))
}

/// The whole stock of some events as it is now, not locked.
pub async fn stock_of_events(tx: &mut Tx, organisation: OrganisationId, events: &[EventId]) -> Result<Stock, Fault> {
    let ids: Vec<Uuid> = events.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        PoolRow,
        "select id, capacity, held, sold, version
         from boxoffice.pool
         where organisation_id = $1 and event_id = any($2)",
        organisation.uuid(),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Stock::new(rows.into_iter().map(Pool::from)))
}

/// Writes what was done to a stock: the pools' new numbers and a journal line for every version.
pub async fn save(tx: &mut Tx, organisation: OrganisationId, stock: &Stock) -> Result<(), Fault> {
    let changed: Vec<&Pool> = stock.changed().collect();
    if changed.is_empty() {
        return Ok(());
    }
    let lines = stock.recorded();
    let number = |pick: fn(&Pool) -> i32| -> Vec<i32> { changed.iter().map(|pool| pick(pool)).collect() };
    let change = |pick: fn(&Change) -> i32| -> Vec<i32> { lines.iter().map(|line| pick(&line.change)).collect() };
    let causes: Vec<String> = lines.iter().map(|line| line.change.cause.as_str().to_owned()).collect();
    let holds: Vec<Option<Uuid>> = lines.iter().map(|line| line.change.hold.map(HoldId::uuid)).collect();
    let orders: Vec<Option<Uuid>> = lines.iter().map(|line| line.change.order.map(OrderId::uuid)).collect();
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "with updated as (
           update boxoffice.pool p
           set capacity = c.capacity, held = c.held, sold = c.sold, version = c.version
           from unnest($2::uuid[], $3::int[], $4::int[], $5::int[], $6::bigint[]) as c (id, capacity, held, sold, version)
           where p.organisation_id = $1 and p.id = c.id)
         insert into boxoffice.pool_journal
           (organisation_id, pool_id, version, capacity_delta, held_delta, sold_delta, cause, hold_id, order_id, recorded_at)
         select $1, j.pool_id, j.version, j.capacity_delta, j.held_delta, j.sold_delta, j.cause, j.hold_id, j.order_id, $15
         from unnest($7::uuid[], $8::bigint[], $9::int[], $10::int[], $11::int[], $12::text[], $13::uuid[], $14::uuid[])
           as j (pool_id, version, capacity_delta, held_delta, sold_delta, cause, hold_id, order_id)",
        organisation.uuid(),
        &changed.iter().map(|pool| pool.id.uuid()).collect::<Vec<_>>(),
        &number(|pool| pool.capacity),
        &number(|pool| pool.held),
        &number(|pool| pool.sold),
        &changed.iter().map(|pool| pool.version).collect::<Vec<_>>(),
        &lines.iter().map(|line| line.pool.uuid()).collect::<Vec<_>>(),
        &lines.iter().map(|line| line.version).collect::<Vec<_>>(),
        &change(|change| change.capacity),
        &change(|change| change.held),
        &change(|change| change.sold),
        &causes,
        &holds as _,
        &orders as _,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A new pool, with the first line of its journal.
pub async fn insert(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    name: &str,
    capacity: i32,
) -> Result<PoolId, Fault> {
    let id: PoolId = tx.new_id();
    let now: Timestamp = tx.now();
    sqlx::query!(
        "insert into boxoffice.pool (organisation_id, id, event_id, name, capacity, version, created_at)
         values ($1, $2, $3, $4, $5, 1, $6)",
        organisation.uuid(),
        id.uuid(),
        event.uuid(),
        name,
        capacity,
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into boxoffice.pool_journal (organisation_id, pool_id, version, capacity_delta, held_delta, sold_delta, cause, recorded_at)
         values ($1, $2, 1, $3, 0, 0, 'opened', $4)",
        organisation.uuid(),
        id.uuid(),
        capacity,
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// The pools of an event, oldest first.
pub async fn list(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Vec<NamedPool>, Fault> {
    let rows = sqlx::query!(
        "select id, name, capacity, held, sold, version
         from boxoffice.pool
         where organisation_id = $1 and event_id = $2
         order by id
         limit $3",
        organisation.uuid(),
        event.uuid(),
        POOLS_AN_EVENT_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| NamedPool {
            pool: Pool {
                id: PoolId::from(row.id),
                capacity: row.capacity,
                held: row.held,
                sold: row.sold,
                version: row.version,
            },
            name: row.name,
        })
        .collect())
}

/// Gives a pool another name.
pub async fn rename(tx: &mut Tx, organisation: OrganisationId, pool: PoolId, name: &str) -> Result<(), Fault> {
    sqlx::query!(
        "update boxoffice.pool set name = $3 where organisation_id = $1 and id = $2",
        organisation.uuid(),
        pool.uuid(),
        name
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Which pools each ticket type draws from, in id order.
pub type Draws = BTreeMap<TicketTypeId, Vec<PoolId>>;

/// Which of an event's pools each ticket type draws from.
pub async fn draws(tx: &mut Tx, organisation: OrganisationId, types: &[TicketTypeId]) -> Result<Draws, Fault> {
    let ids: Vec<Uuid> = types.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "select ticket_type_id, pool_id
         from boxoffice.ticket_type_pool
         where organisation_id = $1 and ticket_type_id = any($2)
         order by ticket_type_id, pool_id",
        organisation.uuid(),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let mut draws = Draws::new();
    for row in rows {
        draws.entry(row.ticket_type_id.into()).or_default().push(row.pool_id.into());
    }
    Ok(draws)
}
