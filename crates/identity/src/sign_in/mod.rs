//! Signing in by e-mail: a 6-digit code and a link, single use, bound to the browser that asked.

pub mod begin;
pub mod link;
pub mod model;
mod redeem;
mod secrets;
mod store;
pub mod verify;
