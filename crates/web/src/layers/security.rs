//! Headers that tell browsers what an answer may do. Whatever a handler set itself stays.

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::exchange::is_api;
use crate::{AppState, Exchange};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// Data is no page: it loads nothing and is shown in no frame.
const POLICY_OF_DATA: &str = "default-src 'none'; frame-ancestors 'none'";
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";
const PERMISSIONS_OF_SCANNERS: &str = "accelerometer=(), camera=(self), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";
/// One year. Subdomains are not Turnout's to speak for.
const TRANSPORT_SECURITY: &str = "max-age=31536000";

/// Adds the headers to every answer, errors included.
pub(super) fn add_headers(app: &AppState, exchange: &Exchange, method: &Method, mut response: Response) -> Response {
    let (status, path) = (response.status(), exchange.path());
    let headers = response.headers_mut();
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let is_scanner = is_scanner(path);
    // A 304 renews the headers of what the reader has, and does not say what that is: a page must keep its own policy.
    if status != StatusCode::NOT_MODIFIED {
        let policy = if is_page {
            HeaderValue::try_from(policy_of_page(exchange.nonce(), is_scanner, app.platform.is_https()))
        } else {
            Ok(HeaderValue::from_static(POLICY_OF_DATA))
        };
        if let Ok(policy) = policy {
            headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
        }
    }
    let permissions = if is_scanner { PERMISSIONS_OF_SCANNERS } else { PERMISSIONS };
    set(headers, PERMISSIONS_POLICY, permissions);
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, REFERRER_POLICY, "strict-origin-when-cross-origin");
    set(headers, X_FRAME_OPTIONS, "DENY");
    set(headers, OPENER_POLICY, "same-origin");
    set(headers, RESOURCE_POLICY, "same-origin");
    if app.platform.is_https() {
        set(headers, STRICT_TRANSPORT_SECURITY, TRANSPORT_SECURITY);
    }
    set(headers, CACHE_CONTROL, default_caching(path, method, status));
    response
}

/// Data that is read may be kept by the reader's own cache if it asks each time (which the ETag answers cheaply); all else is kept nowhere.
fn default_caching(path: &str, method: &Method, status: StatusCode) -> &'static str {
    let is_read = *method == Method::GET || *method == Method::HEAD;
    if is_read && is_api(path) && (status.is_success() || status == StatusCode::NOT_MODIFIED) {
        "private, no-cache"
    } else {
        "no-store"
    }
}

/// Strict: what is not named is forbidden. Scanners compile a decoder for camera pictures.
fn policy_of_page(nonce: &str, is_scanner: bool, is_https: bool) -> String {
    let wasm = if is_scanner { " 'wasm-unsafe-eval'" } else { "" };
    let upgrade = if is_https { "; upgrade-insecure-requests" } else { "" };
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}'{wasm}; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'{upgrade}"
    )
}

/// The pages that open the camera: `/app/door` and `/app/events/{event}/scan`.
fn is_scanner(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    if path == "/app/door" || path.starts_with("/app/door/") {
        return true;
    }
    path.strip_prefix("/app/events/")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(event, page)| !event.is_empty() && page == "scan")
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scanners_get_the_camera() {
        for path in ["/app/door", "/app/door/", "/app/door/x", "/app/events/evt_1/scan"] {
            assert!(is_scanner(path), "{path}");
        }
        for path in
            ["/app", "/app/doors", "/app/events/scan", "/app/events//scan", "/app/events/evt_1/scan/x", "/e/scan"]
        {
            assert!(!is_scanner(path), "{path}");
        }
    }
}
