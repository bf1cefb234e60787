//! Records concurrent runs over HTTP and decides whether the stock was linearizable.

pub mod anomaly;
pub mod check;
pub mod history;
pub mod journal;
pub mod run;
pub mod search;

pub use anomaly::Anomaly;
pub use check::check;
