//! Finds out whose a cookie is, and notes that its session is in use.

use kernel::SessionId;
use platform::request::RequestContext;
use platform::{Failure, Fault, Never, Platform, Scope, Tx};

use super::model::Session;
use super::store;
use crate::secret::Secret;

/// Finds the live session of a cookie's value. It is looked up every time, so that ending a session works at once.
pub(crate) async fn by_cookie(platform: &Platform, value: &str) -> Result<Option<Session>, Fault> {
    let Some(secret) = Secret::parse(value) else { return Ok(None) };
    let found = platform.db.read(Scope::Nobody, "find_session_by_cookie", secret, find_by_secret).await;
    live(platform, found.map_err(Failure::into_fault)?).await
}

/// Finds the live session that an access token names.
pub(crate) async fn by_id(platform: &Platform, id: SessionId) -> Result<Option<Session>, Fault> {
    let found = platform.db.read(Scope::Nobody, "find_session", id, find).await;
    live(platform, found.map_err(Failure::into_fault)?).await
}

async fn find_by_secret(tx: &mut Tx, secret: Secret) -> Result<Option<Session>, Failure<Never>> {
    Ok(store::find_by_token(tx, &secret.hash()).await?)
}

async fn find(tx: &mut Tx, id: SessionId) -> Result<Option<Session>, Failure<Never>> {
    Ok(store::find(tx, id).await?)
}

async fn live(platform: &Platform, found: Option<Session>) -> Result<Option<Session>, Fault> {
    let now = platform.clock.now();
    let Some(session) = found.filter(|session| session.is_live(now)) else { return Ok(None) };
    if session.is_due_for_touch(now) {
        // In a context of its own: inside the request's, this commit would count as the effect of its idempotency key.
        let context = RequestContext::system("session-touch".to_owned());
        let touched = context.run(platform.db.write(Scope::Nobody, "touch_session", session.id, touch)).await;
        touched.map_err(Failure::into_fault)?;
    }
    Ok(Some(session))
}

async fn touch(tx: &mut Tx, id: SessionId) -> Result<(), Failure<Never>> {
    let now = tx.now();
    Ok(store::touch(tx, id, now).await?)
}
