//! What an organisation says of itself on its public page.

pub mod edit;
pub mod follow;
pub mod model;
pub mod show;
pub(crate) mod store;
pub mod view;
