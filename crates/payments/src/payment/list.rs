//! The payments of an order, as other contexts show them.

use jiff::Timestamp;
use kernel::{Money, OrderId, OrganisationId, PaymentId};
use platform::{Failure, Never, Tx};
use serde::Serialize;

use super::model::{Payment, PaymentState, PaymentStateName};
use super::store;

/// A payment as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PaymentView {
    /// Its name.
    pub id: PaymentId,
    /// Who was asked: `test`; null when nobody was yet.
    pub provider: Option<String>,
    /// How far it is.
    pub state: PaymentStateName,
    /// How much.
    pub amount: Money,
    /// The provider's page, while the buyer can still pay there.
    pub checkout_url: Option<String>,
    /// The word for why it failed or was given up: `card_declined`, `expired`.
    pub failure: Option<String>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When the time to pay ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// When the money came.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub succeeded_at: Option<Timestamp>,
}

impl PaymentView {
    fn of(payment: Payment, now: Timestamp) -> Self {
        let is_payable = now < payment.expires_at;
        let (checkout_url, failure, succeeded_at) = match &payment.state {
            PaymentState::Created => (None, None, None),
            PaymentState::Pending(checkout) => (checkout.url.clone().filter(|_| is_payable), None, None),
            PaymentState::Cancelled { reason, .. } => (None, Some(reason.as_str().to_owned()), None),
            PaymentState::Failed { reason, .. } => (None, Some(reason.as_str().to_owned()), None),
            PaymentState::Succeeded { at, .. } => (None, None, Some(*at)),
        };
        Self {
            id: payment.id,
            provider: payment.provider.map(|name| name.to_string()),
            state: payment.state.name(),
            amount: payment.amount,
            checkout_url,
            failure,
            created_at: payment.created_at,
            expires_at: payment.expires_at,
            succeeded_at,
        }
    }
}

/// The payments of one order, the first try first; the last one is the one that counts while nothing has succeeded.
pub async fn payments_of(tx: &mut Tx, organisation: OrganisationId, order: OrderId) -> Result<Vec<PaymentView>, Failure<Never>> {
    let now = tx.now();
    let payments = store::list_of_order(tx, organisation, order).await?;
    Ok(payments.into_iter().map(|payment| PaymentView::of(payment, now)).collect())
}
