//! What someone outside sees of the catalogue, through the router, on a real PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a helper that cannot do its work fails the test"
)]

mod discovery;
mod events;
mod layouts;
mod media;
mod pages;
mod states;
mod support;
mod wall_time;
