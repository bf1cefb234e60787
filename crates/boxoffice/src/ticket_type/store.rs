//! SQL of ticket types.

use jiff_sqlx::ToSqlx;
use kernel::{Currency, EventId, Money, OrganisationId, PoolId, TicketTypeId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{Terms, TicketType};

/// How many ticket types one event may have.
pub const TYPES_AN_EVENT_MAX: i64 = 100;

/// The ticket types of an event in their order, archived ones last.
pub async fn list(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Vec<TicketType>, Fault> {
    Ok(list_of(tx, organisation, &[event]).await?.into_iter().map(|(_, kind)| kind).collect())
}

/// The ticket types of some events, each with its event; within one event in their order, archived ones last.
pub async fn list_of(
    tx: &mut Tx,
    organisation: OrganisationId,
    events: &[EventId],
) -> Result<Vec<(EventId, TicketType)>, Fault> {
    let events: Vec<Uuid> = events.iter().map(|id| id.uuid()).collect();
    let limit = TYPES_AN_EVENT_MAX * 2 * i64::try_from(events.len()).unwrap_or(1);
    let rows = sqlx::query!(
        "select t.event_id, t.id, t.name, t.description, t.pricing, t.price, t.currency, t.sale_starts_at, t.sale_ends_at, t.minimum_per_order,
                t.maximum_per_order, t.maximum_per_person, t.is_addon, t.seat_category, t.archived_at is not null as \"is_archived!\", t.version,
                array(
                  select p.pool_id
                  from boxoffice.ticket_type_pool p
                  where p.organisation_id = t.organisation_id and p.ticket_type_id = t.id
                  order by p.pool_id) as \"pools!\"
         from boxoffice.ticket_type t
         where t.organisation_id = $1 and t.event_id = any($2)
         order by t.event_id, t.archived_at is not null, t.position, t.id
         limit $3",
        organisation.uuid(),
        &events,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let kind = TicketType {
                id: TicketTypeId::from(row.id),
                name: row.name,
                description: row.description,
                pricing: row.pricing.parse().map_err(Fault::corrupt)?,
                price: Money::new(row.price, Currency::parse(&row.currency).map_err(Fault::corrupt)?),
                sale_starts_at: row.sale_starts_at.map(|at| at.to_jiff()),
                sale_ends_at: row.sale_ends_at.map(|at| at.to_jiff()),
                minimum_per_order: row.minimum_per_order,
                maximum_per_order: row.maximum_per_order,
                maximum_per_person: row.maximum_per_person,
                is_addon: row.is_addon,
                seat_category: row.seat_category,
                pools: row.pools.into_iter().map(PoolId::from).collect(),
                is_archived: row.is_archived,
                version: row.version,
            };
            Ok((EventId::from(row.event_id), kind))
        })
        .collect()
}

/// A new ticket type behind the event's others.
pub async fn insert(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    terms: &Terms,
    currency: Currency,
) -> Result<TicketTypeId, Fault> {
    let id: TicketTypeId = tx.new_id();
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into boxoffice.ticket_type
           (organisation_id, id, event_id, name, description, pricing, price, currency, sale_starts_at, sale_ends_at,
            minimum_per_order, maximum_per_order, maximum_per_person, is_addon, position, created_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                coalesce(max(position), 0) + 1, $15
         from boxoffice.ticket_type
         where organisation_id = $1 and event_id = $3",
        organisation.uuid(),
        id.uuid(),
        event.uuid(),
        terms.name,
        terms.description,
        terms.pricing.as_str(),
        terms.price,
        currency.code(),
        terms.sale_starts_at.map(|at| at.to_sqlx()) as _,
        terms.sale_ends_at.map(|at| at.to_sqlx()) as _,
        terms.minimum_per_order,
        terms.maximum_per_order,
        terms.maximum_per_person,
        terms.is_addon,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Lets a ticket type draw from pools.
pub async fn draw_from(
    tx: &mut Tx,
    organisation: OrganisationId,
    kind: TicketTypeId,
    pools: &[PoolId],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = pools.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "insert into boxoffice.ticket_type_pool (organisation_id, ticket_type_id, pool_id)
         select $1, $2, pool_id
         from unnest($3::uuid[]) as pool_id",
        organisation.uuid(),
        kind.uuid(),
        &ids
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets types of an event sell the seats of categories, and all others places without numbers.
pub async fn sell_seats(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    sellers: &[(TicketTypeId, String)],
) -> Result<(), Fault> {
    let ids: Vec<Uuid> = sellers.iter().map(|(id, _)| id.uuid()).collect();
    let keys: Vec<String> = sellers.iter().map(|(_, key)| key.clone()).collect();
    sqlx::query!(
        "update boxoffice.ticket_type t
         set seat_category = (select s.key from unnest($3::uuid[], $4::text[]) as s (id, key) where s.id = t.id), version = version + 1
         where t.organisation_id = $1 and t.event_id = $2
           and t.seat_category is distinct from (select s.key from unnest($3::uuid[], $4::text[]) as s (id, key) where s.id = t.id)",
        organisation.uuid(),
        event.uuid(),
        &ids,
        &keys
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes edited terms if the version is still the one that was read; false when it is not.
pub async fn update(
    tx: &mut Tx,
    organisation: OrganisationId,
    kind: TicketTypeId,
    terms: &Terms,
    version: i64,
) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update boxoffice.ticket_type
         set name = $3, description = $4, pricing = $5, price = $6, sale_starts_at = $7, sale_ends_at = $8,
             minimum_per_order = $9, maximum_per_order = $10, maximum_per_person = $11, is_addon = $12, version = version + 1
         where organisation_id = $1 and id = $2 and version = $13 and archived_at is null",
        organisation.uuid(),
        kind.uuid(),
        terms.name,
        terms.description,
        terms.pricing.as_str(),
        terms.price,
        terms.sale_starts_at.map(|at| at.to_sqlx()) as _,
        terms.sale_ends_at.map(|at| at.to_sqlx()) as _,
        terms.minimum_per_order,
        terms.maximum_per_order,
        terms.maximum_per_person,
        terms.is_addon,
        version
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a ticket type off sale for good; false when there is none.
pub async fn archive(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    kind: TicketTypeId,
) -> Result<bool, Fault> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "update boxoffice.ticket_type
         set archived_at = coalesce(archived_at, $4), version = version + 1
         where organisation_id = $1 and event_id = $2 and id = $3",
        organisation.uuid(),
        event.uuid(),
        kind.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
