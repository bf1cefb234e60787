//! Pools, holds, orders, tickets.

pub mod ticket;
