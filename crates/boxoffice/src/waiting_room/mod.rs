//! The waiting room: who may shop when more want to than there is room for, in an order that nobody can buy.

pub mod admission;
pub mod arm;
pub mod draw;
pub mod hall;
pub mod join;
pub mod leave;
pub mod look;
pub mod model;
pub mod place;
pub mod presented;
pub mod rooms;
pub mod show;
pub mod steer;
pub(crate) mod store;
pub mod stream;
pub mod tick;
pub mod token;
