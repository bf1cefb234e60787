//! Signs an access token for a session.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header};
use kernel::{AccountId, SessionId};
use platform::random::Random;
use platform::{Fault, Platform};
use serde::Serialize;

use super::claims::{ACCESS_TOKEN_TTL_SECONDS, AUDIENCE, CLIENT, Claims, TOKEN_TYPE};
use super::signing_key::SigningKey;
use crate::account::model::{Account, AccountView};
use crate::secret::Secret;

/// What a client needs to speak for a person (the shape of RFC 6749 section 5.1, and who it is).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct TokenView {
    /// Send it as `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token ends.
    expires_in: i64,
    /// Exchange it once for the next pair of tokens; never use it twice.
    refresh_token: String,
    /// Who is signed in.
    account: AccountView,
}

/// The tokens of a session, for its client.
pub(crate) fn issue(
    platform: &Platform,
    key: &SigningKey,
    account: Account,
    session: SessionId,
    refresh: &Secret,
) -> Result<TokenView, Fault> {
    let claims = claims(&platform.public_url, account.id, session, platform.clock.now(), &platform.random);
    Ok(TokenView {
        access_token: sign(key, &claims)?,
        token_type: "Bearer",
        expires_in: ACCESS_TOKEN_TTL_SECONDS,
        refresh_token: refresh.as_str().to_owned(),
        account: account.into(),
    })
}

fn claims(issuer: &str, account: AccountId, session: SessionId, now: Timestamp, random: &Random) -> Claims {
    let iat = now.as_second();
    Claims {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: account,
        sid: session,
        client_id: CLIENT.to_owned(),
        iat,
        exp: iat.saturating_add(ACCESS_TOKEN_TTL_SECONDS),
        jti: URL_SAFE_NO_PAD.encode(random.bytes::<16>()),
    }
}

/// Signs claims.
pub(crate) fn sign(key: &SigningKey, claims: &Claims) -> Result<String, Fault> {
    let mut header = Header::new(Algorithm::RS256);
    header.typ = Some(TOKEN_TYPE.to_owned());
    header.kid = Some(key.id.clone());
    jsonwebtoken::encode(&header, claims, &key.private)
        .map_err(|error| Fault::dependency("cryptography", format!("signing a token: {error}")))
}
