//! Pictures: uploaded, checked, kept in a few widths, served.

pub mod image;
pub mod serve;
pub(crate) mod store;
pub mod upload;
