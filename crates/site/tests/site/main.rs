//! The pages as a visitor's browser meets them: through the router, on a real database, with forms and links only.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a helper that cannot do its work fails the test"
)]

mod buying;
mod html;
mod login;
mod paying;
mod queue;
mod safety;
mod seats;
mod shape;
mod states;
mod support;
