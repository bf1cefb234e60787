//! Headers: the version an edit is based on, the token of a door device.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::header::IF_MATCH;
use http::request::Parts;

use crate::problem::for_status;
use crate::{AppState, Problem, principal};

/// The version that an edit is based on, from `If-Match: "7"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

impl IfMatch {
    /// The version, or 428 when the client did not say.
    pub fn require(self) -> Result<i64, Problem> {
        self.0.ok_or_else(|| for_status(StatusCode::PRECONDITION_REQUIRED))
    }
}

impl FromRequestParts<AppState> for IfMatch {
    type Rejection = Problem;

    /// A tag that no version of ours has cannot match: 412.
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(IF_MATCH) else { return Ok(Self(None)) };
        let tag = value.to_str().unwrap_or_default().trim();
        if tag == "*" {
            return Ok(Self(None));
        }
        // Proxies that compress weaken a tag; the version in it is still exact.
        let version = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').parse();
        version.map(|version| Self(Some(version))).map_err(|_| for_status(StatusCode::PRECONDITION_FAILED))
    }
}

/// The token of `Authorization: Bearer`, unchecked: for door devices.
#[derive(Clone, PartialEq, Eq)]
pub struct RawBearer(pub Option<String>);

impl std::fmt::Debug for RawBearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "RawBearer([redacted])" } else { "RawBearer(none)" })
    }
}

impl FromRequestParts<AppState> for RawBearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        Ok(Self(principal::bearer(&parts.headers).map(str::to_owned)))
    }
}
