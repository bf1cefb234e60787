//! The box office in simulation: the real decisions, the real queue, the real rules of the shell and of payments, over a simulated database,
//! clock, provider and network, with everything that can go wrong. One thread, seeded, and the same seed is the same world.
//!
//! Each world runs a script of some thousand steps; checks look after each decision, commit and answer, and at all tables now and then. A seed
//! that breaks a promise is made small and printed as a script.
#![expect(
    clippy::indexing_slicing,
    reason = "never shipped: numbers of rows are made here, and a wrong one must stop the run loudly"
)]

mod actor;
mod calm;
mod check;
pub mod dice;
mod money;
mod node;
mod run;
pub mod scene;
mod script;
mod shrink;
mod situation;
pub mod store;
mod world;

pub use check::Violation;
pub use run::{Failure, Parameters, Report, run};
pub use shrink::{Small, shrink};
pub use situation::Seen;
pub use world::{Tally, World};
