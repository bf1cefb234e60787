//! A letter that makes its reader a member.

pub mod accept;
pub mod invite;
pub mod list;
pub mod model;
pub mod revoke;
pub(crate) mod store;
