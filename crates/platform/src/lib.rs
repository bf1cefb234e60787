//! The imperative shell: database, journal, jobs, storage, mail transport, crypto, configuration, telemetry.

pub mod clock;
pub mod config;
pub mod db;
pub mod failure;
pub mod jobs;
pub mod journal;
mod locals;
pub mod mail;
mod platform;
pub mod postgres;
pub mod random;
pub mod refusal;
pub mod request;
pub mod storage;
pub mod telemetry;
mod together;
pub mod vault;

pub use db::{Db, Scope, Tx};
pub use failure::{Failure, Fault};
pub use locals::Locals;
pub use platform::Platform;
pub use refusal::{FieldError, InvalidFields, Never, NotFound, Refusal, RefusalKind};
pub use together::Together;
