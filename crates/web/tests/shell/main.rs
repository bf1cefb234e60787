//! The shell as someone outside sees it: a tiny application of its own, a fake authenticator, the real layers.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod assets;
mod caching;
mod extractors;
mod health;
mod idempotency;
mod limits;
mod openapi;
mod problems;
mod security;
mod serving;
mod support;
mod tracing_ids;
