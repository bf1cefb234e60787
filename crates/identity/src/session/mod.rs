//! A signed-in browser or API client.

pub mod list;
pub mod model;
pub mod resolve;
pub mod revoke;
pub mod sign_out;
pub(crate) mod start;
pub(crate) mod store;
pub mod user_agent;
