//! Problems (RFC 9457): every answer that is not a success, in one shape.

mod framework;
mod page;
mod words;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use platform::failure::RETRY_AFTER_SECONDS;
use platform::{Failure, Fault, FieldError, Refusal, RefusalKind};
use serde_json::{Map, Value, json};

use crate::Exchange;

pub(crate) use framework::{finish, for_status};
pub use page::plain_page;
pub(crate) use page::{document, escape, problems_page};

/// The media type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// An answer that is not a success.
#[derive(Debug, Clone)]
pub struct Problem(Box<Content>);

/// Boxed, so that a handler's `Result` stays small.
#[derive(Debug, Clone)]
struct Content {
    status: StatusCode,
    code: String,
    detail: String,
    errors: Vec<FieldError>,
    more: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Arc<Fault>>,
}

impl Problem {
    /// A problem with a stable word for programs and a sentence for people.
    pub fn new(status: StatusCode, code: impl Into<String>, detail: impl Into<String>) -> Self {
        let (code, detail) = (code.into(), detail.into());
        Self(Box::new(Content {
            status,
            code,
            detail,
            errors: Vec::new(),
            more: Map::new(),
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// The problem of a refusal.
    pub fn refused<R: Refusal + ?Sized>(refusal: &R) -> Self {
        let (status, retry_after) = status_of(refusal.kind());
        let mut problem = Self::new(status, refusal.code(), refusal.to_string());
        problem.0.errors = refusal.fields();
        match refusal.details() {
            Some(Value::Object(more)) => problem.0.more = more,
            Some(other) => problem = problem.with("details", other),
            None => {}
        }
        if status == StatusCode::UNAUTHORIZED {
            problem = problem.with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        retry_after.into_iter().fold(problem, Self::with_retry_after)
    }

    /// 404, the same for what is missing and for what is somebody else's.
    pub fn not_found() -> Self {
        Self::refused(&platform::NotFound)
    }

    /// 401.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Sign in to go on.")
            .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403 for want of a right.
    pub fn forbidden(right: kernel::Right) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Your role or key does not allow this.")
            .with("right", json!(right.as_str()))
    }

    /// 422 with what is wrong, field by field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::refused(&platform::InvalidFields(errors))
    }

    /// The same problem with one more member.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.more.insert(name.to_owned(), value);
        self
    }

    /// The same problem with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The same problem with the time after which another try makes sense.
    #[must_use]
    pub fn with_retry_after(self, seconds: u32) -> Self {
        self.with_header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable word for programs.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What this class of problems is called.
    pub fn title(&self) -> &'static str {
        words::title(self.0.status)
    }

    /// The sentence for people.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What is wrong, field by field.
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// What broke, for the log; never shown.
    pub(crate) fn cause(&self) -> Option<&Fault> {
        self.0.cause.as_deref()
    }

    /// The document, with the id that the log knows it by.
    pub fn document(&self) -> Value {
        let mut document = self.0.more.clone();
        let trace_id = Exchange::current().map(|exchange| exchange.trace_id().to_owned()).unwrap_or_default();
        for (name, value) in [
            ("type", json!(format!("/docs/problems#{}", self.0.code))),
            ("title", json!(self.title())),
            ("status", json!(self.0.status.as_u16())),
            ("detail", json!(self.0.detail)),
            ("code", json!(self.0.code)),
            ("errors", json!(self.0.errors)),
            ("trace_id", json!(trace_id)),
        ] {
            document.insert(name.to_owned(), value);
        }
        Value::Object(document)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let mut problem = if fault.is_unavailable() {
            let (code, detail) = match fault {
                Fault::Busy => {
                    ("busy", "More people are buying than can be served this second. Try again in a moment.")
                }
                _ => ("unavailable", "Turnout cannot answer right now. Nothing is lost; try again in a moment."),
            };
            Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).with_retry_after(RETRY_AFTER_SECONDS)
        } else {
            Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", words::APOLOGY)
        };
        problem.0.cause = Some(Arc::new(fault));
        problem
    }
}

impl<R: Refusal> From<Failure<R>> for Problem {
    fn from(failure: Failure<R>) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::refused(&refusal),
            Failure::Fault(fault) => fault.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.0.status, self.document().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        for (name, value) in &self.0.headers {
            headers.insert(name.clone(), value.clone());
        }
        // The layers around log the cause and may draw a page instead.
        response.extensions_mut().insert(self);
        response
    }
}

/// The status of each class of refusals, and when another try makes sense.
fn status_of(kind: RefusalKind) -> (StatusCode, Option<u32>) {
    match kind {
        RefusalKind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, None),
        RefusalKind::Unauthenticated => (StatusCode::UNAUTHORIZED, None),
        RefusalKind::Forbidden => (StatusCode::FORBIDDEN, None),
        RefusalKind::NotFound => (StatusCode::NOT_FOUND, None),
        RefusalKind::Conflict => (StatusCode::CONFLICT, None),
        RefusalKind::Gone => (StatusCode::GONE, None),
        RefusalKind::Stale => (StatusCode::PRECONDITION_FAILED, None),
        RefusalKind::PreconditionRequired => (StatusCode::PRECONDITION_REQUIRED, None),
        RefusalKind::TooMany { retry_after } => (StatusCode::TOO_MANY_REQUESTS, Some(retry_after)),
        RefusalKind::Unavailable { retry_after } => (StatusCode::SERVICE_UNAVAILABLE, Some(retry_after)),
    }
}
