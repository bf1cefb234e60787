//! Ends one of a person's sessions.

use axum::extract::State;
use kernel::{AccountId, SessionId};
use platform::{Failure, NotFound, Scope, Tx};
use web::{AppState, NoContent, Path, Problem, Signed};

use super::store;
use crate::events::{Revocation, SessionRevoked};

/// A session is to end.
#[derive(Debug, Clone)]
pub struct RevokeSession {
    /// Whose it must be.
    pub account: AccountId,
    /// Which.
    pub session: SessionId,
    /// Why.
    pub reason: Revocation,
}

/// Ends a session; run it in the scope of its account. One that ended before is ended.
pub async fn revoke_session(tx: &mut Tx, command: RevokeSession) -> Result<(), Failure<NotFound>> {
    let session = store::find_for_update(tx, command.session).await?;
    session.filter(|session| session.account == command.account).ok_or(NotFound)?;
    if store::revoke(tx, command.session).await? {
        let fact = SessionRevoked { account: command.account, session: command.session, reason: command.reason };
        tx.record(None, &fact).await?;
    }
    Ok(())
}

/// End one of my sessions
///
/// Its cookie stops at once; its access tokens within 30 seconds; its refresh token at once.
#[utoipa::path(
    delete, path = "/api/v1/me/sessions/{session}", tag = "me",
    params(("session" = SessionId, Path, description = "The session")),
    responses((status = 204, description = "It has ended")),
    extensions(("x-access" = json!("signed_in")))
)]
pub(crate) async fn delete(
    State(app): State<AppState>,
    signed: Signed,
    Path(session): Path<SessionId>,
) -> Result<NoContent, Problem> {
    let command = RevokeSession { account: signed.account, session, reason: Revocation::ByOwner };
    app.platform.db.write(Scope::Account(signed.account), "revoke_session", command, revoke_session).await?;
    Ok(NoContent)
}
