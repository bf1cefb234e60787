//! Holds: places put aside for a buyer for a few minutes.

pub mod model;
pub mod release;
pub mod renew;
pub mod secret;
pub mod show;
pub(crate) mod store;
pub mod sweep;
pub mod take;
