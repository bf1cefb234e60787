//! The composition root: which contexts make the server, and how it is started, fed and stopped.

pub mod compose;
pub mod start;
