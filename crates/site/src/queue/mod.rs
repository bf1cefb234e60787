//! The page on which people wait for their turn.

pub(crate) mod join;
pub(crate) mod leave;
pub(crate) mod page;
mod story;
