//! What someone outside sees of admission, through the router, on a real PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: a helper that cannot do its work fails the test"
)]

mod attendees;
mod devices;
mod lists;
mod refusals;
mod scans;
mod support;
mod undo;
