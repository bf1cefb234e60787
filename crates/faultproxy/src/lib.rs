//! A proxy that breaks connections on purpose: it sits between the server and PostgreSQL, or before any TCP peer.
//!
//! What it does is a [`Faults`], for all connections or for each its own (a [`Plan`]), and can be changed while connections are
//! open. Whatever is left to chance is drawn from a seed and the connection's number, so that a run can be repeated as far as the
//! order of connections and of bytes can be.
//!
//! Its most valuable fault is the swallowed reply: the peer gets the request and acts, and the answer never arrives. For
//! PostgreSQL it knows a COMMIT when it sees one ([`postgres`]), and can cut the connection before it, or behind it.

mod address;
mod connection;
mod control;
mod faults;
pub mod postgres;
mod proxy;
mod random;

pub use address::Address;
pub use control::{Control, Counters, Plan, Script};
pub use faults::{Chance, Cut, Direction, End, Faults, UnknownFault};
pub use proxy::{Protocol, Proxy};
pub use random::Draw;
