//! Entity tags for data and pages, and 304 for those who have them already (RFC 9110, sections 8.8.3 and 13.1.2).

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, StreamBody};
use platform::vault::sha256;

/// Longer bodies are sent on as they come, without a tag.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the hash in a tag: 96 bits.
const TAG_BYTES: usize = 12;

/// Tags answers to GET and HEAD. It stands outside compression, so each encoding has a tag of its own; a tag that a handler set stays.
pub(super) struct Known {
    is_read: bool,
    tags: Vec<HeaderValue>,
}

impl Known {
    /// What the reader says it has.
    pub(super) fn of(request: &Request) -> Self {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        Self { is_read, tags: request.headers().get_all(IF_NONE_MATCH).iter().cloned().collect() }
    }

    pub(super) async fn answer(self, response: Response) -> Response {
        if !self.is_read || response.status() != StatusCode::OK {
            return response;
        }
        let response = if response.headers().contains_key(ETAG) || !is_taggable(response.headers()) {
            response
        } else {
            with_tag(response).await
        };
        match response.headers().get(ETAG) {
            Some(tag) if self.tags.iter().any(|known| names(known, tag)) => not_modified(response),
            _ => response,
        }
    }
}

fn is_taggable(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    kind.starts_with(b"application/json") || kind.starts_with(b"text/html")
}

async fn with_tag(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    match collect(body).await {
        Ok(bytes) => {
            let hash = sha256(&bytes);
            let text = URL_SAFE_NO_PAD.encode(hash.get(..TAG_BYTES).unwrap_or(&hash));
            if let Ok(tag) = HeaderValue::try_from(format!("\"{text}\"")) {
                parts.headers.insert(ETAG, tag);
            }
            Response::from_parts(parts, Body::from(bytes))
        }
        Err(body) => Response::from_parts(parts, body),
    }
}

/// The whole body, or the body as it was when it is too long or breaks off.
async fn collect(mut body: Body) -> Result<Bytes, Body> {
    let mut read: Vec<Bytes> = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map(|frame| frame.into_data().unwrap_or_default()) else {
            return Err(Body::new(chain(read, body)));
        };
        length += data.len();
        read.push(data);
        if length > BODY_BYTES_MAX {
            return Err(Body::new(chain(read, body)));
        }
    }
    match <[Bytes; 1]>::try_from(read) {
        Ok([only]) => Ok(only),
        Err(many) => Ok(many.concat().into()),
    }
}

fn chain(read: Vec<Bytes>, rest: Body) -> impl http_body::Body<Data = Bytes, Error = axum::Error> {
    use futures_util::StreamExt;
    let read = futures_util::stream::iter(read.into_iter().map(|data| Ok(http_body::Frame::data(data))));
    StreamBody::new(read.chain(rest.into_data_stream().map(|data| data.map(http_body::Frame::data))))
}

/// Weak comparison, as If-None-Match asks.
fn names(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    let opaque = |tag: &str| tag.trim().strip_prefix("W/").unwrap_or(tag.trim()).to_owned();
    known.trim() == "*" || known.split(',').any(|known| opaque(known) == opaque(tag))
}

fn not_modified(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING] {
        parts.headers.remove(name);
    }
    Response::from_parts(parts, Body::empty())
}
