//! SQL of holds.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Currency, EventId, HoldId, Money, OrganisationId, TicketTypeId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{Hold, HoldLine, HoldState};
use crate::pool;

/// How many expired holds of an event one buyer's transaction clears away.
pub const HOLDS_RECLAIMED_MAX: i64 = 50;

/// A new live hold with its lines.
pub async fn insert(
    tx: &mut Tx,
    organisation: OrganisationId,
    hold: &Hold,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into boxoffice.hold (organisation_id, id, event_id, state, created_at, expires_at)
         values ($1, $2, $3, 'live', $4, $5)",
        organisation.uuid(),
        hold.id.uuid(),
        hold.event.uuid(),
        now,
        expires_at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    let types: Vec<Uuid> = hold.lines.iter().map(|line| line.ticket_type.uuid()).collect();
    let quantities: Vec<i32> = hold.lines.iter().map(|line| line.quantity).collect();
    let prices: Vec<i64> = hold.lines.iter().map(|line| line.unit_price.amount).collect();
    sqlx::query!(
        "insert into boxoffice.hold_line (organisation_id, hold_id, ticket_type_id, quantity, unit_price, position)
         select $1, $2, l.ticket_type_id, l.quantity, l.unit_price, l.position
         from unnest($3::uuid[], $4::int[], $5::bigint[]) with ordinality as l (ticket_type_id, quantity, unit_price, position)",
        organisation.uuid(),
        hold.id.uuid(),
        &types,
        &quantities,
        &prices
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Locks a hold; `None` when there is none.
pub async fn lock(tx: &mut Tx, organisation: OrganisationId, id: HoldId) -> Result<Option<Hold>, Fault> {
    let row = sqlx::query!(
        "select event_id, state, expires_at, renewals
         from boxoffice.hold
         where organisation_id = $1 and id = $2
         for update",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let state = state_of(&row.state, row.expires_at.to_jiff(), row.renewals)?;
    let lines = lines(tx, organisation, &[id]).await?.into_iter().map(|(_, line)| line).collect();
    Ok(Some(Hold { id, event: EventId::from(row.event_id), state, lines }))
}

/// Reads a hold without locking it.
pub async fn find(tx: &mut Tx, organisation: OrganisationId, id: HoldId) -> Result<Option<Hold>, Fault> {
    let row = sqlx::query!(
        "select event_id, state, expires_at, renewals
         from boxoffice.hold
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let state = state_of(&row.state, row.expires_at.to_jiff(), row.renewals)?;
    let lines = lines(tx, organisation, &[id]).await?.into_iter().map(|(_, line)| line).collect();
    Ok(Some(Hold { id, event: EventId::from(row.event_id), state, lines }))
}

fn state_of(word: &str, expires_at: Timestamp, renewals: i16) -> Result<HoldState, Fault> {
    match word {
        "live" => Ok(HoldState::Live { expires_at, renewals }),
        "converted" => Ok(HoldState::Converted),
        "released" => Ok(HoldState::Released),
        "expired" => Ok(HoldState::Expired),
        other => Err(Fault::corrupt(format!("hold state {other}"))),
    }
}

/// The lines of some holds, each with the pools it takes places of.
pub async fn lines(
    tx: &mut Tx,
    organisation: OrganisationId,
    holds: &[HoldId],
) -> Result<Vec<(HoldId, HoldLine)>, Fault> {
    let ids: Vec<Uuid> = holds.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "select l.hold_id, l.ticket_type_id, t.name, l.quantity, l.unit_price, t.currency
         from boxoffice.hold_line l
         join boxoffice.ticket_type t on t.organisation_id = l.organisation_id and t.id = l.ticket_type_id
         where l.organisation_id = $1 and l.hold_id = any($2)
         order by l.hold_id, l.position",
        organisation.uuid(),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let types: Vec<TicketTypeId> = rows.iter().map(|row| TicketTypeId::from(row.ticket_type_id)).collect();
    let draws = pool::store::draws(tx, organisation, &types).await?;
    rows.into_iter()
        .map(|row| {
            let ticket_type = TicketTypeId::from(row.ticket_type_id);
            let currency = Currency::parse(&row.currency).map_err(Fault::corrupt)?;
            let line = HoldLine {
                ticket_type,
                name: row.name,
                quantity: row.quantity,
                unit_price: Money::new(row.unit_price, currency),
                pools: draws.iter().filter(|(kind, _)| *kind == ticket_type).map(|(_, pool)| *pool).collect(),
            };
            Ok((HoldId::from(row.hold_id), line))
        })
        .collect()
}

/// Locks holds of an event whose time ran out. Holds that another transaction is settling are passed over: it decides about them.
pub async fn lock_expired(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    limit: i64,
) -> Result<Vec<Hold>, Fault> {
    let now = tx.now();
    let rows = sqlx::query!(
        "select id, expires_at, renewals
         from boxoffice.hold
         where organisation_id = $1 and event_id = $2 and state = 'live' and expires_at <= $3
         order by expires_at, id
         limit $4
         for update skip locked",
        organisation.uuid(),
        event.uuid(),
        now.to_sqlx(),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let ids: Vec<HoldId> = rows.iter().map(|row| HoldId::from(row.id)).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = lines(tx, organisation, &ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = HoldId::from(row.id);
            let (mine, others) = std::mem::take(&mut lines).into_iter().partition(|(hold, _)| *hold == id);
            lines = others;
            let mine: Vec<(HoldId, HoldLine)> = mine;
            Hold {
                id,
                event,
                state: HoldState::Live { expires_at: row.expires_at.to_jiff(), renewals: row.renewals },
                lines: mine.into_iter().map(|(_, line)| line).collect(),
            }
        })
        .collect())
}

/// Ends holds with the given word: `converted`, `released` or `expired`.
pub async fn end(tx: &mut Tx, organisation: OrganisationId, holds: &[HoldId], word: &str) -> Result<(), Fault> {
    let ids: Vec<Uuid> = holds.iter().map(|id| id.uuid()).collect();
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update boxoffice.hold
         set state = $3, ended_at = $4
         where organisation_id = $1 and id = any($2) and state = 'live'",
        organisation.uuid(),
        &ids,
        word,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Moves the end of a live hold.
pub async fn extend(
    tx: &mut Tx,
    organisation: OrganisationId,
    id: HoldId,
    expires_at: Timestamp,
    renewals: i16,
) -> Result<(), Fault> {
    sqlx::query!(
        "update boxoffice.hold
         set expires_at = $3, renewals = $4
         where organisation_id = $1 and id = $2 and state = 'live'",
        organisation.uuid(),
        id.uuid(),
        expires_at.to_sqlx(),
        renewals
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Which events have holds whose time ran out. Runs as the system, across organisations; sees ids only.
pub async fn due(tx: &mut Tx, limit: i64) -> Result<Vec<(OrganisationId, EventId)>, Fault> {
    let now = tx.now().to_sqlx();
    let rows = sqlx::query!(
        "select distinct organisation_id, event_id
         from (select organisation_id, event_id from boxoffice.hold where state = 'live' and expires_at <= $1 order by expires_at limit $2) due",
        now,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (OrganisationId::from(row.organisation_id), EventId::from(row.event_id))).collect())
}
