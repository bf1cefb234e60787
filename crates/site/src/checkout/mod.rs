//! From places put aside to an order: who buys, who comes, and on to the payment.

mod details;
pub(crate) mod hold;
pub(crate) mod page;
pub(crate) mod submit;
