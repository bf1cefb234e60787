//! SQL of tickets.

use jiff_sqlx::ToSqlx;
use kernel::{Currency, EventId, Money, OrderId, OrganisationId, TicketId, TicketTypeId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{Ticket, TicketSeat, TicketState};
use crate::seat::model::SeatIndex;

pub(crate) struct TicketRow {
    pub id: Uuid,
    pub event_id: Uuid,
    pub order_id: Uuid,
    pub ticket_type_id: Uuid,
    pub type_name: String,
    pub number: i32,
    pub serial: i64,
    pub state: String,
    pub holder_name: String,
    pub price: i64,
    pub currency: String,
    pub seat: Option<i32>,
    pub seat_section: Option<String>,
    pub seat_row: Option<String>,
    pub seat_label: Option<String>,
    pub seat_at_table: Option<bool>,
}

impl TryFrom<TicketRow> for Ticket {
    type Error = Fault;
    fn try_from(row: TicketRow) -> Result<Self, Fault> {
        let seat = match (row.seat, row.seat_section, row.seat_row, row.seat_label, row.seat_at_table) {
            (Some(seat), Some(section), Some(row), Some(label), Some(is_table)) => {
                let seat = SeatIndex(u32::try_from(seat).map_err(Fault::corrupt)?);
                Some(TicketSeat { seat, section, row, is_table, label })
            }
            _ => None,
        };
        Ok(Self {
            seat,
            id: TicketId::from(row.id),
            event: EventId::from(row.event_id),
            order: OrderId::from(row.order_id),
            ticket_type: TicketTypeId::from(row.ticket_type_id),
            type_name: row.type_name,
            number: row.number,
            serial: row.serial,
            state: row.state.parse().map_err(Fault::corrupt)?,
            holder_name: row.holder_name,
            price: Money::new(row.price, Currency::parse(&row.currency).map_err(Fault::corrupt)?),
        })
    }
}

/// The tickets of an order by their number.
pub async fn of_order(tx: &mut Tx, organisation: OrganisationId, order: OrderId) -> Result<Vec<Ticket>, Fault> {
    sqlx::query_as!(
        TicketRow,
        "select t.id, t.event_id, t.order_id, t.ticket_type_id, y.name as type_name, t.number, t.serial, t.state, t.holder_name, t.price, y.currency,
                t.seat, t.seat_section, t.seat_row, t.seat_label, t.seat_at_table
         from boxoffice.ticket t
         join boxoffice.ticket_type y on y.organisation_id = t.organisation_id and y.id = t.ticket_type_id
         where t.organisation_id = $1 and t.order_id = $2
         order by t.number
         limit 2000",
        organisation.uuid(),
        order.uuid()
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(Ticket::try_from)
    .collect()
}

/// Writes new tickets; those of orders that the same batch cancelled are born cancelled.
pub async fn insert_all(
    tx: &mut Tx,
    organisation: OrganisationId,
    tickets: &[Ticket],
    cancelled: &[OrderId],
) -> Result<(), Fault> {
    if tickets.is_empty() {
        return Ok(());
    }
    let are_cancelled: Vec<bool> = tickets.iter().map(|ticket| cancelled.contains(&ticket.order)).collect();
    let uuid = |pick: fn(&Ticket) -> Uuid| -> Vec<Uuid> { tickets.iter().map(pick).collect() };
    let numbers: Vec<i32> = tickets.iter().map(|ticket| ticket.number).collect();
    let serials: Vec<i64> = tickets.iter().map(|ticket| ticket.serial).collect();
    let holders: Vec<String> = tickets.iter().map(|ticket| ticket.holder_name.clone()).collect();
    let prices: Vec<i64> = tickets.iter().map(|ticket| ticket.price.amount).collect();
    let now = tx.now().to_sqlx();
    let seat = |ticket: &Ticket| ticket.seat.as_ref().and_then(|seat| i32::try_from(seat.seat.0).ok());
    let seats: Vec<Option<i32>> = tickets.iter().map(seat).collect();
    let word = |pick: fn(&TicketSeat) -> &String| -> Vec<Option<String>> {
        tickets.iter().map(|ticket| ticket.seat.as_ref().map(|seat| pick(seat).clone())).collect()
    };
    sqlx::query!(
        "insert into boxoffice.ticket
           (organisation_id, id, event_id, order_id, ticket_type_id, number, serial, state, cancelled_at, version, holder_name, price,
            created_at, seat, seat_section, seat_row, seat_label, seat_at_table)
         select $1, t.id, t.event_id, t.order_id, t.ticket_type_id, t.number, t.serial,
                case when t.is_cancelled then 'cancelled' else 'valid' end, case when t.is_cancelled then $2::timestamptz end,
                case when t.is_cancelled then 2 else 1 end, t.holder_name, t.price, $2,
                t.seat, t.seat_section, t.seat_row, t.seat_label, t.seat_at_table
         from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::int[], $8::bigint[], $9::text[], $10::bigint[],
                     $11::int[], $12::text[], $13::text[], $14::text[], $15::boolean[], $16::boolean[])
           as t (id, event_id, order_id, ticket_type_id, number, serial, holder_name, price, seat, seat_section, seat_row, seat_label, seat_at_table,
                 is_cancelled)",
        organisation.uuid(),
        now,
        &uuid(|ticket| ticket.id.uuid()),
        &uuid(|ticket| ticket.event.uuid()),
        &uuid(|ticket| ticket.order.uuid()),
        &uuid(|ticket| ticket.ticket_type.uuid()),
        &numbers,
        &serials,
        &holders,
        &prices,
        &seats as _,
        &word(|seat| &seat.section) as _,
        &word(|seat| &seat.row) as _,
        &word(|seat| &seat.label) as _,
        &tickets.iter().map(|ticket| ticket.seat.as_ref().map(|seat| seat.is_table)).collect::<Vec<_>>() as _,
        &are_cancelled
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Cancels the valid tickets of some orders.
pub async fn cancel_of_orders(tx: &mut Tx, organisation: OrganisationId, orders: &[OrderId]) -> Result<(), Fault> {
    if orders.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = orders.iter().map(|id| id.uuid()).collect();
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update boxoffice.ticket
         set state = 'cancelled', cancelled_at = $3, version = version + 1
         where organisation_id = $1 and order_id = any($2) and state = 'valid'",
        organisation.uuid(),
        &ids,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A ticket and its order's code and state, as the door needs them.
pub(crate) struct DoorRow {
    pub id: Uuid,
    pub event_id: Uuid,
    pub ticket_type_id: Uuid,
    pub type_name: String,
    pub number: i32,
    pub serial: i64,
    pub state: String,
    pub holder_name: String,
    pub order_code: String,
    pub order_state: String,
}

/// Locks a ticket in share mode, so that it cannot be cancelled while it is admitted.
pub async fn lock_for_admission(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    id: TicketId,
) -> Result<Option<DoorRow>, Fault> {
    Ok(sqlx::query_as!(
        DoorRow,
        "select t.id, t.event_id, t.ticket_type_id, y.name as type_name, t.number, t.serial, t.state, t.holder_name,
                o.code as order_code, o.state as order_state
         from boxoffice.ticket t
         join boxoffice.ticket_type y on y.organisation_id = t.organisation_id and y.id = t.ticket_type_id
         join boxoffice.orders o on o.organisation_id = t.organisation_id and o.id = t.order_id
         where t.organisation_id = $1 and t.event_id = $2 and t.id = $3
         for share of t",
        organisation.uuid(),
        event.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// The same for the tickets with these serials.
pub async fn lock_serials_for_admission(
    tx: &mut Tx,
    organisation: OrganisationId,
    serials: &[i64],
) -> Result<Vec<DoorRow>, Fault> {
    Ok(sqlx::query_as!(
        DoorRow,
        "select t.id, t.event_id, t.ticket_type_id, y.name as type_name, t.number, t.serial, t.state, t.holder_name,
                o.code as order_code, o.state as order_state
         from boxoffice.ticket t
         join boxoffice.ticket_type y on y.organisation_id = t.organisation_id and y.id = t.ticket_type_id
         join boxoffice.orders o on o.organisation_id = t.organisation_id and o.event_id = t.event_id and o.id = t.order_id
         where t.organisation_id = $1 and t.serial = any($2)
         order by t.serial
         for share of t",
        organisation.uuid(),
        serials
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Which ticket has a serial, and its event.
pub async fn find_by_serial(
    tx: &mut Tx,
    organisation: OrganisationId,
    serial: i64,
) -> Result<Option<(EventId, TicketId)>, Fault> {
    let row = sqlx::query!(
        "select event_id, id from boxoffice.ticket where organisation_id = $1 and serial = $2",
        organisation.uuid(),
        serial
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (EventId::from(row.event_id), TicketId::from(row.id))))
}

/// Which ticket has the number within the order of that code, and its event.
pub async fn find_by_code(
    tx: &mut Tx,
    organisation: OrganisationId,
    order_code: &str,
    number: i32,
) -> Result<Option<(EventId, TicketId)>, Fault> {
    let row = sqlx::query!(
        "select t.event_id, t.id
         from boxoffice.orders o
         join boxoffice.ticket t on t.organisation_id = o.organisation_id and t.order_id = o.id
         where o.organisation_id = $1 and o.code = $2 and t.number = $3",
        organisation.uuid(),
        order_code,
        number
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (EventId::from(row.event_id), TicketId::from(row.id))))
}

/// Tickets of an event whose holder, buyer, or code begins with or contains the words.
pub async fn search(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    words: &str,
    limit: i64,
) -> Result<Vec<DoorRow>, Fault> {
    let pattern = format!("%{}%", words.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    Ok(sqlx::query_as!(
        DoorRow,
        "select t.id, t.event_id, t.ticket_type_id, y.name as type_name, t.number, t.serial, t.state, t.holder_name,
                o.code as order_code, o.state as order_state
         from boxoffice.ticket t
         join boxoffice.ticket_type y on y.organisation_id = t.organisation_id and y.id = t.ticket_type_id
         join boxoffice.orders o on o.organisation_id = t.organisation_id and o.id = t.order_id
         where t.organisation_id = $1 and t.event_id = $2
           and (t.holder_name ilike $3 or o.buyer_name ilike $3 or o.buyer_email ilike $3 or o.code || '-' || t.number ilike $3)
         order by t.holder_name, t.id
         limit $4",
        organisation.uuid(),
        event.uuid(),
        pattern,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}

/// One page of an event's tickets, the newest first, of those whose holder, buyer or code contains the words. Behind `after`, if given.
pub async fn page(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    words: &str,
    after: Option<TicketId>,
    rows: i64,
) -> Result<Vec<DoorRow>, Fault> {
    let pattern = format!("%{}%", words.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    Ok(sqlx::query_as!(
        DoorRow,
        "select t.id, t.event_id, t.ticket_type_id, y.name as type_name, t.number, t.serial, t.state, t.holder_name,
                o.code as order_code, o.state as order_state
         from boxoffice.ticket t
         join boxoffice.ticket_type y on y.organisation_id = t.organisation_id and y.id = t.ticket_type_id
         join boxoffice.orders o on o.organisation_id = t.organisation_id and o.id = t.order_id
         where t.organisation_id = $1 and t.event_id = $2 and ($3::uuid is null or t.id < $3)
           and ($4 = '%%' or t.holder_name ilike $4 or o.buyer_name ilike $4 or o.buyer_email ilike $4 or o.code || '-' || t.number ilike $4)
         order by t.id desc
         limit $5",
        organisation.uuid(),
        event.uuid(),
        after.map(TicketId::uuid),
        pattern,
        rows
    )
    .fetch_all(tx.conn())
    .await?)
}

/// How many valid tickets an event has, of the given types; of all when none are given.
pub async fn count_valid(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    types: &[TicketTypeId],
) -> Result<i64, Fault> {
    let ids: Vec<Uuid> = types.iter().map(|id| id.uuid()).collect();
    let row = sqlx::query!(
        "select count(*) as \"count!\"
         from boxoffice.ticket
         where organisation_id = $1 and event_id = $2 and state = 'valid' and (cardinality($3::uuid[]) = 0 or ticket_type_id = any($3))",
        organisation.uuid(),
        event.uuid(),
        &ids
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.count)
}

impl DoorRow {
    /// Whether the ticket opens the door.
    pub(crate) fn state(&self) -> Result<TicketState, Fault> {
        self.state.parse().map_err(Fault::corrupt)
    }
}
