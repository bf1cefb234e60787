//! Signing in by a code or a link that is mailed, and signing out.

pub(crate) mod ask;
pub(crate) mod leave;
pub(crate) mod link;
pub(crate) mod verify;

use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use identity::api::{Client, ReturnTo, SESSION_COOKIE_TTL, SessionKind, SignedIn, user_agent};
use platform::Platform;
use web::cookie::{clear_sign_in, session_cookie};

/// Where people go who came from nowhere.
const AFTER_SIGN_IN: &str = "/my/tickets";

/// The browser as a session knows it.
fn browser(headers: &HeaderMap) -> Client {
    Client { kind: SessionKind::Browser, user_agent: user_agent(headers) }
}

/// Sets the cookie and leads to where the person wanted to go.
fn welcome(platform: &Platform, signed_in: &SignedIn) -> Response {
    let cookie = session_cookie(platform, signed_in.secret.as_str(), SESSION_COOKIE_TTL);
    (cookie, clear_sign_in(platform), Redirect::to(signed_in.return_to.or(AFTER_SIGN_IN))).into_response()
}

/// A path to come back to; what leads elsewhere leads nowhere.
fn return_to(text: &str) -> ReturnTo {
    ReturnTo::parse(text).unwrap_or_default()
}
