//! What a request brings to prove who waits or was let in: headers of programs, cookies of browsers.

use http::HeaderMap;
use platform::Platform;
use web::cookie;

use super::token::BrowserSecret;

/// The header with the secret of a browser or program.
pub const BROWSER_HEADER: &str = "turnout-browser";
/// The header with an admission.
pub const ADMISSION_HEADER: &str = "turnout-admission";

/// What a request brought. A browser that was let into several sales brings an admission for each.
#[derive(Debug, Clone, Default)]
pub struct Presented {
    /// The secret, if it is one.
    pub browser: Option<BrowserSecret>,
    /// The tokens, unchecked.
    pub admissions: Vec<String>,
}

impl Presented {
    /// Reads the headers, and the cookies where there is no header.
    pub fn of(headers: &HeaderMap, platform: &Platform) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let secret = header(BROWSER_HEADER).or_else(|| cookie::waiting_of(headers, platform));
        let admissions = match header(ADMISSION_HEADER) {
            Some(token) => vec![token],
            None => cookie::admissions_of(headers, platform),
        };
        Self { browser: secret.as_deref().and_then(BrowserSecret::parse), admissions }
    }
}
