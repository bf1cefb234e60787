//! Refunds: giving money back, never more than came.

pub mod list;
pub mod model;
pub mod request;
pub mod send;
pub(crate) mod store;
