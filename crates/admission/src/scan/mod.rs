//! Scans: each says whether a ticket comes in, and each is kept.

pub mod admit;
mod batch;
pub mod code;
pub mod model;
pub mod search;
pub mod status;
pub(crate) mod store;
pub mod undo;
pub mod view;
