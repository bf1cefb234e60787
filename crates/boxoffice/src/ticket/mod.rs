//! Tickets: issued for paid orders, signed, drawn as QR codes, admitted at the door.

pub mod base45;
pub mod code;
pub mod key;
pub mod model;
pub mod qr;
pub(crate) mod store;
