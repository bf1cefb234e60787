//! SQL that a batch reads holds and people's tickets with. Rows are locked in id order.

use std::collections::BTreeMap;

use jiff_sqlx::ToSqlx;
use kernel::{EventId, HoldId, OrderId, OrganisationId, TicketTypeId};
use platform::{Fault, Tx};
use uuid::Uuid;

use crate::hold::model::Hold;
use crate::hold::store::{HoldRow, hold_of};
use crate::seat;
use crate::seat::model::SeatIndex;

fn uuids<T: kernel::Id>(ids: &[T]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}

/// The holds that some orders came from.
pub(super) async fn holds_of_orders(
    tx: &mut Tx,
    organisation: OrganisationId,
    orders: &[OrderId],
) -> Result<Vec<HoldId>, Fault> {
    let rows = sqlx::query!(
        "select hold_id as \"hold_id!\"
         from boxoffice.orders
         where organisation_id = $1 and id = any($2) and hold_id is not null",
        organisation.uuid(),
        &uuids(orders)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| HoldId::from(row.hold_id)).collect())
}

/// Locks holds; their lines are read by [`hold_lines`].
pub(super) async fn lock_holds(
    tx: &mut Tx,
    organisation: OrganisationId,
    holds: &[HoldId],
) -> Result<Vec<Hold>, Fault> {
    sqlx::query_as!(
        HoldRow,
        "select id, event_id, state, expires_at, renewals
         from boxoffice.hold
         where organisation_id = $1 and id = any($2)
         order by id
         for update",
        organisation.uuid(),
        &uuids(holds)
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(hold_of)
    .collect()
}

/// Locks holds of some events whose time ran out, but for those that are known already and those that another transaction decides about.
pub(super) async fn lock_expired(
    tx: &mut Tx,
    organisation: OrganisationId,
    events: &[EventId],
    known: &[HoldId],
    limit: i64,
) -> Result<Vec<Hold>, Fault> {
    let now = tx.now().to_sqlx();
    sqlx::query_as!(
        HoldRow,
        "select id, event_id, state, expires_at, renewals
         from boxoffice.hold
         where organisation_id = $1 and event_id = any($2) and state = 'live' and expires_at <= $3 and id <> all($4)
         order by expires_at, id
         limit $5
         for update skip locked",
        organisation.uuid(),
        &uuids(events),
        now,
        &uuids(known),
        limit
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(hold_of)
    .collect()
}

/// One hold of the events whose time ran out, if there is any.
pub(super) async fn find_expired(
    tx: &mut Tx,
    organisation: OrganisationId,
    events: &[EventId],
) -> Result<Vec<HoldId>, Fault> {
    let now = tx.now().to_sqlx();
    let rows = sqlx::query!(
        "select id
         from boxoffice.hold
         where organisation_id = $1 and event_id = any($2) and state = 'live' and expires_at <= $3
         limit 1",
        organisation.uuid(),
        &uuids(events),
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| HoldId::from(row.id)).collect())
}

/// Type, quantity, price of one, seats.
type HeldLine = (TicketTypeId, i32, i64, Vec<SeatIndex>);

/// The lines of some holds.
pub(super) async fn hold_lines(
    tx: &mut Tx,
    organisation: OrganisationId,
    holds: &[HoldId],
) -> Result<BTreeMap<HoldId, Vec<HeldLine>>, Fault> {
    let rows = sqlx::query!(
        "select hold_id, ticket_type_id, quantity, unit_price, seats
         from boxoffice.hold_line
         where organisation_id = $1 and hold_id = any($2)
         order by hold_id, position",
        organisation.uuid(),
        &uuids(holds)
    )
    .fetch_all(tx.conn())
    .await?;
    let mut lines: BTreeMap<HoldId, Vec<_>> = BTreeMap::new();
    for row in rows {
        let seats = seat::store::seats_of(row.seats)?;
        let line = (TicketTypeId::from(row.ticket_type_id), row.quantity, row.unit_price, seats);
        lines.entry(HoldId::from(row.hold_id)).or_default().push(line);
    }
    Ok(lines)
}

/// How many tickets of each type some people of an event have or are about to pay for, by address in lower case.
pub(super) async fn owned(
    tx: &mut Tx,
    organisation: OrganisationId,
    events: &[EventId],
    people: &[String],
) -> Result<BTreeMap<(TicketTypeId, String), i32>, Fault> {
    let rows = sqlx::query!(
        "select l.ticket_type_id, o.limited_person as \"person!\", sum(l.quantity)::int as \"quantity!\"
         from boxoffice.orders o
         join boxoffice.order_line l on l.organisation_id = o.organisation_id and l.order_id = o.id
         where o.organisation_id = $1 and o.event_id = any($2) and o.limited_person = any($3) and o.state in ('paid', 'awaiting_payment')
         group by l.ticket_type_id, o.limited_person",
        organisation.uuid(),
        &uuids(events),
        people
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| ((TicketTypeId::from(row.ticket_type_id), row.person), row.quantity)).collect())
}
