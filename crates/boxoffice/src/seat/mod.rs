//! Reserved seats: which there are, which are free, and which a party is given.

pub mod best;
pub mod block;
pub mod hall;
pub mod halls;
pub mod history;
pub mod layout;
mod live;
pub mod map;
pub mod model;
pub mod packed;
pub mod plan;
pub mod seating;
pub mod socket;
mod split;
pub mod status;
pub(crate) mod store;
pub mod stream;
mod watcher;
