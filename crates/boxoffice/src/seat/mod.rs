//! Reserved seats: which there are, which are free, and which a party is given.

pub mod best;
pub mod hall;
pub mod history;
pub mod map;
pub mod model;
pub mod packed;
mod split;
