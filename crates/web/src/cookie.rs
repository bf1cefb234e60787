//! The cookies of Turnout: session, sign-in binding, places in waiting rooms, theme.

use std::time::Duration;

use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use platform::Platform;

const SESSION: &str = "turnout_session";
const SIGN_IN: &str = "turnout_sign_in";
const THEME: &str = "theme";
const WAITING: &str = "turnout_waiting";
const ADMISSIONS: &str = "turnout_admissions";
/// How many sales a browser can be let into at the same time; of more the oldest admission is forgotten.
const ADMISSIONS_MAX: usize = 4;
/// Stands between two admissions; no token has it.
const BETWEEN_ADMISSIONS: char = '~';

/// A `Set-Cookie` header; put it in a handler's answer: `(cookie, body)`.
#[derive(Debug, Clone)]
pub struct SetCookie(HeaderValue);

impl SetCookie {
    fn new(platform: &Platform, name: &str, value: &str, max_age: Duration) -> Self {
        let secure = if platform.is_https() { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            full_name(platform, name),
            max_age.as_secs()
        );
        // Tokens are base64url or hexadecimal; one that cannot stand in a header is not set at all.
        Self(
            HeaderValue::try_from(text)
                .unwrap_or_else(|_| HeaderValue::from_static("turnout_invalid=; Path=/; Max-Age=0")),
        )
    }
}

impl IntoResponseParts for SetCookie {
    type Error = std::convert::Infallible;
    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.headers_mut().append(SET_COOKIE, self.0);
        Ok(parts)
    }
}

impl IntoResponse for SetCookie {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// Over TLS a cookie is bound to this host, path and scheme by its name (RFC 6265bis, section 4.1.3).
fn full_name(platform: &Platform, name: &str) -> String {
    if platform.is_https() { format!("__Host-{name}") } else { name.to_owned() }
}

/// Signs a browser in.
pub fn session_cookie(platform: &Platform, token: &str, max_age: Duration) -> SetCookie {
    SetCookie::new(platform, SESSION, token, max_age)
}

/// Signs a browser out.
pub fn clear_session(platform: &Platform) -> SetCookie {
    SetCookie::new(platform, SESSION, "", Duration::ZERO)
}

/// Binds a sign-in to the browser that asked for it.
pub fn sign_in_cookie(platform: &Platform, secret: &str, max_age: Duration) -> SetCookie {
    SetCookie::new(platform, SIGN_IN, secret, max_age)
}

/// Forgets the binding of a sign-in.
pub fn clear_sign_in(platform: &Platform) -> SetCookie {
    SetCookie::new(platform, SIGN_IN, "", Duration::ZERO)
}

/// The session token of a request.
pub fn session_of(headers: &HeaderMap, platform: &Platform) -> Option<String> {
    find(headers, &full_name(platform, SESSION))
}

/// The sign-in binding of a request.
pub fn sign_in_of(headers: &HeaderMap, platform: &Platform) -> Option<String> {
    find(headers, &full_name(platform, SIGN_IN))
}

/// Binds a browser's places in waiting rooms to it.
pub fn waiting_cookie(platform: &Platform, secret: &str, max_age: Duration) -> SetCookie {
    SetCookie::new(platform, WAITING, secret, max_age)
}

/// The secret that a browser's places in waiting rooms are bound to.
pub fn waiting_of(headers: &HeaderMap, platform: &Platform) -> Option<String> {
    find(headers, &full_name(platform, WAITING))
}

/// Adds an admission to a sale to those that the browser has.
pub fn admissions_cookie(platform: &Platform, headers: &HeaderMap, token: &str, max_age: Duration) -> SetCookie {
    let mut tokens = admissions_of(headers, platform);
    tokens.retain(|other| other != token);
    tokens.insert(0, token.to_owned());
    tokens.truncate(ADMISSIONS_MAX);
    SetCookie::new(platform, ADMISSIONS, &tokens.join(&BETWEEN_ADMISSIONS.to_string()), max_age)
}

/// The admissions of a browser, the newest first; unchecked.
pub fn admissions_of(headers: &HeaderMap, platform: &Platform) -> Vec<String> {
    let found = find(headers, &full_name(platform, ADMISSIONS)).unwrap_or_default();
    found.split(BETWEEN_ADMISSIONS).filter(|token| !token.is_empty()).map(str::to_owned).collect()
}

/// The theme a person chose: `light`, `dark`, or nothing.
pub fn theme_of(headers: &HeaderMap) -> &'static str {
    match find(headers, THEME).as_deref() {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "",
    }
}

fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.trim_matches('"').to_owned())
}
