//! Who sent a request, and how it is found out.

use futures_util::future::BoxFuture;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use kernel::{AccountId, Actor, ApiKeyId, OrganisationId, Role, SessionId};
use platform::{Fault, Platform};

use crate::cookie;

/// Tokens of door devices begin so; the door's own handlers check them.
pub(crate) const DEVICE_TOKEN_PREFIX: &str = "td_";

/// What a request offers as proof of who sent it.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// An access token or an API key from `Authorization: Bearer`.
    Bearer(String),
    /// The session cookie of a browser.
    SessionCookie(String),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bearer(_) => "Bearer([redacted])",
            Self::SessionCookie(_) => "SessionCookie([redacted])",
        })
    }
}

impl Credential {
    /// The credential of a request. An `Authorization` header wins over a cookie, also when it is not ours to check.
    pub(crate) fn of(headers: &HeaderMap, platform: &Platform) -> Option<Self> {
        if headers.contains_key(AUTHORIZATION) {
            return bearer(headers)
                .filter(|token| !token.starts_with(DEVICE_TOKEN_PREFIX))
                .map(|token| Self::Bearer(token.to_owned()));
        }
        cookie::session_of(headers, platform).map(Self::SessionCookie)
    }
}

/// The token of `Authorization: Bearer`, whatever it is.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// Who sent a request, proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person.
    Account {
        /// Who.
        account: AccountId,
        /// Signed in where.
        session: SessionId,
    },
    /// A program of an organisation.
    ApiKey {
        /// Which key.
        key: ApiKeyId,
        /// Whose.
        organisation: OrganisationId,
        /// What it may do.
        rights: Vec<kernel::Right>,
    },
}

impl Principal {
    /// The author that the journal names.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Account { account, .. } => Actor::Account(*account),
            Self::ApiKey { key, .. } => Actor::ApiKey(*key),
        }
    }
}

/// Checks credentials and looks up roles; the identity context implements it.
pub trait Authenticator: Send + Sync {
    /// Who a credential belongs to; `None` when it is unknown, expired or revoked.
    fn authenticate<'a>(
        &'a self,
        platform: &'a Platform,
        credential: Credential,
    ) -> BoxFuture<'a, Result<Option<Principal>, Fault>>;
    /// What a person is in an organisation; `None` when they are not in it or it does not exist.
    fn role<'a>(
        &'a self,
        platform: &'a Platform,
        account: AccountId,
        organisation: OrganisationId,
    ) -> BoxFuture<'a, Result<Option<Role>, Fault>>;
}
