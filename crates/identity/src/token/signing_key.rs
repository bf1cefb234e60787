//! The RSA keys that sign access tokens: how one is made, sealed and told to the public.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use platform::Fault;
use platform::vault::Vault;

/// A key signs for so long; then a new one is made.
pub const SIGNING_KEY_DAYS: i64 = 30;
/// A key stays public a day longer than it signs, so that every token it signed can be verified to its end.
pub const SIGNING_KEY_PUBLISHED_DAYS: i64 = SIGNING_KEY_DAYS + 1;

const PURPOSE: &str = "token-signing-key";

/// A key, as it is stored.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// Its RFC 7638 thumbprint, the `kid` of tokens.
    pub id: String,
    /// The private half in PKCS#8, sealed by the vault for this id.
    pub private_sealed: Vec<u8>,
    /// The public half.
    pub public_jwk: serde_json::Value,
    /// Since when it signs.
    pub created_at: Timestamp,
    /// Until when it is published and believed.
    pub retires_at: Timestamp,
}

/// A key, ready to sign and verify.
#[derive(Clone)]
pub struct SigningKey {
    /// The `kid` of tokens.
    pub id: String,
    /// The private half.
    pub private: EncodingKey,
    /// The public half.
    pub public: DecodingKey,
    /// Since when it signs.
    pub created_at: Timestamp,
    /// Until when it is published and believed.
    pub retires_at: Timestamp,
}

impl StoredKey {
    /// Makes a 2048-bit key. It takes a good part of a second of CPU time.
    pub fn generate(vault: &Vault, now: Timestamp) -> Result<Self, Fault> {
        let broken =
            |error: &dyn std::fmt::Display| Fault::dependency("cryptography", format!("making a signing key: {error}"));
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|error| broken(&error))?;
        let pkcs8 = pair.as_der().map_err(|error| broken(&error))?;
        let private = private_key(pkcs8.as_ref())?;
        let mut jwk = Jwk::from_encoding_key(&private, Algorithm::RS256).map_err(|error| broken(&error))?;
        let id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|error| broken(&error))?;
        jwk.common.key_id = Some(id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let days = |days: i64| now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(now);
        Ok(Self {
            private_sealed: vault.seal(PURPOSE, id.as_bytes(), pkcs8.as_ref()),
            public_jwk: serde_json::to_value(&jwk).map_err(Fault::corrupt)?,
            id,
            created_at: now,
            retires_at: days(SIGNING_KEY_PUBLISHED_DAYS),
        })
    }

    /// Opens the key. `None` when another vault sealed it: a database that was copied from elsewhere must not make the other
    /// server's tokens good here.
    pub fn open(&self, vault: &Vault) -> Result<Option<SigningKey>, Fault> {
        let Ok(pkcs8) = vault.open(PURPOSE, self.id.as_bytes(), &self.private_sealed) else { return Ok(None) };
        let jwk: Jwk = serde_json::from_value(self.public_jwk.clone()).map_err(Fault::corrupt)?;
        Ok(Some(SigningKey {
            id: self.id.clone(),
            private: private_key(&pkcs8)?,
            public: DecodingKey::from_jwk(&jwk).map_err(Fault::corrupt)?,
            created_at: self.created_at,
            retires_at: self.retires_at,
        }))
    }

    /// Whether the key still signs new tokens.
    pub fn signs_at(&self, now: Timestamp) -> bool {
        signs_at(self.created_at, self.retires_at, now)
    }
}

impl SigningKey {
    /// Whether the key still signs new tokens.
    pub fn signs_at(&self, now: Timestamp) -> bool {
        signs_at(self.created_at, self.retires_at, now)
    }
}

fn signs_at(created_at: Timestamp, retires_at: Timestamp, now: Timestamp) -> bool {
    now < retires_at && now.duration_since(created_at) < SignedDuration::from_hours(24 * SIGNING_KEY_DAYS)
}

/// jsonwebtoken reads RSA keys as PKCS#1, and PKCS#8 only in PEM.
fn private_key(pkcs8: &[u8]) -> Result<EncodingKey, Fault> {
    let body = STANDARD.encode(pkcs8);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(Fault::corrupt)
}
