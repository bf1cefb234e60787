//! Members of an organisation who hold a right there.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use kernel::{AccountId, OrganisationId, Role};
use platform::Scope;

use super::signed::principal;
use crate::rights::Right;
use crate::{AppState, Principal, Problem};

/// The path parameter that names the organisation.
const ORGANISATION: &str = "organisation";

/// Someone who holds the right `R` in the organisation of the path: a member whose role carries it, or a key that was given it.
#[derive(Debug)]
pub struct Member<R> {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Who.
    pub principal: Principal,
    /// The member's role; none for a key.
    pub role: Option<Role>,
    right: PhantomData<fn() -> R>,
}

impl<R> Clone for Member<R> {
    fn clone(&self) -> Self {
        Self { organisation: self.organisation, principal: self.principal.clone(), role: self.role, right: PhantomData }
    }
}

impl<R> Member<R> {
    /// The fence of the organisation's transactions.
    pub fn scope(&self) -> Scope {
        Scope::Tenant(self.organisation)
    }

    /// The person; none for a key.
    pub fn account(&self) -> Option<AccountId> {
        match self.principal {
            Principal::Account { account, .. } => Some(account),
            Principal::ApiKey { .. } => None,
        }
    }
}

impl<R: Right> FromRequestParts<AppState> for Member<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let principal = principal(parts).ok_or_else(Problem::unauthenticated)?;
        let named = organisation_of_path(parts, app).await?;
        let (organisation, role, is_allowed) = match &principal {
            Principal::ApiKey { organisation, rights, .. } => {
                if named.is_some_and(|named| named != *organisation) {
                    return Err(Problem::not_found());
                }
                (*organisation, None, rights.contains(&R::RIGHT))
            }
            Principal::Account { account, .. } => {
                let organisation = named.ok_or_else(Problem::not_found)?;
                let role = app
                    .authenticator
                    .role(&app.platform, *account, organisation)
                    .await?
                    .ok_or_else(Problem::not_found)?;
                (organisation, Some(role), role.carries(R::RIGHT))
            }
        };
        if !is_allowed {
            return Err(Problem::forbidden(R::RIGHT));
        }
        Ok(Self { organisation, principal, role, right: PhantomData })
    }
}

/// The organisation that the path names, if its route names one at all.
async fn organisation_of_path(parts: &mut Parts, app: &AppState) -> Result<Option<OrganisationId>, Problem> {
    let Ok(params) = RawPathParams::from_request_parts(parts, app).await else { return Ok(None) };
    let named = params.iter().find(|(name, _)| *name == ORGANISATION);
    named.map(|(_, text)| text.parse().map_err(|_| Problem::not_found())).transpose()
}
