//! Starts a session after someone has proved who they are.

use kernel::{AccountId, SessionId};
use platform::{Fault, Tx};

use super::model::{Session, SessionKind, expiry};
use super::store;
use crate::events::{Revocation, SessionRevoked};
use crate::secret::Secret;

/// A session that is to begin.
pub(crate) struct Start {
    /// Whose.
    pub account: AccountId,
    /// How it is carried.
    pub kind: SessionKind,
    /// What the client says it is.
    pub user_agent: String,
}

/// A session that began.
pub(crate) struct Started {
    /// Which.
    pub id: SessionId,
    /// The cookie's value, or the first refresh token.
    pub secret: Secret,
}

/// Starts a session under a secret that nobody had before, so that none can be foisted on a person (session fixation).
pub(crate) async fn start(tx: &mut Tx, start: Start) -> Result<Started, Fault> {
    let now = tx.now();
    let secret = Secret::new(tx.random());
    let session = Session {
        id: tx.new_id(),
        account: start.account,
        kind: start.kind,
        user_agent: start.user_agent,
        created_at: now,
        last_seen_at: now,
        expires_at: expiry(now),
        revoked_at: None,
    };
    match start.kind {
        SessionKind::Browser => store::insert(tx, &session, Some(secret.hash())).await?,
        SessionKind::Api => {
            store::insert(tx, &session, None).await?;
            crate::token::store::insert_live(tx, session.id, &secret).await?;
        }
    }
    for surplus in store::list_too_many(tx, start.account).await? {
        store::revoke(tx, surplus).await?;
        let fact = SessionRevoked { account: start.account, session: surplus, reason: Revocation::TooMany };
        tx.record(None, &fact).await?;
    }
    Ok(Started { id: session.id, secret })
}
