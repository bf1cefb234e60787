//! Pools: how many places there are, how many are held, how many are sold.

pub mod edit;
pub mod list;
pub mod model;
pub mod open;
pub(crate) mod store;
