//! Ends the session that the request came by.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use kernel::{AccountId, SessionId};
use platform::{Failure, NotFound, Platform, Scope};
use web::{AppState, NoContent, Problem, Signed};

use super::revoke::{RevokeSession, revoke_session};
use crate::events::Revocation;

/// Signs a person out of one session.
pub async fn sign_out(platform: &Platform, account: AccountId, session: SessionId) -> Result<(), Failure<NotFound>> {
    let command = RevokeSession { account, session, reason: Revocation::SignedOut };
    platform.db.write(Scope::Account(account), "sign_out", command, revoke_session).await
}

/// Sign out
///
/// Ends the session, clears its cookie and makes its tokens useless.
#[utoipa::path(
    post, path = "/api/v1/auth/sign-out", tag = "sign-in",
    responses((status = 204, description = "Signed out")),
    extensions(("x-access" = json!("signed_in")))
)]
pub(crate) async fn post(State(app): State<AppState>, signed: Signed) -> Result<Response, Problem> {
    sign_out(&app.platform, signed.account, signed.session).await?;
    Ok((web::cookie::clear_session(&app.platform), NoContent).into_response())
}
