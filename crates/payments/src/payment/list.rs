//! The payments of an order, as other contexts show them.

use jiff::Timestamp;
use kernel::{Money, OrderId, OrganisationId, PaymentId};
use platform::{Fault, Tx};
use serde::Serialize;

use super::model::{Payment, PaymentState, PaymentStateName};
use super::store;
use crate::refund;

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
    /// How much of it went back or is on its way back.
    pub refunded: Money,
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
    fn of(payment: Payment, refunded: i64, now: Timestamp) -> Self {
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
            refunded: Money::new(refunded, payment.amount.currency),
            checkout_url,
            failure,
            created_at: payment.created_at,
            expires_at: payment.expires_at,
            succeeded_at,
        }
    }
}

/// The payments of one order, the first try first; the last one is the one that counts while nothing has succeeded.
pub async fn payments_of(tx: &mut Tx, organisation: OrganisationId, order: OrderId) -> Result<Vec<PaymentView>, Fault> {
    let now = tx.now();
    let payments = store::list_of_order(tx, organisation, order).await?;
    let refunded = refund::store::sums_of_order(tx, organisation, order).await?;
    let sum_of = |payment| refunded.iter().find(|(of, _)| *of == payment).map_or(0, |(_, sum)| *sum);
    Ok(payments
        .into_iter()
        .map(|payment| (sum_of(payment.id), payment))
        .map(|(sum, payment)| PaymentView::of(payment, sum, now))
        .collect())
}

/// The payment of an order on which the buyer can still pay, if there is one: go on with it instead of beginning another.
pub async fn open_payment_of(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: OrderId,
) -> Result<Option<PaymentId>, Fault> {
    let now = tx.now();
    let payments = store::list_of_order(tx, organisation, order).await?;
    Ok(payments
        .into_iter()
        .rev()
        .find(|payment| payment.state.is_open() && now < payment.expires_at)
        .map(|payment| payment.id))
}
