//! How large the head of a request may be.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::CONNECTION;
use http::{HeaderMap, HeaderValue, StatusCode, Version};

use crate::problem::for_status;

/// Names and values together; more answers 431.
const HEADER_BYTES_MAX: usize = 32 * 1024;
/// A longer address answers 414.
const URI_BYTES_MAX: usize = 8 * 1024;

/// Refuses heads that no honest client sends; it does not get to send another on this connection.
pub(super) fn refusal(request: &Request) -> Option<Response> {
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    let version = request.version();
    if address > URI_BYTES_MAX {
        Some(closing(StatusCode::URI_TOO_LONG, version))
    } else if bytes_of(request.headers()) > HEADER_BYTES_MAX {
        Some(closing(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, version))
    } else {
        None
    }
}

/// A problem after which the connection is not used again: what is left of the request is not read. HTTP/2 has no such header.
pub(super) fn closing(status: StatusCode, version: Version) -> Response {
    let problem = for_status(status);
    let is_last = version != Version::HTTP_2;
    if is_last { problem.with_header(CONNECTION, HeaderValue::from_static("close")) } else { problem }.into_response()
}

fn bytes_of(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}
