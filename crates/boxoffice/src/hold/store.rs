//! SQL of holds. They are locked by the lanes; see `lane/store.rs`.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Currency, EventId, HoldId, Money, OrganisationId, TicketTypeId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{Hold, HoldLine, HoldState};
use crate::{pool, seat};

/// The columns of a hold as they are stored.
pub(crate) struct HoldRow {
    pub id: Uuid,
    pub event_id: Uuid,
    pub state: String,
    pub expires_at: jiff_sqlx::Timestamp,
    pub renewals: i16,
}

/// A hold of a row, its lines still missing.
pub(crate) fn hold_of(row: HoldRow) -> Result<Hold, Fault> {
    let state = match row.state.as_str() {
        "live" => HoldState::Live { expires_at: row.expires_at.to_jiff(), renewals: row.renewals },
        "converted" => HoldState::Converted,
        "released" => HoldState::Released,
        "expired" => HoldState::Expired,
        other => return Err(Fault::corrupt(format!("hold state {other}"))),
    };
    Ok(Hold { id: HoldId::from(row.id), event: EventId::from(row.event_id), state, lines: Vec::new() })
}

/// Writes new live holds with their lines.
pub async fn insert_all(tx: &mut Tx, organisation: OrganisationId, holds: &[&Hold]) -> Result<(), Fault> {
    if holds.is_empty() {
        return Ok(());
    }
    let now = tx.now().to_sqlx();
    let ids: Vec<Uuid> = holds.iter().map(|hold| hold.id.uuid()).collect();
    let events: Vec<Uuid> = holds.iter().map(|hold| hold.event.uuid()).collect();
    let (ends, renewals): (Vec<_>, Vec<_>) = holds.iter().map(|hold| end_of(hold, tx.now())).unzip();
    let lines = || {
        holds.iter().flat_map(|hold| hold.lines.iter().zip(1_i32..).map(|(line, position)| (hold.id, line, position)))
    };
    let seats = seat::store::literals(lines().map(|(_, line, _)| line.seats.as_slice()));
    sqlx::query!(
        "with inserted as (
           insert into boxoffice.hold (organisation_id, id, event_id, state, renewals, created_at, expires_at)
           select $1, h.id, h.event_id, 'live', h.renewals, $2, h.expires_at
           from unnest($3::uuid[], $4::uuid[], $5::smallint[], $6::timestamptz[]) as h (id, event_id, renewals, expires_at))
         insert into boxoffice.hold_line (organisation_id, hold_id, ticket_type_id, quantity, unit_price, position, seats)
         select $1, l.hold_id, l.ticket_type_id, l.quantity, l.unit_price, l.position, l.seats::int[]
         from unnest($7::uuid[], $8::uuid[], $9::int[], $10::bigint[], $11::int[], $12::text[])
           as l (hold_id, ticket_type_id, quantity, unit_price, position, seats)",
        organisation.uuid(),
        now,
        &ids,
        &events,
        &renewals,
        &ends as _,
        &lines().map(|(id, ..)| id.uuid()).collect::<Vec<_>>(),
        &lines().map(|(_, line, _)| line.ticket_type.uuid()).collect::<Vec<_>>(),
        &lines().map(|(_, line, _)| line.quantity).collect::<Vec<_>>(),
        &lines().map(|(_, line, _)| line.unit_price.amount).collect::<Vec<_>>(),
        &lines().map(|(.., position)| position).collect::<Vec<_>>(),
        &seats as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// When a hold ends, and how often it was renewed.
fn end_of(hold: &Hold, now: Timestamp) -> (jiff_sqlx::Timestamp, i16) {
    match hold.state {
        HoldState::Live { expires_at, renewals } => (expires_at.to_sqlx(), renewals),
        _ => (now.to_sqlx(), 0),
    }
}

/// Writes the states of locked holds.
pub async fn save_states(tx: &mut Tx, organisation: OrganisationId, holds: &[&Hold]) -> Result<(), Fault> {
    if holds.is_empty() {
        return Ok(());
    }
    let now = tx.now().to_sqlx();
    let ids: Vec<Uuid> = holds.iter().map(|hold| hold.id.uuid()).collect();
    let words: Vec<String> = holds.iter().map(|hold| word_of(hold.state).to_owned()).collect();
    let (ends, renewals): (Vec<_>, Vec<_>) = holds.iter().map(|hold| end_of(hold, tx.now())).unzip();
    sqlx::query!(
        "update boxoffice.hold h
         set state = s.state,
             expires_at = case when s.state = 'live' then s.expires_at else h.expires_at end,
             renewals = case when s.state = 'live' then s.renewals else h.renewals end,
             ended_at = case when s.state = 'live' then null else $2::timestamptz end
         from unnest($3::uuid[], $4::text[], $5::smallint[], $6::timestamptz[]) as s (id, state, renewals, expires_at)
         where h.organisation_id = $1 and h.id = s.id and h.state = 'live'",
        organisation.uuid(),
        now as _,
        &ids,
        &words,
        &renewals,
        &ends as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn word_of(state: HoldState) -> &'static str {
    match state {
        HoldState::Live { .. } => "live",
        HoldState::Converted => "converted",
        HoldState::Released => "released",
        HoldState::Expired => "expired",
    }
}

/// Reads a hold without locking it.
pub async fn find(tx: &mut Tx, organisation: OrganisationId, id: HoldId) -> Result<Option<Hold>, Fault> {
    let row = sqlx::query_as!(
        HoldRow,
        "select id, event_id, state, expires_at, renewals
         from boxoffice.hold
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(mut hold) = row.map(hold_of).transpose()? else { return Ok(None) };
    hold.lines = lines(tx, organisation, id).await?;
    Ok(Some(hold))
}

/// The lines of a hold, each with the pools it takes places of.
async fn lines(tx: &mut Tx, organisation: OrganisationId, hold: HoldId) -> Result<Vec<HoldLine>, Fault> {
    let rows = sqlx::query!(
        "select l.ticket_type_id, t.name, l.quantity, l.unit_price, l.seats, t.currency
         from boxoffice.hold_line l
         join boxoffice.ticket_type t on t.organisation_id = l.organisation_id and t.id = l.ticket_type_id
         where l.organisation_id = $1 and l.hold_id = $2
         order by l.position",
        organisation.uuid(),
        hold.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let types: Vec<TicketTypeId> = rows.iter().map(|row| TicketTypeId::from(row.ticket_type_id)).collect();
    let draws = pool::store::draws(tx, organisation, &types).await?;
    rows.into_iter()
        .map(|row| {
            let ticket_type = TicketTypeId::from(row.ticket_type_id);
            let currency = Currency::parse(&row.currency).map_err(Fault::corrupt)?;
            Ok(HoldLine {
                ticket_type,
                name: row.name,
                quantity: row.quantity,
                unit_price: Money::new(row.unit_price, currency),
                pools: draws.get(&ticket_type).cloned().unwrap_or_default(),
                seats: seat::store::seats_of(row.seats)?,
            })
        })
        .collect()
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
