//! Refusals: answers that a caller can act on, as opposed to faults.

use std::error::Error;

use serde::Serialize;

/// The class of a refusal; the HTTP shell maps each to a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The request cannot be understood or breaks a rule of its own: 422.
    Invalid,
    /// Nobody is signed in, or the proof of who it is failed: 401.
    Unauthenticated,
    /// Known, but not allowed: 403.
    Forbidden,
    /// Missing, or somebody else's: 404.
    NotFound,
    /// At odds with the present state: 409.
    Conflict,
    /// It was there, and is not any more: 410.
    Gone,
    /// The representation changed since it was read: 412.
    Stale,
    /// `If-Match` is needed: 428.
    PreconditionRequired,
    /// Too many tries; try again after so many seconds: 429.
    TooMany {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Not now; try again after so many seconds: 503.
    Unavailable {
        /// Seconds to wait.
        retry_after: u32,
    },
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Where, as a path of names and indices: `lines.0.quantity`.
    pub field: String,
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

impl FieldError {
    /// A field error with the given words.
    pub fn new(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

/// An operation's answer "no", with a reason the caller can act on. `Display` is the sentence a person reads.
pub trait Refusal: Error + Send + Sync + 'static {
    /// A stable word for programs: `sold_out`.
    fn code(&self) -> &'static str;
    /// The class, from which the HTTP status follows.
    fn kind(&self) -> RefusalKind;
    /// What is wrong, field by field.
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }
    /// Figures that help the caller: `{"available": 3}`.
    fn details(&self) -> Option<serde_json::Value> {
        None
    }
}

/// The refusal of operations that refuse nothing.
#[derive(Debug, thiserror::Error)]
pub enum Never {}

impl Refusal for Never {
    fn code(&self) -> &'static str {
        match *self {}
    }
    fn kind(&self) -> RefusalKind {
        match *self {}
    }
}

/// The refusal of every plain look-up: missing and foreign objects answer the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("There is nothing here, or you may not see it.")]
pub struct NotFound;

impl Refusal for NotFound {
    fn code(&self) -> &'static str {
        "not_found"
    }
    fn kind(&self) -> RefusalKind {
        RefusalKind::NotFound
    }
}

/// The refusal of requests whose fields break rules, all of them told at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Some fields need another look.")]
pub struct InvalidFields(pub Vec<FieldError>);

impl Refusal for InvalidFields {
    fn code(&self) -> &'static str {
        "invalid_fields"
    }
    fn kind(&self) -> RefusalKind {
        RefusalKind::Invalid
    }
    fn fields(&self) -> Vec<FieldError> {
        self.0.clone()
    }
}
