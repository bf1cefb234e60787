//! Answers that everyone sees alike, kept for a moment: a page that ten thousand people look at in a second is drawn once.
//!
//! A handler marks an answer with [`SeenByAll`]. Only anonymous reads (no cookie, no credential) take part, and only for as long as
//! `http.shared_answers_ms` says; what a buyer does is decided elsewhere, never from here. While one request draws a page anew, the
//! others get the one before.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, COOKIE, ETAG,
    IF_NONE_MATCH, RANGE, SET_COOKIE, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use platform::vault::sha256;

use crate::AppState;
use crate::problem::for_status;

/// The mark of an answer that does not depend on who asks.
#[derive(Debug, Clone, Copy)]
pub struct SeenByAll;

/// How many answers a node keeps; beyond it starts anew.
const ANSWERS_MAX: usize = 2_000;
/// A longer answer is not kept.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Below this a body is not worth compressing.
const COMPRESSED_BYTES_MIN: usize = 860;
/// A middle quality (of 0 to 11): the work is done once a second for a page, not once a reader.
const BROTLI_QUALITY: u32 = 5;
const BROTLI_WINDOW_BITS: u32 = 22;

/// The answers of one node, by address.
#[derive(Default)]
pub(crate) struct SharedAnswers(RwLock<HashMap<String, Arc<Kept>>>);

struct Kept {
    made: Instant,
    is_being_renewed: AtomicBool,
    plain: Variant,
    brotli: Option<Variant>,
}

struct Variant {
    headers: HeaderMap,
    body: Bytes,
}

impl SharedAnswers {
    fn find(&self, address: &str) -> Option<Arc<Kept>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    fn keep(&self, address: String, kept: Kept) {
        let mut answers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= ANSWERS_MAX {
            answers.clear();
        }
        answers.insert(address, Arc::new(kept));
    }

    fn forget(&self, address: &str) {
        // Nearly every read comes here, and hardly any was kept.
        if self.find(address).is_none() {
            return;
        }
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(address);
    }
}

/// The answer from memory, if it may be answered so.
pub(super) fn find(app: &AppState, request: &Request) -> Option<Response> {
    let kept_for = app.platform.config.http.shared_answers;
    if kept_for.is_zero() || !is_anonymous_read(request) {
        return None;
    }
    let kept = app.shared.find(address_of(request))?;
    if !kept.is_good(kept_for) {
        return None;
    }
    app.figures.shared_answer();
    Some(kept.answer(request.headers()))
}

fn is_anonymous_read(request: &Request) -> bool {
    let headers = request.headers();
    *request.method() == Method::GET && [COOKIE, AUTHORIZATION, RANGE].iter().all(|name| !headers.contains_key(name))
}

fn address_of(request: &Request) -> &str {
    request.uri().path_and_query().map_or("/", |address| address.as_str())
}

/// A read whose answer may be kept. It is made without compression when its address was marked before, so that both forms can be kept.
pub(super) struct Renewal {
    address: String,
    asked: HeaderMap,
}

impl Renewal {
    pub(super) fn begin(app: &AppState, request: &mut Request) -> Option<Self> {
        if app.platform.config.http.shared_answers.is_zero() || !is_anonymous_read(request) {
            return None;
        }
        let renewal = Self { address: address_of(request).to_owned(), asked: request.headers().clone() };
        // Whatever is not marked must be answered as it was asked for.
        if app.shared.find(&renewal.address).is_some() {
            request.headers_mut().remove(IF_NONE_MATCH);
            request.headers_mut().remove(ACCEPT_ENCODING);
        }
        Some(renewal)
    }

    /// Keeps the answer if its handler marked it.
    pub(super) async fn end(self, app: &AppState, response: Response) -> Response {
        let Self { address, asked } = self;
        let is_marked = response.extensions().get::<SeenByAll>().is_some() && response.status() == StatusCode::OK;
        if !is_marked || response.headers().contains_key(SET_COOKIE) {
            app.shared.forget(&address);
            return response;
        }
        if response.headers().contains_key(CONTENT_ENCODING) {
            // The first time: remembered as one to keep, and kept the next time.
            app.shared.keep(address, Kept::placeholder());
            return response;
        }
        let (parts, body) = response.into_parts();
        match to_bytes(body, BODY_BYTES_MAX).await {
            Ok(body) => {
                let kept = Kept::of(&parts.headers, body);
                let answer = kept.answer(&asked);
                app.shared.keep(address, kept);
                answer
            }
            Err(_) => for_status(StatusCode::INTERNAL_SERVER_ERROR).into_response(),
        }
    }
}

impl Kept {
    /// Stands for an answer that will be kept from the next time on.
    fn placeholder() -> Self {
        let plain = Variant { headers: HeaderMap::new(), body: Bytes::new() };
        Self { made: Instant::now(), is_being_renewed: AtomicBool::new(true), plain, brotli: None }
    }

    fn of(headers: &HeaderMap, body: Bytes) -> Self {
        let mut headers = headers.clone();
        for name in [CONTENT_LENGTH, ETAG, HeaderName::from_static("x-request-id")] {
            headers.remove(name);
        }
        without_nonce(&mut headers);
        headers.insert(VARY, HeaderValue::from_static("accept-encoding, cookie"));
        let brotli = (body.len() >= COMPRESSED_BYTES_MIN).then(|| Variant::of(&headers, compress(&body), Some("br")));
        let plain = Variant::of(&headers, body, None);
        Self { made: Instant::now(), is_being_renewed: AtomicBool::new(false), plain, brotli }
    }

    /// Whether to answer with it: it is young, or somebody else is drawing the next one and it is not much older.
    fn is_good(&self, kept_for: Duration) -> bool {
        let age = self.made.elapsed();
        if self.plain.headers.is_empty() {
            return false;
        }
        age < kept_for || (age < kept_for * 2 && self.is_being_renewed.swap(true, Ordering::AcqRel))
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let takes_brotli = asked
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|coding| coding.trim() == "br");
        let variant = self.brotli.as_ref().filter(|_| takes_brotli).unwrap_or(&self.plain);
        let is_known = variant.headers.get(ETAG).is_some_and(|tag| asked.get(IF_NONE_MATCH) == Some(tag));
        let mut response = Response::new(Body::empty());
        *response.headers_mut() = variant.headers.clone();
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().remove(CONTENT_ENCODING);
        } else {
            *response.body_mut() = Body::from(variant.body.clone());
        }
        response
    }
}

impl Variant {
    fn of(headers: &HeaderMap, body: Bytes, coding: Option<&'static str>) -> Self {
        let mut headers = headers.clone();
        headers.extend(coding.map(|coding| (CONTENT_ENCODING, HeaderValue::from_static(coding))));
        let hash = sha256(&body);
        let tag: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        headers.extend(HeaderValue::try_from(format!("\"{tag}\"")).ok().map(|tag| (ETAG, tag)));
        Self { headers, body }
    }
}

/// A nonce is good for one answer. Shared pages have no inline script or style, so their policy names none.
fn without_nonce(headers: &mut HeaderMap) {
    let Some(policy) = headers.get(CONTENT_SECURITY_POLICY).and_then(|value| value.to_str().ok()) else { return };
    let (mut kept, mut rest) = (String::with_capacity(policy.len()), policy);
    while let Some((before, after)) = rest.split_once(" 'nonce-") {
        kept.push_str(before);
        rest = after.split_once('\'').map_or("", |(_, rest)| rest);
    }
    kept.push_str(rest);
    if let Ok(policy) = HeaderValue::try_from(kept) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}

fn compress(body: &[u8]) -> Bytes {
    use std::io::Write;
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, BROTLI_QUALITY, BROTLI_WINDOW_BITS);
    // Writing into memory does not fail; if it did, an empty body would say so to the reader's decoder.
    drop(writer.write_all(body));
    Bytes::from(writer.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_a_shared_page_names_no_nonce() {
        let mut headers = HeaderMap::new();
        let policy = "default-src 'none'; script-src 'self' 'nonce-abc'; style-src 'self' 'nonce-abc'; img-src 'self'";
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        without_nonce(&mut headers);
        let expected = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'";
        assert_eq!(headers[CONTENT_SECURITY_POLICY], expected);
    }

    #[test]
    fn what_was_compressed_reads_the_same() {
        let body = "a page that everyone sees ".repeat(200);
        let small = compress(body.as_bytes());
        let mut read = Vec::new();
        brotli::BrotliDecompress(&mut small.as_ref(), &mut read).unwrap();
        assert!(read == body.as_bytes() && small.len() < body.len() / 10);
    }
}
