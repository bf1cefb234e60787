//! Test support: an application per test on a real PostgreSQL, a clock set by hand, the invariants. A failing helper fails the test.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "test support: a helper that cannot do its work must fail the test loudly"
)]

mod app;
mod client;
mod cluster;
mod invariants;
mod stock;

pub use app::{SecondNode, TestApp, TestAppBuilder};
pub use client::{Client, Response};
pub use cluster::Database;
pub use invariants::{Violation, violations, violations_in};
pub use stock::{PoolJournalLine, pool_journal};
