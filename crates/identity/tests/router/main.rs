//! Identity as someone outside sees it: through the router, on a real PostgreSQL, with a clock set by hand.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a helper that cannot do its work must fail the test loudly"
)]

mod api_keys;
mod documents;
mod invitations;
mod members;
mod organisations;
mod sessions;
mod sign_in;
mod support;
mod tokens;
