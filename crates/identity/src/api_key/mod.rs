//! A key with which an organisation's own programs speak for it.

pub mod create;
pub mod list;
pub mod model;
pub(crate) mod resolve;
pub mod revoke;
pub(crate) mod store;
