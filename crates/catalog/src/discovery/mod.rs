//! What the public finds: the discover list, events by their address, what an organiser has ahead.

pub mod discover;
pub mod public_event;
pub(crate) mod store;
pub mod view;
