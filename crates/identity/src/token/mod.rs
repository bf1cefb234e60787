//! Access tokens (RFC 9068) signed with RS256, and the refresh tokens that renew them.

pub mod claims;
pub mod issue;
pub mod jwks;
pub mod keys;
pub(crate) mod read;
pub mod refresh;
pub(crate) mod seen;
pub mod signing_key;
pub(crate) mod store;
