//! The page of an event: what it is, its tickets, the way into the checkout.

pub(crate) mod calendar;
pub(crate) mod cart;
mod choice;
pub(crate) mod page;
mod rail;
pub(crate) mod seats;
