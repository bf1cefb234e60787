//! Calling an order off: its places go back on sale, its tickets stop opening doors, its money goes back if the organiser says so.

use axum::extract::State;
use kernel::events::OrderCancelled;
use kernel::mail::MailRequest;
use kernel::{EventId, Money, OrderId, OrganisationId, PaymentId};
use payments::api::RefundWanted;
use platform::jobs::When;
use platform::{Failure, Fault, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use serde_json::json;
use web::rights::ManageOrders;
use web::{AppState, Json, Member, Path, Problem};

use super::model::{Order, OrderState};
use super::present::{OrganiserOrderView, organiser_view_of};
use super::store;
use crate::hold::model::HoldState;
use crate::hold::{release, store as holds};
use crate::pool::{
    self,
    model::{Cause, Change},
};
use crate::ticket;

/// Call an order off.
#[derive(Debug, Clone, Copy)]
pub struct Cancel {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// Which order.
    pub order: OrderId,
    /// Whether the money goes back.
    pub is_refunded: bool,
}

/// Why an order is not called off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    /// No such order.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// It has ended already.
    #[error("This order is {state} and cannot be cancelled.")]
    Ended {
        /// How it ended.
        state: &'static str,
    },
}

impl Refusal for CancelRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Ended { .. } => "order_ended",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Ended { .. } => RefusalKind::Conflict,
        }
    }
}

/// Cancels a paid or waiting order with everything that belongs to it, in one transaction.
pub async fn cancel(tx: &mut Tx, command: Cancel) -> Result<(), Failure<CancelRefusal>> {
    let organisation = command.organisation;
    let found = store::find(tx, organisation, command.order)
        .await?
        .filter(|order| order.event == command.event)
        .ok_or(CancelRefusal::NotFound)?;
    let hold =
        holds::lock(tx, organisation, found.hold).await?.ok_or_else(|| Fault::corrupt("an order without its hold"))?;
    let order = store::lock_under_hold(tx, organisation, command.order).await?.ok_or(CancelRefusal::NotFound)?;
    let refund = match &order.state {
        OrderState::AwaitingPayment { .. } => {
            if matches!(hold.state, HoldState::Live { .. }) {
                release::give_back(tx, organisation, &[hold], Cause::Released, "released").await?;
            }
            None
        }
        OrderState::Paid { payment, .. } => {
            cancel_tickets(tx, organisation, order.id).await?;
            if command.is_refunded { refund(tx, organisation, &order, *payment).await? } else { None }
        }
        ended => return Err(CancelRefusal::Ended { state: ended.as_str() }.into()),
    };
    let cancelled = OrderState::Cancelled { ended_at: tx.now() };
    store::save_state(tx, organisation, order.id, &cancelled).await?;
    tx.record(Some(organisation), &OrderCancelled { order: order.id, event: order.event }).await?;
    tell_buyer(tx, organisation, &order, refund).await?;
    Ok(())
}

async fn cancel_tickets(tx: &mut Tx, organisation: OrganisationId, order: OrderId) -> Result<(), Fault> {
    let cancelled = ticket::store::cancel_of_order(tx, organisation, order).await?;
    let types: Vec<_> = cancelled.iter().map(|(kind, _)| *kind).collect();
    let draws = pool::store::draws(tx, organisation, &types).await?;
    let pools: Vec<_> = draws.iter().map(|(_, pool)| *pool).collect();
    let mut stock = pool::store::lock(tx, organisation, &pools).await?;
    for (kind, count) in cancelled {
        for (_, pool) in draws.iter().filter(|(of, _)| *of == kind) {
            stock.apply(*pool, Change::cancel(count, order)).map_err(Fault::corrupt)?;
        }
    }
    pool::store::save(tx, organisation, &stock).await
}

async fn refund(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: &Order,
    payment: Option<PaymentId>,
) -> Result<Option<Money>, Fault> {
    let Some(payment) = payment else { return Ok(None) };
    let wanted = RefundWanted { organisation, payment, amount: order.total, reason: "order cancelled".to_owned() };
    match payments::api::request_refund(tx, wanted).await {
        Ok(_) => Ok(Some(order.total)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

async fn tell_buyer(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: &Order,
    refund: Option<Money>,
) -> Result<(), Fault> {
    let facts = catalog::api::get_facts(tx, organisation, order.event).await?;
    let mail = MailRequest {
        organisation: Some(organisation),
        dedupe_key: format!("order_cancelled:{}", order.id),
        template: "order_cancelled".to_owned(),
        to: order.buyer.email.clone(),
        data: json!({
            "buyer_name": order.buyer.name, "event_title": facts.map(|facts| facts.title).unwrap_or_default(),
            "order_code": order.code, "refund": refund.map(|money| money.to_string()).unwrap_or_default(),
        }),
        attachments: Vec::new(),
    };
    tx.enqueue(&mail, When::Now).await
}

/// How an order is called off.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    /// Whether the money goes back to the buyer.
    #[serde(default)]
    refund: bool,
}

/// Cancel an order
///
/// Its tickets stop working at once and its places go back on sale. With `refund` the payment is given back in full.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation}/events/{event}/orders/{order}/cancel", tag = "Orders", request_body = CancelRequest,
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("order" = OrderId, Path)),
    responses((status = 200, body = OrganiserOrderView)), extensions(("x-access" = json!("manage_orders"))))]
pub(crate) async fn cancel_http(
    State(app): State<AppState>,
    member: Member<ManageOrders>,
    path: Path<(OrganisationId, EventId, OrderId)>,
    Json(body): Json<CancelRequest>,
) -> Result<Json<OrganiserOrderView>, Problem> {
    let Path((_, event, order)) = path;
    let command = Cancel { organisation: member.organisation, event, order, is_refunded: body.refund };
    app.platform.db.write(member.scope(), "cancel_order", command, cancel).await?;
    Ok(Json(organiser_view_of(&app.platform, member.organisation, event, order).await?))
}
