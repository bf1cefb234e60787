//! What goes over the wire between our side and the test provider.

use jiff::Timestamp;
use kernel::{Currency, PaymentId};
use serde::{Deserialize, Serialize};

/// The body of `POST /pay/test/api/checkouts`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCheckout {
    pub amount: i64,
    pub currency: Currency,
    pub description: String,
    pub payment: PaymentId,
    pub return_url: String,
    pub webhook_url: String,
    pub expires_at: Timestamp,
}

/// How far a checkout is, in the test provider's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WireState {
    Open,
    Processing,
    Paid,
    Declined,
    Expired,
}

/// A checkout as the test provider shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WireCheckout {
    pub id: String,
    pub state: WireState,
    pub amount: i64,
    pub currency: Currency,
    pub payment: PaymentId,
    pub url: String,
    pub expires_at: Timestamp,
}

/// The answer of `GET /pay/test/api/checkouts?idempotency_key=`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct WireCheckouts {
    pub items: Vec<WireCheckout>,
}

/// The body of a notice: the shape that Standard Webhooks recommends.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct WireNotice {
    #[serde(rename = "type")]
    pub kind: String,
    pub timestamp: Timestamp,
    pub data: serde_json::Value,
}

/// What notices about checkouts are called, before the state's word.
pub(super) const CHECKOUT_NOTICES: &str = "checkout.";

/// The body of `POST /pay/test/api/refunds`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRefund {
    pub checkout: String,
    pub amount: i64,
}

/// A refund as the test provider shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WireRefund {
    pub id: String,
    pub checkout: String,
    pub amount: i64,
    pub state: WireRefundState,
}

/// How far a refund is, in the test provider's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WireRefundState {
    Succeeded,
}
