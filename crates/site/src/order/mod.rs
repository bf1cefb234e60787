//! The pages of an order, for whoever has its address.

pub(crate) mod files;
pub(crate) mod page;
pub(crate) mod pay;
mod story;
