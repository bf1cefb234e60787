//! Reads access tokens, trusting nothing in them before their signature. Pure.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::claims::{AUDIENCE, Claims, TOKEN_TYPE};

/// Our tokens have about 700 characters; longer ones are not even decoded.
const TOKEN_CHARACTERS_MAX: usize = 2048;
/// A `kid` is an RFC 7638 thumbprint: SHA-256 in base64url.
const KID_CHARACTERS: usize = 43;

/// The header of our tokens, all of it. Headers that bring their own key (`jwk`, `jku`, `x5u`, `x5c`) or ask for extensions
/// (`crit`) have other fields and are refused here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// The id of the key that a token says it is signed with; `None` when it does not look like a token of ours.
pub(crate) fn key_id(token: &str) -> Option<String> {
    if token.len() > TOKEN_CHARACTERS_MAX {
        return None;
    }
    let mut parts = token.split('.');
    let (header, _claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || signature.is_empty() {
        return None;
    }
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let is_thumbprint = header.kid.len() == KID_CHARACTERS
        && header.kid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (header.alg == "RS256" && header.typ == TOKEN_TYPE && is_thumbprint).then_some(header.kid)
}

/// The claims of a token that this key signed for this server and that holds now. The algorithm is ours, never the header's.
pub(crate) fn claims(token: &str, key: &DecodingKey, issuer: &str, now: Timestamp) -> Option<Claims> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[AUDIENCE]);
    // The library would ask the machine for the time; `Claims::hold` is told it.
    validation.validate_exp = false;
    let data = jsonwebtoken::decode::<Claims>(token, key, &validation).ok()?;
    data.claims.hold(issuer, now).then_some(data.claims)
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
