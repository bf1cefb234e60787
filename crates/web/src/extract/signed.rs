//! People who are signed in.

use axum::extract::FromRequestParts;
use http::request::Parts;
use kernel::{AccountId, SessionId};
use platform::Scope;

use crate::{AppState, Exchange, Principal, Problem};

/// A person who is signed in, by cookie or access token. API keys are no persons: they get 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed {
    /// Who.
    pub account: AccountId,
    /// Signed in where.
    pub session: SessionId,
}

impl Signed {
    /// The fence of the person's own transactions.
    pub fn scope(&self) -> Scope {
        Scope::Account(self.account)
    }
}

impl FromRequestParts<AppState> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        match principal(parts).ok_or_else(Problem::unauthenticated)? {
            Principal::Account { account, session } => Ok(Self { account, session }),
            Principal::ApiKey { .. } => Err(Problem::own("person_required")),
        }
    }
}

/// A person who is signed in, if one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaybeSigned(pub Option<Signed>);

impl FromRequestParts<AppState> for MaybeSigned {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        Ok(Self(match principal(parts) {
            Some(Principal::Account { account, session }) => Some(Signed { account, session }),
            _ => None,
        }))
    }
}

/// Who sent the request, as the authentication layer found out.
pub(super) fn principal(parts: &Parts) -> Option<Principal> {
    parts.extensions.get::<Exchange>().and_then(Exchange::principal).cloned()
}
