//! Orders: placed from a hold, paid, expired, cancelled; confirmed once and only once.

pub mod buy;
pub mod cancel;
pub mod deliver;
pub mod list;
pub mod mine;
pub mod model;
pub mod pay;
pub mod place;
pub mod present;
pub mod resend;
pub mod settle;
pub mod show;
pub(crate) mod store;
