//! Sending the buyer to the provider's page, and again when the first try did not get there.

use axum::extract::State;
use kernel::{OrderId, OrganisationId, PaymentId};
use platform::{Failure, Fault, Platform, Refusal, RefusalKind, Scope, Tx};
use web::{AppState, Json, Path, Problem, Query};

use super::model::{Order, OrderState};
use super::present::{OrderView, order_url, view_of};
use super::show::{OrderSecret, locate};
use super::store;

/// Why an order cannot be paid now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayRefusal {
    /// No such order, or not with that secret.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// It needs no payment, or may have none any more.
    #[error("This order is {state}; there is nothing to pay.")]
    NothingToPay {
        /// How it stands.
        state: &'static str,
    },
    /// The provider does not answer.
    #[error("The payment page cannot be reached at the moment. Your tickets are still held: please try again.")]
    ProviderSilent,
}

impl Refusal for PayRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NothingToPay { .. } => "nothing_to_pay",
            Self::ProviderSilent => "provider_unavailable",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::NothingToPay { .. } => RefusalKind::Conflict,
            Self::ProviderSilent => RefusalKind::Unavailable { retry_after: 5 },
        }
    }
}

/// Asks the provider for a checkout page that leads back to the order; answers its address. Never inside a transaction.
pub(crate) async fn open(
    platform: &Platform,
    organisation: OrganisationId,
    order: &Order,
    payment: PaymentId,
) -> Result<String, Fault> {
    let return_url = order_url(platform, order);
    let opened = payments::api::open_checkout(platform, organisation, payment, &return_url).await;
    opened.map(|checkout| checkout.url).map_err(|failure| match failure {
        Failure::Fault(fault) => fault,
        Failure::Refused(refusal) => Fault::dependency("payment provider", refusal),
    })
}

/// The same right after the order was made. When the provider gives no page the order stands and waits, and the buyer can ask again.
pub(crate) async fn open_or_wait(platform: &Platform, organisation: OrganisationId, order: &Order, payment: PaymentId) {
    if let Err(fault) = open(platform, organisation, order, payment).await {
        tracing::warn!(%fault, order = %order.id, "the provider gave no checkout page; the buyer can ask again");
    }
}

/// The address of the provider's page for an order that waits for its payment. A payment that failed is followed by a new one.
pub async fn pay(
    platform: &Platform,
    organisation: OrganisationId,
    order: OrderId,
) -> Result<String, Failure<PayRefusal>> {
    let (order, payment) =
        platform.db.write(Scope::Tenant(organisation), "prepare_payment", (organisation, order), prepare).await?;
    open(platform, organisation, &order, payment).await.map_err(|fault| {
        tracing::warn!(%fault, "the provider gave no checkout page");
        PayRefusal::ProviderSilent.into()
    })
}

async fn prepare(
    tx: &mut Tx,
    (organisation, id): (OrganisationId, OrderId),
) -> Result<(Order, PaymentId), Failure<PayRefusal>> {
    let order = store::lock(tx, organisation, id).await?.ok_or(PayRefusal::NotFound)?;
    let now = tx.now();
    let OrderState::AwaitingPayment { expires_at } = order.state else {
        return Err(PayRefusal::NothingToPay { state: order.state.as_str() }.into());
    };
    if now >= expires_at {
        return Err(PayRefusal::NothingToPay { state: "expired" }.into());
    }
    if let Some(payment) = payments::api::open_payment_of(tx, organisation, id).await? {
        return Ok((order, payment));
    }
    let new = payments::api::NewPayment {
        organisation,
        order: id,
        amount: order.total,
        description: "Tickets".to_owned(),
        expires_at,
    };
    let payment = payments::api::create(tx, new).await?;
    Ok((order, payment))
}

/// Get a payment page for an order
///
/// For an order that waits for its payment: the answer's `payment.checkout_url` is open.
#[utoipa::path(post, path = "/api/v1/orders/{code}/pay", tag = "Orders", params(("code" = String, Path), OrderSecret),
    responses((status = 200, body = OrderView)), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn pay_http(
    State(app): State<AppState>,
    Path(code): Path<String>,
    Query(query): Query<OrderSecret>,
) -> Result<Json<OrderView>, Problem> {
    let (organisation, order) = locate(&app.platform, code, &query.secret).await?;
    pay(&app.platform, organisation, order).await?;
    Ok(Json(view_of(&app.platform, organisation, order).await?))
}
