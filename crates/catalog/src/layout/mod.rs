//! Layouts of venues: drawn or imported, exported, replaced by new versions that never change.

pub mod create;
pub mod document;
pub mod list;
pub mod model;
pub(crate) mod read;
pub mod replace;
pub mod show;
pub(crate) mod store;
