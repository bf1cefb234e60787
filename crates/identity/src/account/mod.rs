//! A person who can sign in.

pub mod edit;
pub mod model;
pub mod show;
pub(crate) mod store;
