//! An answer as it is stored: sealed, since answers can hold secrets.

use axum::body::Body;
use axum::response::Response;
use http::response::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use platform::Fault;
use platform::request::IdempotencyRef;
use platform::vault::Vault;

use super::REPLAYED;

const PURPOSE: &str = "idempotent-answer";
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// A longer answer is not stored; its key stays taken, and a second try is told that the outcome is to be looked up.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// What the shell adds to every answer anew, and what must not be kept.
const NOT_STORED: [&str; 7] =
    ["set-cookie", "content-length", "date", "connection", "x-request-id", "ratelimit", "ratelimit-policy"];

/// What goes into the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredAnswer {
    pub(super) status: i16,
    pub(super) headers: serde_json::Value,
    pub(super) body: Vec<u8>,
}

/// An answer that was opened again.
#[derive(Debug)]
pub(super) struct Opened {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl StoredAnswer {
    /// Seals an answer for the row of its key; none when it is too long.
    pub(super) fn seal(vault: &Vault, reference: &IdempotencyRef, parts: &Parts, body: &[u8]) -> Option<Self> {
        if body.len() > BODY_BYTES_MAX {
            return None;
        }
        let headers: Vec<(&str, &str)> = parts
            .headers
            .iter()
            .filter(|(name, _)| !NOT_STORED.contains(&name.as_str()))
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let status = i16::try_from(parts.status.as_u16()).ok()?;
        Some(Self { status, headers: serde_json::json!(headers), body: vault.seal(PURPOSE, &context(reference), body) })
    }

    pub(super) fn open(self, vault: &Vault, reference: &IdempotencyRef) -> Result<Opened, Fault> {
        let body = vault.open(PURPOSE, &context(reference), &self.body).map_err(Fault::corrupt)?;
        let headers = serde_json::from_value(self.headers).map_err(Fault::corrupt)?;
        let status = u16::try_from(self.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        Ok(Opened { status: status.ok_or_else(|| Fault::corrupt("the status of a stored answer"))?, headers, body })
    }
}

fn context(reference: &IdempotencyRef) -> Vec<u8> {
    format!("{}\n{}", reference.caller, reference.key).into_bytes()
}

impl Opened {
    /// The answer, byte for byte, marked as one that was given before.
    pub(super) fn replayed(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, REPLAYED);
        response
    }
}
