//! Exchanges a refresh token for the next pair of tokens.

use axum::Extension;
use axum::extract::State;
use kernel::SessionId;
use platform::{Failure, Never, Platform, Refusal, RefusalKind, Scope, Tx};
use serde::Deserialize;
use web::{AppState, Json, Problem};

use super::issue::{TokenView, issue};
use super::keys::Keys;
use super::store;
use crate::account::model::Account;
use crate::events::{Revocation, SessionRevoked};
use crate::secret::Secret;

/// Why no tokens were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefreshRefusal {
    /// It is not known, or its session has ended.
    #[error("This refresh token is not valid. Sign in again.")]
    Invalid,
    /// It was exchanged before, so someone else has it too; the whole session was ended.
    #[error("This refresh token was used before, so the session was ended to be safe. Sign in again.")]
    Reused,
}

impl Refusal for RefreshRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid => "refresh_token_invalid",
            Self::Reused => "refresh_token_reused",
        }
    }
    fn kind(&self) -> RefusalKind {
        RefusalKind::Unauthenticated
    }
}

/// A session that goes on.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// Whose.
    pub account: Account,
    /// Which.
    pub session: SessionId,
    /// The next refresh token.
    pub secret: Secret,
}

/// Exchanges a refresh token. Of two that come with the same token, one gets the successor; the other ends the session.
pub async fn refresh(platform: &Platform, token: Secret) -> Result<Refreshed, Failure<RefreshRefusal>> {
    // Public: it touches no tenant's rows, but the journal shows an account's own chain only to a named scope.
    let verdict = platform.db.write(Scope::Public, "refresh_tokens", token, rotate).await;
    verdict.map_err(Failure::widen)?.map_err(Failure::Refused)
}

/// The refusal is a result here, not an error: the transaction that ends the session must commit.
async fn rotate(tx: &mut Tx, token: Secret) -> Result<Result<Refreshed, RefreshRefusal>, Failure<Never>> {
    let Some(known) = store::find_refresh_token(tx, &token).await? else { return Ok(Err(RefreshRefusal::Invalid)) };
    let Some(session) = crate::session::store::find_for_update(tx, known.session).await? else {
        return Ok(Err(RefreshRefusal::Invalid));
    };
    // Read again behind the lock: whoever held it may have rotated the token.
    let Some(known) = store::find_refresh_token(tx, &token).await? else { return Ok(Err(RefreshRefusal::Invalid)) };
    let now = tx.now();
    if known.is_rotated && session.is_live(now) {
        crate::session::store::revoke(tx, session.id).await?;
        let reason = Revocation::RefreshTokenReused;
        tx.record(None, &SessionRevoked { account: session.account, session: session.id, reason }).await?;
        return Ok(Err(RefreshRefusal::Reused));
    }
    if known.is_rotated {
        return Ok(Err(RefreshRefusal::Reused));
    }
    if !known.is_live || !session.is_live(now) {
        return Ok(Err(RefreshRefusal::Invalid));
    }
    let Some(account) = crate::account::store::find(tx, session.account).await? else {
        return Ok(Err(RefreshRefusal::Invalid));
    };
    let secret = Secret::new(tx.random());
    store::mark_rotated(tx, known.id).await?;
    store::insert_live(tx, session.id, &secret).await?;
    crate::session::store::touch(tx, session.id, now).await?;
    Ok(Ok(Refreshed { account, session: session.id, secret }))
}

/// The refresh token of the last answer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshRequest {
    /// Each is good once.
    refresh_token: String,
}

/// Renew the access token
///
/// Each refresh token is good once and gives the next one. Using one twice ends the session: one of its two users stole it.
#[utoipa::path(
    post, path = "/api/v1/auth/tokens/refresh", tag = "sign-in",
    request_body = RefreshRequest,
    responses((status = 200, description = "The next tokens", body = TokenView)),
    extensions(("x-access" = json!("public")))
)]
pub(crate) async fn post(
    State(app): State<AppState>,
    Extension(keys): Extension<Keys>,
    Json(body): Json<RefreshRequest>,
) -> Result<Json<TokenView>, Problem> {
    let token = Secret::parse(&body.refresh_token).ok_or_else(|| Problem::refused(&RefreshRefusal::Invalid))?;
    // The key first: when it cannot be had, the refresh token is not used up.
    let key = keys.signing(&app.platform).await?;
    let refreshed = refresh(&app.platform, token).await?;
    Ok(Json(issue(&app.platform, &key, refreshed.account, refreshed.session, &refreshed.secret)?))
}
