//! The page under every address of the app: it loads the app's files and has nothing else to say.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::HeaderName;
use http::{HeaderValue, header};
use web::{Frame, Problem};

use crate::answer;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
/// The app moves between its pages without loading, so the scanner's camera must be allowed on all of them. Browsers ask before using it.
const PERMISSIONS: &str = "accelerometer=(), camera=(self), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

#[derive(Template)]
#[template(path = "app_shell.html")]
struct Shell {
    frame: Frame,
}

/// `GET /app` and everything below it.
pub(crate) async fn show(frame: Frame) -> Result<Response, Problem> {
    let policy = policy(&frame);
    let mut response = answer::draw(&Shell { frame })?.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// As strict as for other pages; the scanner compiles its decoder of camera pictures.
fn policy(frame: &Frame) -> String {
    let upgrade = if frame.public_url.starts_with("https://") { "; upgrade-insecure-requests" } else { "" };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'; object-src 'none'{upgrade}"
    )
}
