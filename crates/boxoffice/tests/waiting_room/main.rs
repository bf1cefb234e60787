//! The waiting room from outside: through the router, on a real database, with the clock set by hand.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used, reason = "tests")]

mod controls;
mod crowd;
mod fairness;
mod gate;
mod line;
mod nodes;
mod streams;
mod support;
