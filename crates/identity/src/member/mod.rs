//! Who belongs to an organisation, and as what.

pub mod change_role;
pub mod list;
pub mod model;
pub mod remove;
pub(crate) mod store;
