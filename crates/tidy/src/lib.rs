//! Reads the repository and names everything that the style and the architecture forbid.
//!
//! `tests/repository.rs` runs every rule and prints all offences at once. Each rule has a unit test with a planted offence.
//! `exceptions.toml` lists what is forgiven; the list may only shrink.

mod exceptions;
mod lexer;
pub mod rules;
mod tree;

pub use exceptions::{Exceptions, apply};
pub use tree::{Offence, Source, Tree};
