//! What other contexts may call. Everything else of this context reaches them as journal events.

use platform::Platform;

pub use crate::payment::create::{NewPayment, create};
pub use crate::payment::list::{PaymentView, open_payment_of, payments_of};
pub use crate::payment::model::PaymentStateName;
pub use crate::payment::open_checkout::{CheckoutUrl, OpenCheckoutRefusal, open_checkout};
pub use crate::refund::list::{RefundView, refunds_of};
pub use crate::refund::model::RefundStateName;
pub use crate::refund::request::{RefundRefusal, RefundWanted, request_refund};

/// Whether anything can be paid for on this server. Ask before places are taken: without a provider, only free tickets can be had.
pub fn is_available(platform: &Platform) -> bool {
    crate::provider::default_provider(platform).is_some()
}
