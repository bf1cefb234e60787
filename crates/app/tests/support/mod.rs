//! What the tests of the whole server share.
#![allow(dead_code, unused_imports, reason = "every test file uses a part of it")]

pub mod buyers;
mod house;
pub mod server;
pub mod verdict;

pub use house::*;
