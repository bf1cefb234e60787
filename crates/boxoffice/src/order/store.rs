//! SQL of orders. An order is locked only under the lock of its hold, so that buyers, sweepers and webhooks cannot deadlock.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{AccountId, Currency, Email, EventId, HoldId, Money, OrderId, OrganisationId, PaymentId, PersonName};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{Buyer, Order, OrderLine, OrderState, Paid};
use crate::lane::model::KnownOrder;
use crate::seat;

/// The columns of an order as they are stored.
pub(crate) struct OrderRow {
    pub id: Uuid,
    pub event_id: Uuid,
    pub hold_id: Option<Uuid>,
    pub code: String,
    pub state: String,
    pub account_id: Option<Uuid>,
    pub buyer_name: String,
    pub buyer_email: String,
    pub attendees: Vec<String>,
    pub currency: String,
    pub total: i64,
    pub created_at: jiff_sqlx::Timestamp,
    pub expires_at: jiff_sqlx::Timestamp,
    pub paid_at: Option<jiff_sqlx::Timestamp>,
    pub payment_id: Option<Uuid>,
    pub ended_at: Option<jiff_sqlx::Timestamp>,
    pub version: i64,
}

impl TryFrom<OrderRow> for Order {
    type Error = Fault;
    fn try_from(row: OrderRow) -> Result<Self, Fault> {
        let ended_at = row.ended_at.map_or(Timestamp::UNIX_EPOCH, |at| at.to_jiff());
        let state = match row.state.as_str() {
            "awaiting_payment" => OrderState::AwaitingPayment { expires_at: row.expires_at.to_jiff() },
            "paid" => OrderState::Paid {
                paid_at: row.paid_at.ok_or_else(|| Fault::corrupt("a paid order without its instant"))?.to_jiff(),
                payment: row.payment_id.map(PaymentId::from),
            },
            "cancelled" => OrderState::Cancelled {
                ended_at,
                paid: row.paid_at.map(|at| Paid { at: at.to_jiff(), payment: row.payment_id.map(PaymentId::from) }),
            },
            "expired" => OrderState::Expired { ended_at },
            "unfulfilled" => OrderState::Unfulfilled { ended_at },
            other => return Err(Fault::corrupt(format!("order state {other}"))),
        };
        Ok(Self {
            id: OrderId::from(row.id),
            event: EventId::from(row.event_id),
            hold: row.hold_id.map(HoldId::from),
            code: row.code,
            state,
            buyer: Buyer {
                name: PersonName::parse(&row.buyer_name).map_err(Fault::corrupt)?,
                email: Email::parse(&row.buyer_email).map_err(Fault::corrupt)?,
                account: row.account_id.map(AccountId::from),
            },
            total: Money::new(row.total, Currency::parse(&row.currency).map_err(Fault::corrupt)?),
            created_at: row.created_at.to_jiff(),
            version: row.version,
        })
    }
}

/// Writes new orders with their lines. `people` says for each who it counts for where a type has a
/// limit a person.
pub async fn insert_all(
    tx: &mut Tx,
    organisation: OrganisationId,
    orders: &[&KnownOrder],
    people: &[Option<String>],
) -> Result<(), Fault> {
    if orders.is_empty() {
        return Ok(());
    }
    insert_with_lines(tx, organisation, orders, people).await?;
    keep_names(tx, organisation, orders).await
}

/// What the state of an order puts into its columns: when its time to pay ends, when it was paid, by what, when it ended.
#[derive(Default)]
struct Stamps {
    expires_at: Option<Timestamp>,
    paid_at: Option<Timestamp>,
    payment: Option<Uuid>,
    ended_at: Option<Timestamp>,
}

fn stamps(state: &OrderState) -> Stamps {
    match state {
        OrderState::AwaitingPayment { expires_at } => Stamps { expires_at: Some(*expires_at), ..Stamps::default() },
        OrderState::Paid { paid_at, payment } => {
            Stamps { paid_at: Some(*paid_at), payment: payment.map(PaymentId::uuid), ..Stamps::default() }
        }
        // It may have been paid in the same batch that called it off.
        OrderState::Cancelled { ended_at, paid } => Stamps {
            paid_at: paid.map(|paid| paid.at),
            payment: paid.and_then(|paid| paid.payment).map(PaymentId::uuid),
            ended_at: Some(*ended_at),
            ..Stamps::default()
        },
        OrderState::Expired { ended_at } | OrderState::Unfulfilled { ended_at } => {
            Stamps { ended_at: Some(*ended_at), ..Stamps::default() }
        }
    }
}

fn instants(orders: &[&KnownOrder], pick: fn(&Stamps) -> Option<Timestamp>) -> Vec<Option<jiff_sqlx::Timestamp>> {
    orders.iter().map(|known| pick(&stamps(&known.order.state)).map(|at| at.to_sqlx())).collect()
}

async fn insert_with_lines(
    tx: &mut Tx,
    organisation: OrganisationId,
    orders: &[&KnownOrder],
    people: &[Option<String>],
) -> Result<(), Fault> {
    let now = tx.now().to_sqlx();
    let text = |pick: fn(&Order) -> &str| -> Vec<String> {
        orders.iter().map(|known| pick(&known.order).to_owned()).collect()
    };
    let uuid = |pick: fn(&Order) -> Option<Uuid>| -> Vec<Option<Uuid>> {
        orders.iter().map(|known| pick(&known.order)).collect()
    };
    let totals: Vec<i64> = orders.iter().map(|known| known.order.total.amount).collect();
    let lines =
        || orders.iter().flat_map(|known| known.lines.iter().zip(1_i32..).map(|(line, at)| (known.order.id, line, at)));
    let seats = seat::store::literals(lines().map(|(_, line, _)| line.seats.as_slice()));
    sqlx::query!(
        "with inserted as (
           insert into boxoffice.orders
             (organisation_id, id, event_id, hold_id, code, state, account_id, buyer_name, buyer_email, currency, total,
              created_at, expires_at, paid_at, payment_id, limited_person)
           select $1, o.id, o.event_id, o.hold_id, o.code, o.state, o.account_id, o.buyer_name, o.buyer_email, o.currency, o.total,
                  $2, coalesce(o.expires_at, $2), o.paid_at, o.payment_id, o.limited_person
           from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::bigint[],
                       $13::timestamptz[], $14::timestamptz[], $15::uuid[], $16::text[])
             as o (id, event_id, hold_id, code, state, account_id, buyer_name, buyer_email, currency, total, expires_at, paid_at,
                   payment_id, limited_person))
         insert into boxoffice.order_line (organisation_id, order_id, position, ticket_type_id, quantity, unit_price, amount, seats)
         select $1, l.order_id, l.position, l.ticket_type_id, l.quantity, l.unit_price, l.amount, l.seats::int[]
         from unnest($17::uuid[], $18::int[], $19::uuid[], $20::int[], $21::bigint[], $22::bigint[], $23::text[])
           as l (order_id, position, ticket_type_id, quantity, unit_price, amount, seats)",
        organisation.uuid(),
        now as _,
        &uuid(|order| Some(order.id.uuid())) as _,
        &uuid(|order| Some(order.event.uuid())) as _,
        &uuid(|order| order.hold.map(HoldId::uuid)) as _,
        &text(|order| &order.code),
        &text(|order| order.state.as_str()),
        &uuid(|order| order.buyer.account.map(AccountId::uuid)) as _,
        &text(|order| order.buyer.name.as_str()),
        &text(|order| order.buyer.email.as_str()),
        &text(|order| order.total.currency.code()),
        &totals,
        &instants(orders, |stamps| stamps.expires_at) as _,
        &instants(orders, |stamps| stamps.paid_at) as _,
        &orders.iter().map(|known| stamps(&known.order.state).payment).collect::<Vec<_>>() as _,
        people as _,
        &lines().map(|(id, ..)| id.uuid()).collect::<Vec<_>>(),
        &lines().map(|(.., at)| at).collect::<Vec<_>>(),
        &lines().map(|(_, line, _)| line.ticket_type.uuid()).collect::<Vec<_>>(),
        &lines().map(|(_, line, _)| line.quantity).collect::<Vec<_>>(),
        &lines().map(|(_, line, _)| line.unit_price.amount).collect::<Vec<_>>(),
        &lines().map(|(_, line, _)| line.amount().amount).collect::<Vec<_>>(),
        &seats as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps the names of those who come until the order is paid and has tickets.
async fn keep_names(tx: &mut Tx, organisation: OrganisationId, orders: &[&KnownOrder]) -> Result<(), Fault> {
    let waiting = orders
        .iter()
        .filter(|known| matches!(known.order.state, OrderState::AwaitingPayment { .. }) && !known.attendees.is_empty());
    let (ids, names): (Vec<Uuid>, Vec<serde_json::Value>) =
        waiting.map(|known| (known.order.id.uuid(), serde_json::json!(known.attendees))).unzip();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update boxoffice.orders o
         set attendees = array(select jsonb_array_elements_text(n.names))
         from unnest($2::uuid[], $3::jsonb[]) as n (id, names)
         where o.organisation_id = $1 and o.id = n.id",
        organisation.uuid(),
        &ids,
        &names
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Reads an order; `None` when the organisation has none of that id.
pub async fn find(tx: &mut Tx, organisation: OrganisationId, id: OrderId) -> Result<Option<Order>, Fault> {
    sqlx::query_as!(
        OrderRow,
        "select id, event_id, hold_id, code, state, account_id, buyer_name, buyer_email, attendees, currency, total,
                created_at, expires_at, paid_at, payment_id, ended_at, version
         from boxoffice.orders
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Order::try_from)
    .transpose()
}

/// Locks an order by itself, which keeps its state until the transaction ends. Whoever does so locks no hold and no pool after it.
pub async fn lock(tx: &mut Tx, organisation: OrganisationId, id: OrderId) -> Result<Option<Order>, Fault> {
    Ok(lock_under_holds(tx, organisation, &[id], &[]).await?.pop().map(|(order, _)| order))
}

/// Locks the orders of some ids and those of some holds, which are locked already, in the order of their ids; each with the names of those who
/// come. One look-up for each: with `any` or `or` PostgreSQL reads all orders that ever had a hold when it plans this while there are few of
/// them, and goes on so when there are many.
pub async fn lock_under_holds(
    tx: &mut Tx,
    organisation: OrganisationId,
    ids: &[OrderId],
    holds: &[HoldId],
) -> Result<Vec<(Order, Vec<String>)>, Fault> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let holds: Vec<Uuid> = holds.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        OrderRow,
        "select o.id, o.event_id, o.hold_id, o.code, o.state, o.account_id, o.buyer_name, o.buyer_email, o.attendees, o.currency, o.total,
                o.created_at, o.expires_at, o.paid_at, o.payment_id, o.ended_at, o.version
         from (
           select unnest($2::uuid[]) as id
           union
           select f.id
           from unnest($3::uuid[]) as h (id)
           cross join lateral (
             select id from boxoffice.orders where organisation_id = $1 and hold_id = h.id limit 1) f
           order by 1) w
         cross join lateral (
           select id, event_id, hold_id, code, state, account_id, buyer_name, buyer_email, attendees, currency, total,
                  created_at, expires_at, paid_at, payment_id, ended_at, version
           from boxoffice.orders
           where organisation_id = $1 and id = w.id
           for update) o",
        organisation.uuid(),
        &ids,
        &holds
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|mut row| {
            let names = std::mem::take(&mut row.attendees);
            Ok((Order::try_from(row)?, names))
        })
        .collect()
}

/// The lines of an order in their order.
pub async fn lines(tx: &mut Tx, organisation: OrganisationId, order: OrderId) -> Result<Vec<OrderLine>, Fault> {
    Ok(lines_of(tx, organisation, &[order]).await?.remove(&order).unwrap_or_default())
}

/// The lines of some orders, each order's in their order.
pub async fn lines_of(
    tx: &mut Tx,
    organisation: OrganisationId,
    orders: &[OrderId],
) -> Result<BTreeMap<OrderId, Vec<OrderLine>>, Fault> {
    if orders.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<Uuid> = orders.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "select l.order_id, l.ticket_type_id, t.name, l.quantity, l.unit_price, l.seats, t.currency
         from boxoffice.order_line l
         join boxoffice.ticket_type t on t.organisation_id = l.organisation_id and t.id = l.ticket_type_id
         where l.organisation_id = $1 and l.order_id = any($2)
         order by l.order_id, l.position",
        organisation.uuid(),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let mut lines: BTreeMap<OrderId, Vec<OrderLine>> = BTreeMap::new();
    for row in rows {
        let currency = Currency::parse(&row.currency).map_err(Fault::corrupt)?;
        lines.entry(row.order_id.into()).or_default().push(OrderLine {
            ticket_type: row.ticket_type_id.into(),
            name: row.name,
            quantity: row.quantity,
            unit_price: Money::new(row.unit_price, currency),
            seats: seat::store::seats_of(row.seats)?,
        });
    }
    Ok(lines)
}

/// Writes the states of locked orders, and counts the changes.
pub async fn save_states(tx: &mut Tx, organisation: OrganisationId, orders: &[&KnownOrder]) -> Result<(), Fault> {
    if orders.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = orders.iter().map(|known| known.order.id.uuid()).collect();
    let words: Vec<String> = orders.iter().map(|known| known.order.state.as_str().to_owned()).collect();
    let payments: Vec<Option<Uuid>> = orders.iter().map(|known| stamps(&known.order.state).payment).collect();
    let versions: Vec<i64> = orders.iter().map(|known| known.order.version).collect();
    sqlx::query!(
        "update boxoffice.orders o
         set state = s.state, paid_at = coalesce(s.paid_at, o.paid_at), payment_id = coalesce(s.payment_id, o.payment_id),
             ended_at = s.ended_at, version = s.version
         from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::uuid[], $6::timestamptz[], $7::bigint[])
           as s (id, state, paid_at, payment_id, ended_at, version)
         where o.organisation_id = $1 and o.id = s.id",
        organisation.uuid(),
        &ids,
        &words,
        &instants(orders, |stamps| stamps.paid_at) as _,
        &payments as _,
        &instants(orders, |stamps| stamps.ended_at) as _,
        &versions
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Where the order with a public code is. Runs in the public scope.
pub async fn locate(tx: &mut Tx, code: &str) -> Result<Option<(OrganisationId, OrderId)>, Fault> {
    let row = sqlx::query!(
        "select organisation_id as \"organisation_id!\", order_id as \"order_id!\" from boxoffice.locate_order($1)",
        code
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (OrganisationId::from(row.organisation_id), OrderId::from(row.order_id))))
}
