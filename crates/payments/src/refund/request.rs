//! Asking for money to go back, in the transaction of whatever makes it necessary.

use kernel::events::RefundRequested;
use kernel::{Money, OrganisationId, PaymentId, RefundId};
use platform::jobs::When;
use platform::{Failure, NotFound, Refusal, RefusalKind, Tx};

use super::model::{Refund, RefundState, refundable};
use super::send::SendRefund;
use super::store;
use crate::payment;
use crate::payment::model::PaymentState;

/// Why money does not go back.
#[derive(Debug, thiserror::Error)]
pub enum RefundRefusal {
    /// No such payment.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Nothing came, so nothing can go back.
    #[error("This payment has not succeeded, so there is nothing to give back.")]
    NotPaid,
    /// Nothing, or less than nothing, or in another currency.
    #[error("A refund is a positive amount in the currency of the payment.")]
    BadAmount,
    /// More than is left.
    #[error("Only {left} of this payment can still be given back.")]
    TooLarge {
        /// What is left.
        left: Money,
    },
}

impl Refusal for RefundRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(refusal) => refusal.code(),
            Self::NotPaid => "not_paid",
            Self::BadAmount => "refund_amount_invalid",
            Self::TooLarge { .. } => "refund_too_large",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(refusal) => refusal.kind(),
            Self::BadAmount => RefusalKind::Invalid,
            Self::NotPaid | Self::TooLarge { .. } => RefusalKind::Conflict,
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::TooLarge { left } => Some(serde_json::json!({ "refundable": left })),
            Self::NotFound(_) | Self::NotPaid | Self::BadAmount => None,
        }
    }
}

/// Money that should go back.
#[derive(Debug, Clone)]
pub struct RefundWanted {
    /// The tenant.
    pub organisation: OrganisationId,
    /// The payment it is taken from.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
    /// Why, for people: `The event was cancelled.`
    pub reason: String,
}

/// Requests a refund and queues its sending. The payment's row lock makes parallel requests wait for each other, so that together they never
/// exceed what was paid.
pub async fn request_refund(tx: &mut Tx, wanted: RefundWanted) -> Result<RefundId, Failure<RefundRefusal>> {
    let RefundWanted { organisation, payment, amount, reason } = wanted;
    let payment = payment::store::lock(tx, organisation, payment).await?.ok_or(RefundRefusal::NotFound(NotFound))?;
    if !matches!(payment.state, PaymentState::Succeeded { .. }) {
        return Err(RefundRefusal::NotPaid.into());
    }
    if amount.amount <= 0 || amount.currency != payment.amount.currency {
        return Err(RefundRefusal::BadAmount.into());
    }
    let left = refundable(payment.amount, store::sum_not_failed(tx, organisation, payment.id).await?);
    if amount.amount > left.amount {
        return Err(RefundRefusal::TooLarge { left }.into());
    }
    let refund = Refund {
        id: tx.new_id(),
        organisation,
        payment: payment.id,
        amount,
        reason,
        created_at: tx.now(),
        state: RefundState::Requested,
    };
    store::insert(tx, &refund).await?;
    tx.record(Some(organisation), &RefundRequested { refund: refund.id, payment: payment.id, amount }).await?;
    tx.enqueue(&SendRefund { organisation, refund: refund.id }, When::Now).await?;
    Ok(refund.id)
}
