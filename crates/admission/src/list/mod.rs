//! Check-in lists: which tickets a door lets in.

pub mod browse;
pub mod create;
pub mod default;
pub mod edit;
pub mod model;
pub mod show;
pub(crate) mod store;
