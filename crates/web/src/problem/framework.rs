//! Turns the framework's own refusals (plain text or nothing) into problems.

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, StatusCode};
use platform::failure::RETRY_AFTER_SECONDS;

use super::{Problem, words};

/// Headers of a framework's answer that stay when its body becomes a problem.
const KEPT: [HeaderName; 3] = [ALLOW, RETRY_AFTER, WWW_AUTHENTICATE];

/// The problem of a bare status.
pub(crate) fn for_status(status: StatusCode) -> Problem {
    let known = words::OWN_PROBLEMS.iter().find(|own| own.status == status.as_u16());
    let problem = match known {
        Some(own) => Problem::new(status, own.code, own.detail),
        None => Problem::new(status, "refused", words::title(status)),
    };
    if status == StatusCode::SERVICE_UNAVAILABLE { problem.with_retry_after(RETRY_AFTER_SECONDS) } else { problem }
}

impl Problem {
    /// A problem of the shell, by its code.
    pub(crate) fn own(code: &str) -> Self {
        let known = words::OWN_PROBLEMS.iter().find(|own| own.code == code);
        let found = known.and_then(|own| Some(Self::new(StatusCode::from_u16(own.status).ok()?, own.code, own.detail)));
        found.unwrap_or_else(|| for_status(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

/// Replaces the body of an error that is no problem yet. Errors that say what they are (JSON, a page, a picture) stay.
pub(crate) fn finish(response: Response) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || !is_bare(&response) {
        return response;
    }
    let mut problem = for_status(status);
    for name in KEPT {
        if let Some(value) = response.headers().get(&name) {
            problem = problem.with_header(name, value.clone());
        }
    }
    let mut answer = problem.into_response();
    // What the inner layers noted (rate limits, cookies) goes on; the type and length of the old body do not.
    for (name, value) in response.headers() {
        if !answer.headers().contains_key(name) && *name != http::header::CONTENT_LENGTH {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}

fn is_bare(response: &Response) -> bool {
    match response.headers().get(CONTENT_TYPE) {
        None => true,
        Some(value) => value.to_str().is_ok_and(|value| value.starts_with("text/plain")),
    }
}
