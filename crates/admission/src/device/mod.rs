//! Devices at the door: phones that scan for one list, by a link and without an account.

pub mod add;
pub mod authenticate;
pub mod browse;
pub mod model;
pub mod revoke;
pub(crate) mod store;
pub mod token;
