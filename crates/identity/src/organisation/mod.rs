//! A tenant: who sells tickets.

pub mod create;
pub mod edit;
pub mod model;
pub mod show;
pub(crate) mod store;
