//! Messages: written once each, and sent until somebody has taken them.

pub mod compose;
pub mod model;
pub mod send;
pub(crate) mod store;
