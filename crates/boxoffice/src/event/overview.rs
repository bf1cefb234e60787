//! How the sale of an event goes: the figures of the organiser's overview.

use axum::extract::State;
use kernel::{EventId, Money, OrganisationId};
use platform::{Failure, NotFound, Tx};
use serde::Serialize;
use web::rights::ViewOrders;
use web::{AppState, Json, Member, Path, Problem};

use super::readiness::{Readiness, readiness};
use crate::pool;

/// How many days of sales the overview has at most.
const DAYS_MAX: i64 = 400;

/// The figures of an event's sale.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Overview {
    /// What paid orders brought, refunds not taken off.
    pub gross: Money,
    /// Valid tickets.
    pub tickets_sold: i64,
    /// Places in all pools.
    pub capacity: i64,
    /// Places held by buyers right now.
    pub held: i64,
    /// Orders by state.
    pub orders: OrderCounts,
    /// Why people can or cannot buy.
    pub readiness: Readiness,
    /// Sales by day, in the event's own time; days without sales are left out.
    pub sales_by_day: Vec<DaySales>,
}

/// Orders by state.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
pub struct OrderCounts {
    /// Paid, free ones included.
    pub paid: i64,
    /// Waiting for their payment.
    pub awaiting_payment: i64,
    /// Called off.
    pub cancelled: i64,
    /// Not paid in time.
    pub expired: i64,
    /// Paid after the places were gone: a person may want to look.
    pub unfulfilled: i64,
}

/// The sales of one day.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DaySales {
    /// The day (ISO 8601) in the event's own zone.
    pub date: String,
    /// Tickets of orders paid that day.
    pub tickets: i64,
    /// What they brought.
    pub amount: Money,
}

/// Reads the figures.
pub async fn overview(
    tx: &mut Tx,
    (organisation, event): (OrganisationId, EventId),
) -> Result<Overview, Failure<NotFound>> {
    let facts = catalog::api::get_facts(tx, organisation, event).await?.ok_or(NotFound)?;
    let pools = pool::store::list(tx, organisation, event).await?;
    let sum = |pick: fn(&pool::store::NamedPool) -> i32| pools.iter().map(|named| i64::from(pick(named))).sum::<i64>();
    let (orders, gross) = count_orders(tx, organisation, event).await?;
    let tickets_sold = crate::ticket::store::count_valid(tx, organisation, event, &[]).await?;
    let days = sales_by_day(tx, organisation, event, facts.zone.as_str()).await?;
    Ok(Overview {
        gross: Money::new(gross, facts.currency),
        tickets_sold,
        capacity: sum(|named| named.pool.capacity),
        held: sum(|named| named.pool.held),
        orders,
        readiness: readiness(tx, (organisation, event)).await?,
        sales_by_day: days
            .into_iter()
            .map(|(date, tickets, amount)| DaySales { date, tickets, amount: Money::new(amount, facts.currency) })
            .collect(),
    })
}

async fn count_orders(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
) -> Result<(OrderCounts, i64), Failure<NotFound>> {
    let rows = sqlx::query!(
        "select state, count(*) as \"count!\", sum(total)::bigint as \"total!\"
         from boxoffice.orders
         where organisation_id = $1 and event_id = $2
         group by state",
        organisation.uuid(),
        event.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let mut counts = OrderCounts::default();
    let mut gross = 0;
    for row in rows {
        match row.state.as_str() {
            "paid" => (counts.paid, gross) = (row.count, row.total),
            "awaiting_payment" => counts.awaiting_payment = row.count,
            "cancelled" => counts.cancelled = row.count,
            "expired" => counts.expired = row.count,
            _ => counts.unfulfilled = row.count,
        }
    }
    Ok((counts, gross))
}

async fn sales_by_day(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    zone: &str,
) -> Result<Vec<(String, i64, i64)>, Failure<NotFound>> {
    let rows = sqlx::query!(
        "select to_char(o.paid_at at time zone $3, 'YYYY-MM-DD') as \"date!\", sum(l.quantity)::bigint as \"tickets!\", sum(l.amount)::bigint as \"amount!\"
         from boxoffice.orders o
         join boxoffice.order_line l on l.organisation_id = o.organisation_id and l.order_id = o.id
         where o.organisation_id = $1 and o.event_id = $2 and o.state = 'paid'
         group by 1
         order by 1 desc
         limit $4",
        organisation.uuid(),
        event.uuid(),
        zone,
        DAYS_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().rev().map(|row| (row.date, row.tickets, row.amount)).collect())
}

/// How an event sells
#[utoipa::path(get, path = "/api/v1/organisations/{organisation}/events/{event}/overview", tag = "Events",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = Overview)), extensions(("x-access" = json!("view_orders"))))]
pub(crate) async fn overview_http(
    State(app): State<AppState>,
    member: Member<ViewOrders>,
    path: Path<(OrganisationId, EventId)>,
) -> Result<Json<Overview>, Problem> {
    let Path((_, event)) = path;
    Ok(Json(app.platform.db.read(member.scope(), "show_overview", (member.organisation, event), overview).await?))
}
