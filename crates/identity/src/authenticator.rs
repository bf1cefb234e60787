//! Tells the HTTP shell who a credential belongs to, and what a person is in an organisation.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::{AccountId, OrganisationId, Role};
use platform::vault::sha256;
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use web::{Credential, Principal};

use crate::api_key::model::TOKEN_PREFIX;
use crate::api_key::resolve;
use crate::secret::TenantToken;
use crate::session;
use crate::token::keys::Keys;
use crate::token::read;
use crate::token::seen::{Seen, Speaker};

/// Checks session cookies, access tokens and API keys.
#[derive(Default)]
pub struct Authenticator {
    keys: Keys,
    seen: Seen,
}

impl web::Authenticator for Authenticator {
    fn authenticate<'a>(
        &'a self,
        platform: &'a Platform,
        credential: Credential,
    ) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
        async move {
            match credential {
                Credential::SessionCookie(value) => cookie(platform, &value).await,
                Credential::Bearer(token) => match TenantToken::parse(TOKEN_PREFIX, &token) {
                    Some(token) => api_key(platform, token).await,
                    None => self.access_token(platform, &token).await,
                },
            }
        }
        .boxed()
    }

    fn role<'a>(
        &'a self,
        platform: &'a Platform,
        account: AccountId,
        organisation: OrganisationId,
    ) -> BoxFuture<'a, Result<Option<Role>, Fault>> {
        async move {
            let found = platform.db.read(Scope::Account(account), "find_role", (account, organisation), role).await;
            found.map_err(Failure::into_fault)
        }
        .boxed()
    }
}

impl Authenticator {
    async fn access_token(&self, platform: &Platform, token: &str) -> Result<Option<Principal>, Fault> {
        let now = platform.clock.now();
        let hash = sha256(token.as_bytes());
        if let Some(speaker) = self.seen.find(&hash, now) {
            return Ok(Some(speaker.into()));
        }
        let Some(key_id) = read::key_id(token) else { return Ok(None) };
        let Some(key) = self.keys.find(platform, &key_id).await? else { return Ok(None) };
        let Some(claims) = read::claims(token, &key.public, &platform.public_url, now) else { return Ok(None) };
        let session = session::resolve::by_id(platform, claims.sid).await?;
        let Some(session) = session.filter(|session| session.account == claims.sub) else { return Ok(None) };
        let speaker = Speaker { account: session.account, session: session.id };
        let expires_at = jiff::Timestamp::from_second(claims.exp).unwrap_or(now);
        self.seen.keep(hash, speaker, now, expires_at);
        Ok(Some(speaker.into()))
    }
}

impl From<Speaker> for Principal {
    fn from(speaker: Speaker) -> Self {
        Self::Account { account: speaker.account, session: speaker.session }
    }
}

async fn cookie(platform: &Platform, value: &str) -> Result<Option<Principal>, Fault> {
    let session = session::resolve::by_cookie(platform, value).await?;
    Ok(session.map(|session| Principal::Account { account: session.account, session: session.id }))
}

async fn api_key(platform: &Platform, token: TenantToken) -> Result<Option<Principal>, Fault> {
    let key = resolve::by_token(platform, token).await?;
    Ok(key.map(|key| Principal::ApiKey { key: key.id, organisation: key.organisation, rights: key.scopes }))
}

async fn role(tx: &mut Tx, who: (AccountId, OrganisationId)) -> Result<Option<Role>, Failure<Never>> {
    let (account, organisation) = who;
    Ok(crate::member::store::find_role(tx, organisation, account).await?)
}
