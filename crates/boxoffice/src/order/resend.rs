//! Sending the tickets again, when a mail got lost.

use axum::extract::State;
use kernel::events::TicketsResent;
use kernel::{EventId, OrderId, OrganisationId};
use platform::{Failure, Refusal, RefusalKind, Tx};
use web::rights::ManageOrders;
use web::{AppState, Member, NoContent, Path, Problem};

use super::model::OrderState;
use super::store;

/// Why tickets are not sent again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResendRefusal {
    /// No such order.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// It has no tickets to send.
    #[error("This order is {state}; it has no tickets to send.")]
    NotPaid {
        /// How it stands.
        state: &'static str,
    },
}

impl Refusal for ResendRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NotPaid { .. } => "order_not_paid",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::NotPaid { .. } => RefusalKind::Conflict,
        }
    }
}

/// Records that the tickets were asked for again; a subscriber sends them.
pub async fn resend(
    tx: &mut Tx,
    (organisation, event, id): (OrganisationId, EventId, OrderId),
) -> Result<(), Failure<ResendRefusal>> {
    let order =
        store::find(tx, organisation, id).await?.filter(|order| order.event == event).ok_or(ResendRefusal::NotFound)?;
    if !matches!(order.state, OrderState::Paid { .. }) {
        return Err(ResendRefusal::NotPaid { state: order.state.as_str() }.into());
    }
    tx.record(Some(organisation), &TicketsResent { order: id }).await?;
    Ok(())
}

/// Send the tickets of an order again
#[utoipa::path(post, path = "/api/v1/organisations/{organisation}/events/{event}/orders/{order}/resend", tag = "Orders",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("order" = OrderId, Path)),
    responses((status = 204)), extensions(("x-access" = json!("manage_orders"))))]
pub(crate) async fn resend_http(
    State(app): State<AppState>,
    member: Member<ManageOrders>,
    path: Path<(OrganisationId, EventId, OrderId)>,
) -> Result<NoContent, Problem> {
    let Path((_, event, order)) = path;
    app.platform.db.write(member.scope(), "resend_tickets", (member.organisation, event, order), resend).await?;
    Ok(NoContent)
}
