//! What a payment provider is to Turnout: one small trait all of them keep, and one trait for each thing only some can do.

mod registry;
pub mod standard_webhooks;

use std::fmt;
use std::str::FromStr;

use futures_util::future::BoxFuture;
use http::HeaderMap;
use jiff::Timestamp;
use kernel::right::UnknownWord;
use kernel::{Money, PaymentId, RefundId};

pub use registry::{default_provider, find_provider};

/// The providers this build can speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderName {
    /// The built-in one that moves no money.
    Test,
}

impl ProviderName {
    /// The word in addresses and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
        }
    }
}

impl FromStr for ProviderName {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        if text == Self::Test.as_str() { Ok(Self::Test) } else { Err(UnknownWord) }
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a provider is asked for: one page on which a buyer pays one amount.
#[derive(Debug, Clone)]
pub struct CheckoutRequest {
    /// Our own reference and the idempotency key: asked twice, the provider opens one checkout.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
    /// What the buyer reads on the provider's page.
    pub description: String,
    /// Where the buyer goes afterwards.
    pub return_url: String,
    /// When the page should close.
    pub expires_at: Timestamp,
}

/// A provider's page, ready for the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedCheckout {
    /// The provider's name for it.
    pub reference: String,
    /// The page.
    pub url: String,
    /// When the page closes, which may be later than asked.
    pub expires_at: Timestamp,
}

/// A checkout as the provider has it at this moment. It alone decides; notices only say that it is time to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderState {
    /// The provider's name for it.
    pub reference: String,
    /// Our own reference, as the provider kept it.
    pub payment: Option<PaymentId>,
    /// The amount the provider asks or got.
    pub amount: Money,
    /// How far it is.
    pub standing: Standing,
}

/// How far a checkout is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has paid yet, or the money is on its way.
    Open,
    /// The money is there.
    Paid,
    /// The payment was refused, with the provider's word for why.
    Declined(String),
    /// The page closed unpaid.
    Expired,
}

/// A notice that was proven to come from the provider.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookEvent {
    /// The provider's name for the notice: the same in every delivery of it.
    pub id: String,
    /// What it says.
    pub payload: serde_json::Value,
}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The checkout.
    pub reference: String,
    /// Our own reference, when the notice carries it.
    pub payment: Option<PaymentId>,
    /// The amount the notice claims.
    pub amount: Option<Money>,
}

/// A notice that did not come from the provider, or not in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// A header is missing or cannot be read.
    #[error("the webhook-id, webhook-timestamp and webhook-signature headers are needed")]
    Headers,
    /// Too old or from the future; a replay, or a wrong clock.
    #[error("the timestamp is more than 300 seconds away from now")]
    Stale,
    /// No signature is right.
    #[error("no signature is right for this body")]
    Signature,
    /// The signature is right, and the body is no JSON.
    #[error("the body is not JSON")]
    Body,
}

/// A signed notice whose body the provider's own rules do not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the notice cannot be read: {0}")]
pub struct Unreadable(pub String);

/// Why a provider did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No answer, or "not now": what was asked may have happened all the same, so it is asked again with the same key.
    #[error("the payment provider did not answer: {0}")]
    Unavailable(String),
    /// "No", for good.
    #[error("the payment provider refused: {0}")]
    Rejected(String),
}

/// What every provider can do.
pub trait Provider: Send + Sync {
    /// Which one it is.
    fn name(&self) -> ProviderName;
    /// Opens a page to pay on. Idempotent by `request.payment`.
    fn open_checkout(&self, request: CheckoutRequest) -> BoxFuture<'_, Result<OpenedCheckout, ProviderError>>;
    /// Asks for a checkout as it is now.
    fn fetch<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<ProviderState, ProviderError>>;
    /// Proves a notice from its headers and the bytes of its body as they came.
    fn verify_webhook(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<WebhookEvent, Forged>;
    /// What a proven notice is about; `None` for notices that do not concern payments.
    fn subject(&self, payload: &serde_json::Value) -> Result<Option<Subject>, Unreadable>;
    /// The ability to find a checkout by our own reference, when an answer got lost.
    fn find_by_key(&self) -> Option<&dyn FindByKey> {
        None
    }
    /// The ability to give money back.
    fn refunds(&self) -> Option<&dyn Refunds> {
        None
    }
    /// What it can do beyond opening checkouts, for `turnout doctor` and the documentation.
    fn capabilities(&self) -> Capabilities {
        Capabilities { finds_by_key: self.find_by_key().is_some(), refunds: self.refunds().is_some() }
    }
}

/// What a provider can do beyond opening checkouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// It finds a checkout by our own reference.
    pub finds_by_key: bool,
    /// It gives money back.
    pub refunds: bool,
}

/// Providers that find a checkout by the key it was asked for with.
pub trait FindByKey: Send + Sync {
    /// The checkout opened for a payment, if there is one.
    fn find<'a>(&'a self, payment: PaymentId) -> BoxFuture<'a, Result<Option<ProviderState>, ProviderError>>;
}

/// A wish to give money back.
#[derive(Debug, Clone)]
pub struct RefundRequest {
    /// Asked twice with one key, the provider pays back once.
    pub idempotency_key: RefundId,
    /// The checkout that was paid.
    pub reference: String,
    /// How much of it.
    pub amount: Money,
}

/// What became of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The provider has it in hand.
    Pending {
        /// The provider's name for it.
        reference: String,
    },
    /// The money went back.
    Succeeded {
        /// The provider's name for it.
        reference: String,
    },
    /// It cannot be done.
    Failed {
        /// The provider's word for why.
        reason: String,
    },
}

/// Providers that give money back.
pub trait Refunds: Send + Sync {
    /// Gives money back. Idempotent by its key.
    fn refund(&self, request: RefundRequest) -> BoxFuture<'_, Result<RefundOutcome, ProviderError>>;
    /// Asks for a refund as it is now.
    fn fetch_refund<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<RefundOutcome, ProviderError>>;
}
