//! The browser code, embedded in the binary.

pub(crate) mod manifest;
mod serve;

pub(crate) use serve::routes;

/// Everything under `web/dist`, as it was when the binary was built.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/dist"]
pub(crate) struct Dist;
