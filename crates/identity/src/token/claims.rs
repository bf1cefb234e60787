//! What an access token says, and when it is believed. Pure.

use jiff::Timestamp;
use kernel::{AccountId, SessionId};
use serde::{Deserialize, Serialize};

/// The life of an access token.
pub const ACCESS_TOKEN_TTL_SECONDS: i64 = 15 * 60;
/// Who access tokens are for.
pub const AUDIENCE: &str = "turnout-api";
/// What access tokens are (RFC 9068 section 2.1), so that no other token signed with the same key passes for one.
pub const TOKEN_TYPE: &str = "at+jwt";
/// The client that Turnout's own sign-in stands for; other clients come with OAuth.
pub const CLIENT: &str = "turnout";
/// Clocks of several nodes may differ by this.
const CLOCK_SKEW_SECONDS: i64 = 60;

/// The claims of an access token (RFC 9068 section 2.2). A claim that is not listed, sent twice or of another type (`exp` as text)
/// makes the token unreadable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// The public address of the server that signed.
    pub iss: String,
    /// Who it is for.
    pub aud: String,
    /// Who is signed in.
    pub sub: AccountId,
    /// In which session; ending it ends the token.
    pub sid: SessionId,
    /// The program that signs people in.
    pub client_id: String,
    /// When it was signed, in seconds since 1970.
    pub iat: i64,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// What tells it from every other token.
    pub jti: String,
}

impl Claims {
    /// Whether the claims hold for this server now.
    pub fn hold(&self, issuer: &str, now: Timestamp) -> bool {
        let now = now.as_second();
        self.iss == issuer
            && self.aud == AUDIENCE
            && self.client_id == CLIENT
            && now < self.exp
            && self.iat <= now.saturating_add(CLOCK_SKEW_SECONDS)
            && self.exp.saturating_sub(self.iat) <= ACCESS_TOKEN_TTL_SECONDS
    }
}
