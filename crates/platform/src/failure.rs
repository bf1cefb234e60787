//! The two ways an operation can fail: a refusal the caller can act on, and a fault that only an operator can.

use std::sync::Arc;

use crate::refusal::{Never, Refusal};

/// Seconds a client is asked to wait when the database or another dependency cannot answer.
pub const RETRY_AFTER_SECONDS: u32 = 2;

/// Something broke. The person sees an apology and a trace id; the log gets the rest.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database refused, failed or went away.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The transaction's fate is not known: the connection broke while it was being committed.
    #[error("the outcome of a commit is unknown: {0}")]
    Unknown(sqlx::Error),
    /// A task panicked or was stopped with the server.
    #[error("interrupted: {0}")]
    Interrupted(String),
    /// A dependency (mail, storage, a payment provider) failed.
    #[error("{dependency}: {reason}")]
    Dependency {
        /// Which one.
        dependency: &'static str,
        /// What it said.
        reason: String,
    },
    /// More is waiting than can be done soon.
    #[error("more is waiting than can be done soon")]
    Busy,
    /// What befell others at the same time: one fault of a batch of requests.
    #[error(transparent)]
    Shared(Arc<Fault>),
    /// Stored data that the code cannot read: a bug or a hand in the database.
    #[error("stored data is not as expected: {0}")]
    Corrupt(String),
}

impl Fault {
    /// A fault of stored data.
    pub fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }

    /// A fault of a dependency.
    pub fn dependency(dependency: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Dependency { dependency, reason: reason.to_string() }
    }

    /// Whether running the whole transaction again can help: serialization failure, deadlock, a lost race for a journal version.
    pub fn is_retryable(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        match error.code().as_deref() {
            Some("40001" | "40P01") => true,
            // A lost race for a journal version, or a random code that exists already: another draw succeeds.
            Some("23505") => matches!(
                error.constraint(),
                Some("journal_version_is_gapless" | "order_code_is_unique" | "ticket_serial_is_unique")
            ),
            _ => false,
        }
    }

    /// Whether the answer is "not now": the database is restarting, full, overloaded or slow.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(error) | Self::Unknown(error) => is_unavailable(error),
            Self::Interrupted(_) | Self::Dependency { .. } | Self::Busy => true,
            Self::Shared(fault) => fault.is_unavailable(),
            Self::Corrupt(_) => false,
        }
    }
}

fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        // A connection whose other end was killed in mid-message.
        sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            // 08 connection, 53 insufficient resources, 57P0x shutdown, 57014 statement timeout, 55P03 lock timeout, 25P03 stood still in a transaction, 40 rollback.
            code.starts_with("08")
                || code.starts_with("53")
                || code.starts_with("57")
                || code.starts_with("40")
                || code == "55P03"
                || code == "25P03"
                || code == "25006"
        }),
        _ => false,
    }
}

/// What an operation answers when it does not succeed.
#[derive(Debug)]
pub enum Failure<R> {
    /// "No", with a reason.
    Refused(R),
    /// It broke.
    Fault(Fault),
}

impl<R: Refusal> Failure<R> {
    /// The same failure with its refusal put in other words.
    pub fn map<S: Refusal>(self, change: impl FnOnce(R) -> S) -> Failure<S> {
        match self {
            Self::Refused(refusal) => Failure::Refused(change(refusal)),
            Self::Fault(fault) => Failure::Fault(fault),
        }
    }
}

impl Failure<Never> {
    /// The fault inside: an operation that refuses nothing can only break.
    pub fn into_fault(self) -> Fault {
        match self {
            Self::Refused(never) => match never {},
            Self::Fault(fault) => fault,
        }
    }

    /// The same fault as a failure of an operation that can refuse.
    pub fn widen<R: Refusal>(self) -> Failure<R> {
        Failure::Fault(self.into_fault())
    }
}

impl<R: Refusal> From<R> for Failure<R> {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal)
    }
}
impl<R> From<Fault> for Failure<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
impl<R> From<sqlx::Error> for Failure<R> {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(Fault::Database(error))
    }
}
impl<R: Refusal> std::fmt::Display for Failure<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => std::fmt::Display::fmt(refusal, f),
            Self::Fault(fault) => std::fmt::Display::fmt(fault, f),
        }
    }
}
impl<R: Refusal> std::error::Error for Failure<R> {}

/// Names the constraint that a statement broke, if that is why it failed.
pub fn broken_constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(|error| error.constraint())
}
