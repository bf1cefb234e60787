//! What the tests of the whole server share.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test support")]
#![allow(dead_code, unused_imports, reason = "every test file uses a part of it")]

pub mod buyers;
mod house;
pub mod server;
pub mod verdict;

pub use house::*;
