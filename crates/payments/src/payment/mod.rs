//! Payments: asking for money, and knowing what became of it.

pub mod create;
pub mod list;
pub mod model;
pub mod open_checkout;
pub mod poll;
pub mod settle;
pub(crate) mod store;
