//! What a right code and a right link have in common: the account, made on first use, and a session of it.

use platform::{Fault, Scope, Tx};

use super::model::SignIn;
use super::store;
use crate::account::model::Account;
use crate::events::SignedIn as SignedInFact;
use crate::secret::Secret;
use crate::session::model::SessionKind;
use crate::session::start::{self, Start};
use crate::sign_in::model::ReturnTo;
use kernel::SessionId;

/// Verification runs behind this fence: it touches no tenant's rows, but the journal shows an account's own chain only to a named scope.
pub(super) const VERIFY_SCOPE: Scope = Scope::Public;

/// Someone is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// The session that began.
    pub session: SessionId,
    /// For a browser the value of its cookie, for an API client its refresh token.
    pub secret: Secret,
    /// Where to now.
    pub return_to: ReturnTo,
}

/// How the session will be carried.
#[derive(Debug, Clone)]
pub struct Client {
    /// By cookie or by tokens.
    pub kind: SessionKind,
    /// What it says it is.
    pub user_agent: String,
}

/// Uses the attempt up and begins a session.
pub(super) async fn redeem(tx: &mut Tx, attempt: SignIn, client: Client) -> Result<SignedIn, Fault> {
    store::mark_used(tx, attempt.id).await?;
    let account = crate::account::store::find_or_insert(tx, &attempt.email).await?;
    let begin = Start { account: account.id, kind: client.kind, user_agent: client.user_agent };
    let started = start::start(tx, begin).await?;
    tx.record(None, &SignedInFact { account: account.id, session: started.id }).await?;
    Ok(SignedIn { account, session: started.id, secret: started.secret, return_to: attempt.return_to })
}
