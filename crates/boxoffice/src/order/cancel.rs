//! Calling an order off: its places go back on sale, its tickets stop opening doors, its money goes back if the organiser says so.

use axum::extract::State;
use kernel::{EventId, OrderId, OrganisationId};
use platform::{Refusal, RefusalKind};
use serde::Deserialize;
use web::rights::ManageOrders;
use web::{AppState, Json, Member, Path, Problem};

use super::present::{OrganiserOrderView, organiser_view_of};
use crate::lane;

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
    lane::ask(&app.platform, command).await?;
    Ok(Json(organiser_view_of(&app.platform, member.organisation, event, order).await?))
}
