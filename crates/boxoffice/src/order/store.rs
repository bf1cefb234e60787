//! SQL of orders. An order is locked only under the lock of its hold, so that buyers, sweepers and webhooks cannot deadlock.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    AccountId, Currency, Email, EventId, HoldId, Money, OrderId, OrderLineId, OrganisationId, PaymentId, PersonName,
};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{Buyer, Order, OrderLine, OrderState};

/// The columns of an order as they are stored.
pub(crate) struct OrderRow {
    pub id: Uuid,
    pub event_id: Uuid,
    pub hold_id: Uuid,
    pub code: String,
    pub state: String,
    pub account_id: Option<Uuid>,
    pub buyer_name: String,
    pub buyer_email: String,
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
            "cancelled" => OrderState::Cancelled { ended_at },
            "expired" => OrderState::Expired { ended_at },
            "unfulfilled" => OrderState::Unfulfilled { ended_at },
            other => return Err(Fault::corrupt(format!("order state {other}"))),
        };
        Ok(Self {
            id: OrderId::from(row.id),
            event: EventId::from(row.event_id),
            hold: HoldId::from(row.hold_id),
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

/// A new order with its lines and the way to find it by its code.
pub async fn insert(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: &Order,
    lines: &[OrderLine],
    expires_at: Timestamp,
) -> Result<(), Fault> {
    let (paid_at, payment) = match order.state {
        OrderState::Paid { paid_at, payment } => (Some(paid_at), payment),
        _ => (None, None),
    };
    sqlx::query!(
        "insert into boxoffice.orders
           (organisation_id, id, event_id, hold_id, code, state, account_id, buyer_name, buyer_email, currency, total,
            created_at, expires_at, paid_at, payment_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        organisation.uuid(),
        order.id.uuid(),
        order.event.uuid(),
        order.hold.uuid(),
        order.code,
        order.state.as_str(),
        order.buyer.account.map(AccountId::uuid),
        order.buyer.name.as_str(),
        order.buyer.email.as_str(),
        order.total.currency.code(),
        order.total.amount,
        order.created_at.to_sqlx(),
        expires_at.to_sqlx(),
        paid_at.map(|at| at.to_sqlx()) as _,
        payment.map(PaymentId::uuid)
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into boxoffice.order_code (code, organisation_id, order_id) values ($1, $2, $3)",
        order.code,
        organisation.uuid(),
        order.id.uuid()
    )
    .execute(tx.conn())
    .await?;
    insert_lines(tx, organisation, order.id, lines).await
}

async fn insert_lines(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: OrderId,
    lines: &[OrderLine],
) -> Result<(), Fault> {
    let ids: Vec<Uuid> = lines.iter().map(|_| tx.new_id::<OrderLineId>().uuid()).collect();
    let types: Vec<Uuid> = lines.iter().map(|line| line.ticket_type.uuid()).collect();
    let quantities: Vec<i32> = lines.iter().map(|line| line.quantity).collect();
    let prices: Vec<i64> = lines.iter().map(|line| line.unit_price.amount).collect();
    let amounts: Vec<i64> = lines.iter().map(|line| line.amount().amount).collect();
    sqlx::query!(
        "insert into boxoffice.order_line (organisation_id, id, order_id, ticket_type_id, quantity, unit_price, amount, position)
         select $1, l.id, $2, l.ticket_type_id, l.quantity, l.unit_price, l.amount, l.position
         from unnest($3::uuid[], $4::uuid[], $5::int[], $6::bigint[], $7::bigint[]) with ordinality
           as l (id, ticket_type_id, quantity, unit_price, amount, position)",
        organisation.uuid(),
        order.uuid(),
        &ids,
        &types,
        &quantities,
        &prices,
        &amounts
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Reads an order; `None` when the organisation has none of that id.
pub async fn find(tx: &mut Tx, organisation: OrganisationId, id: OrderId) -> Result<Option<Order>, Fault> {
    sqlx::query_as!(
        OrderRow,
        "select id, event_id, hold_id, code, state, account_id, buyer_name, buyer_email, currency, total,
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

/// Locks an order whose hold is locked already.
pub async fn lock_under_hold(tx: &mut Tx, organisation: OrganisationId, id: OrderId) -> Result<Option<Order>, Fault> {
    sqlx::query_as!(
        OrderRow,
        "select id, event_id, hold_id, code, state, account_id, buyer_name, buyer_email, currency, total,
                created_at, expires_at, paid_at, payment_id, ended_at, version
         from boxoffice.orders
         where organisation_id = $1 and id = $2
         for update",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Order::try_from)
    .transpose()
}

/// The order that was placed from a hold, if any.
pub async fn find_by_hold(tx: &mut Tx, organisation: OrganisationId, hold: HoldId) -> Result<Option<Order>, Fault> {
    sqlx::query_as!(
        OrderRow,
        "select id, event_id, hold_id, code, state, account_id, buyer_name, buyer_email, currency, total,
                created_at, expires_at, paid_at, payment_id, ended_at, version
         from boxoffice.orders
         where organisation_id = $1 and hold_id = $2",
        organisation.uuid(),
        hold.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Order::try_from)
    .transpose()
}

/// Whether a hold has an order that waits for its payment.
pub async fn is_awaiting_payment(tx: &mut Tx, organisation: OrganisationId, hold: HoldId) -> Result<bool, Fault> {
    let row = sqlx::query!(
        "select id from boxoffice.orders where organisation_id = $1 and hold_id = $2 and state = 'awaiting_payment'",
        organisation.uuid(),
        hold.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.is_some())
}

/// The lines of an order in their order.
pub async fn lines(tx: &mut Tx, organisation: OrganisationId, order: OrderId) -> Result<Vec<OrderLine>, Fault> {
    let rows = sqlx::query!(
        "select l.ticket_type_id, t.name, l.quantity, l.unit_price, t.currency
         from boxoffice.order_line l
         join boxoffice.ticket_type t on t.organisation_id = l.organisation_id and t.id = l.ticket_type_id
         where l.organisation_id = $1 and l.order_id = $2
         order by l.position",
        organisation.uuid(),
        order.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = Currency::parse(&row.currency).map_err(Fault::corrupt)?;
            Ok(OrderLine {
                ticket_type: row.ticket_type_id.into(),
                name: row.name,
                quantity: row.quantity,
                unit_price: Money::new(row.unit_price, currency),
            })
        })
        .collect()
}

/// Writes the state of a locked order, and counts the change.
pub async fn save_state(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: OrderId,
    state: &OrderState,
) -> Result<(), Fault> {
    let (paid_at, payment, ended_at) = match state {
        OrderState::AwaitingPayment { .. } => (None, None, None),
        OrderState::Paid { paid_at, payment } => (Some(*paid_at), *payment, None),
        OrderState::Cancelled { ended_at }
        | OrderState::Expired { ended_at }
        | OrderState::Unfulfilled { ended_at } => (None, None, Some(*ended_at)),
    };
    sqlx::query!(
        "update boxoffice.orders
         set state = $3, paid_at = coalesce($4, paid_at), payment_id = coalesce($5, payment_id), ended_at = $6, version = version + 1
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        order.uuid(),
        state.as_str(),
        paid_at.map(|at| at.to_sqlx()) as _,
        payment.map(PaymentId::uuid),
        ended_at.map(|at| at.to_sqlx()) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the unpaid orders of some expired holds; answers them with their events.
pub async fn expire_of_holds(
    tx: &mut Tx,
    organisation: OrganisationId,
    holds: &[HoldId],
) -> Result<Vec<(OrderId, EventId)>, Fault> {
    let ids: Vec<Uuid> = holds.iter().map(|id| id.uuid()).collect();
    let now = tx.now().to_sqlx();
    let rows = sqlx::query!(
        "update boxoffice.orders
         set state = 'expired', ended_at = $3, version = version + 1
         where organisation_id = $1 and hold_id = any($2) and state = 'awaiting_payment'
         returning id, event_id",
        organisation.uuid(),
        &ids,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (OrderId::from(row.id), EventId::from(row.event_id))).collect())
}

/// Where the order with a public code is. Runs in the public scope.
pub async fn locate(tx: &mut Tx, code: &str) -> Result<Option<(OrganisationId, OrderId)>, Fault> {
    let row = sqlx::query!("select organisation_id, order_id from boxoffice.order_code where code = $1", code)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| (OrganisationId::from(row.organisation_id), OrderId::from(row.order_id))))
}

/// Keeps the names of those who come until the order is paid and has tickets.
pub async fn keep_attendees(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: OrderId,
    names: &[String],
) -> Result<(), Fault> {
    sqlx::query!(
        "update boxoffice.orders set attendees = $3 where organisation_id = $1 and id = $2",
        organisation.uuid(),
        order.uuid(),
        names
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The names that were kept.
pub async fn attendees(tx: &mut Tx, organisation: OrganisationId, order: OrderId) -> Result<Vec<String>, Fault> {
    let row = sqlx::query!(
        "select attendees from boxoffice.orders where organisation_id = $1 and id = $2",
        organisation.uuid(),
        order.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.attendees)
}
