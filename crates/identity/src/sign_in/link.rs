//! The link of the mail: a page shows it (reading changes nothing, since mail scanners open links), a button uses it.

use platform::{Failure, Platform, Tx};

use super::model::{SignIn, VerifyRefusal};
use super::redeem::{Client, SignedIn, VERIFY_SCOPE, redeem};
use super::store;
use crate::secret::Secret;

/// Someone opened the link of the mail.
#[derive(Debug, Clone)]
pub struct ShowLink {
    /// The last part of its address.
    pub token: String,
    /// The secret in the browser's cookie.
    pub browser: Option<Secret>,
}

/// Finds the attempt of a link that would sign this browser in, without using it.
pub async fn show_link(tx: &mut Tx, command: ShowLink) -> Result<SignIn, Failure<VerifyRefusal>> {
    let attempt = find(tx, &command.token).await?.ok_or(VerifyRefusal::Unknown)?;
    attempt.check_open(command.browser.as_ref(), tx.now())?;
    Ok(attempt)
}

/// Someone pressed the button on the link's page.
#[derive(Debug, Clone)]
pub struct VerifyLink {
    /// The last part of the link's address.
    pub token: String,
    /// The secret in the browser's cookie.
    pub browser: Option<Secret>,
    /// How the session will be carried.
    pub client: Client,
}

/// Uses the link and begins a session.
pub async fn verify_link(platform: &Platform, command: VerifyLink) -> Result<SignedIn, Failure<VerifyRefusal>> {
    platform.db.write(VERIFY_SCOPE, "verify_sign_in_link", command, use_link).await
}

async fn use_link(tx: &mut Tx, command: VerifyLink) -> Result<SignedIn, Failure<VerifyRefusal>> {
    let found = find(tx, &command.token).await?.ok_or(VerifyRefusal::Unknown)?;
    let attempt = store::find_for_update(tx, found.id).await?.ok_or(VerifyRefusal::Unknown)?;
    attempt.check_open(command.browser.as_ref(), tx.now())?;
    Ok(redeem(tx, attempt, command.client).await?)
}

async fn find(tx: &mut Tx, token: &str) -> Result<Option<SignIn>, Failure<VerifyRefusal>> {
    let Some(token) = Secret::parse(token) else { return Ok(None) };
    Ok(store::find_by_link(tx, &token.hash()).await?)
}
