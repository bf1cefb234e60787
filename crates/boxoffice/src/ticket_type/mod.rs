//! Ticket types: what is on sale, at what price, when, and how many an order.

pub mod archive;
pub mod create;
pub mod edit;
pub mod list;
pub mod model;
pub mod present;
pub mod public;
pub(crate) mod store;
