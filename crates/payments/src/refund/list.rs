//! The refunds of an order, as other contexts show them.

use jiff::Timestamp;
use kernel::{Money, OrderId, OrganisationId, PaymentId, RefundId};
use platform::{Fault, Tx};
use serde::Serialize;

use super::model::{Refund, RefundState, RefundStateName};
use super::store;

/// A refund as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RefundView {
    /// Its name.
    pub id: RefundId,
    /// The payment it is taken from.
    pub payment_id: PaymentId,
    /// How far it is.
    pub state: RefundStateName,
    /// How much.
    pub amount: Money,
    /// Why it was asked for.
    pub reason: String,
    /// The provider's word for why it failed.
    pub failure: Option<String>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When its fate was known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Timestamp>,
}

impl From<Refund> for RefundView {
    fn from(refund: Refund) -> Self {
        let state = refund.state.name();
        let (failure, settled_at) = match refund.state {
            RefundState::Requested | RefundState::Sent { .. } => (None, None),
            RefundState::Succeeded { at, .. } => (None, Some(at)),
            RefundState::Failed { reason, at } => (Some(reason), Some(at)),
        };
        Self {
            id: refund.id,
            payment_id: refund.payment,
            state,
            amount: refund.amount,
            reason: refund.reason,
            failure,
            created_at: refund.created_at,
            settled_at,
        }
    }
}

/// The refunds of all payments of one order, the first one first.
pub async fn refunds_of(tx: &mut Tx, organisation: OrganisationId, order: OrderId) -> Result<Vec<RefundView>, Fault> {
    let refunds = store::list_of_order(tx, organisation, order).await?;
    Ok(refunds.into_iter().map(RefundView::from).collect())
}
