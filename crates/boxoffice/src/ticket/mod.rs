//! Tickets: the signed code and its QR picture.

pub mod base45;
pub mod code;
pub mod qr;
