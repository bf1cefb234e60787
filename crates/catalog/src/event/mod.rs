//! Events: what they are, how they change, how they are shown.

pub mod calendar;
pub mod calendar_file;
pub mod cancel;
pub mod create;
pub mod cursor;
pub mod edit;
pub mod fields;
pub mod lines;
pub mod list;
pub mod markdown;
pub mod model;
pub mod publish;
pub mod readiness;
pub(crate) mod row;
pub mod show;
pub(crate) mod store;
pub mod time;
pub mod view;
