//! The organiser's list of orders.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{Currency, EventId, Money, OrderId, OrganisationId, Page, PageRequest};
use platform::{Failure, Fault, InvalidFields, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::rights::ViewOrders;
use web::{AppState, Json, Member, Path, Problem, Query};

/// An order in a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderRowView {
    /// Which one.
    pub id: OrderId,
    /// What people call it.
    pub code: String,
    /// `awaiting_payment`, `paid`, `cancelled`, `expired` or `unfulfilled`.
    pub state: String,
    /// Who buys.
    pub buyer_name: String,
    /// Their address.
    pub buyer_email: String,
    /// How many tickets were ordered.
    pub tickets: i64,
    /// What it costs.
    pub total: Money,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
}

/// Which orders are wanted.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OrderFilter {
    /// Only orders in this state.
    pub state: Option<String>,
    /// Words in the code, the buyer's name or address.
    pub q: Option<String>,
    /// Items a page, 1 to 100; 50 when left out.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Lists orders of an event, newest first.
pub async fn list(
    tx: &mut Tx,
    (organisation, event, filter): (OrganisationId, EventId, OrderFilter),
) -> Result<Page<OrderRowView>, Failure<InvalidFields>> {
    let request = PageRequest { limit: filter.limit, cursor: filter.cursor };
    let after: Option<Uuid> =
        request.cursor.as_deref().and_then(|cursor| cursor.parse::<OrderId>().ok()).map(OrderId::uuid);
    let words = filter.q.unwrap_or_default();
    let pattern = format!("%{}%", words.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let rows = sqlx::query!(
        "select o.id, o.code, o.state, o.buyer_name, o.buyer_email, o.currency, o.total, o.created_at, o.paid_at,
                (select coalesce(sum(l.quantity), 0) from boxoffice.order_line l where l.organisation_id = o.organisation_id and l.order_id = o.id) as \"tickets!\"
         from boxoffice.orders o
         where o.organisation_id = $1 and o.event_id = $2
           and ($3::text is null or o.state = $3)
           and ($4::uuid is null or (o.created_at, o.id) < (select c.created_at, c.id from boxoffice.orders c where c.organisation_id = $1 and c.id = $4))
           and ($5 = '%%' or o.code ilike $5 or o.buyer_name ilike $5 or o.buyer_email ilike $5)
         order by o.created_at desc, o.id desc
         limit $6",
        organisation.uuid(),
        event.uuid(),
        filter.state,
        after,
        pattern,
        request.rows()
    )
    .fetch_all(tx.conn())
    .await?;
    let orders = rows
        .into_iter()
        .map(|row| {
            Ok(OrderRowView {
                id: OrderId::from(row.id),
                code: row.code,
                state: row.state,
                buyer_name: row.buyer_name,
                buyer_email: row.buyer_email,
                tickets: row.tickets,
                total: Money::new(row.total, Currency::parse(&row.currency).map_err(Fault::corrupt)?),
                created_at: row.created_at.to_jiff(),
                paid_at: row.paid_at.map(|at| at.to_jiff()),
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    Ok(Page::cut(orders, request.items(), |order| order.id.to_string()))
}

/// List the orders of an event
#[utoipa::path(get, path = "/api/v1/organisations/{organisation}/events/{event}/orders", tag = "Orders",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), OrderFilter),
    responses((status = 200, body = Page<OrderRowView>)), extensions(("x-access" = json!("view_orders"))))]
pub(crate) async fn list_http(
    State(app): State<AppState>,
    member: Member<ViewOrders>,
    path: Path<(OrganisationId, EventId)>,
    Query(filter): Query<OrderFilter>,
) -> Result<Json<Page<OrderRowView>>, Problem> {
    let Path((_, event)) = path;
    Ok(Json(app.platform.db.read(member.scope(), "list_orders", (member.organisation, event, filter), list).await?))
}
