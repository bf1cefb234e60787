//! Random secrets that are kept by their hash only, and tokens that say which tenant they open.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::OrganisationId;
use kernel::id::{decode_suffix, encode_suffix};
use platform::random::Random;
use platform::vault::sha256;

const SECRET_BYTES: usize = 32;
const SECRET_CHARACTERS: usize = 43;

/// 256 random bits, written as 43 characters of base64url. Random enough for its plain SHA-256 to be stored (ASVS 5.0, 11.4.2).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret.
    pub fn new(random: &Random) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random.bytes::<SECRET_BYTES>()))
    }

    /// Accepts what has the form of a secret.
    pub fn parse(text: &str) -> Option<Self> {
        let is_secret = text.len() == SECRET_CHARACTERS && URL_SAFE_NO_PAD.decode(text).is_ok();
        is_secret.then(|| Self(text.to_owned()))
    }

    /// The text that its holder shows.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> Vec<u8> {
        sha256(self.0.as_bytes()).to_vec()
    }

    /// Whether this is the secret of which the hash is stored, compared in constant time.
    pub fn is_of(&self, hash: &[u8]) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.hash().as_slice(), hash).into()
    }
}

/// Secrets never reach a log by way of `{:?}`.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// A secret that opens something inside one organisation: `tk_<26 characters of the organisation's id>_<secret>`. The organisation
/// must be known before the row can be looked up, because row-level security shows no tenant's rows without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantToken {
    /// Where it opens something.
    pub organisation: OrganisationId,
    /// What opens it.
    pub secret: Secret,
}

impl TenantToken {
    /// Reads a token of the kind that the prefix names.
    pub fn parse(prefix: &str, text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '_');
        let (kind, organisation, secret) = (parts.next()?, parts.next()?, parts.next()?);
        if kind != prefix {
            return None;
        }
        Some(Self { organisation: OrganisationId::from(decode_suffix(organisation)?), secret: Secret::parse(secret)? })
    }

    /// Writes the token, which is shown once.
    pub fn write(&self, prefix: &str) -> String {
        format!("{prefix}_{}_{}", encode_suffix(self.organisation.uuid()), self.secret.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_organisation_and_comes_back_as_it_was_written() {
        let organisation: OrganisationId = "org_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        for seed in 0..200 {
            let token = TenantToken { organisation, secret: Secret::new(&Random::seeded(seed)) };
            let text = token.write("tk");
            assert!(text.starts_with("tk_01h455vb4pex5vsknk084sn02q_"), "{text}");
            assert_eq!(TenantToken::parse("tk", &text), Some(token), "{text}");
            assert_eq!(TenantToken::parse("ti", &text), None);
        }
    }

    #[test]
    fn texts_that_are_not_tokens_are_refused() {
        let secret = Secret::new(&Random::seeded(1));
        let secret = secret.as_str();
        for text in [
            String::new(),
            "tk".to_owned(),
            format!("tk_{secret}"),
            format!("tk_01h455vb4pex5vsknk084sn02_{secret}"),
            format!("tk_81h455vb4pex5vsknk084sn02q_{secret}"),
            format!("tk_01h455vb4pex5vsknk084sn02q_{secret}a"),
            "tk_01h455vb4pex5vsknk084sn02q_short".to_owned(),
            format!("tk_01h455vb4pex5vsknk084sn02q_{}", "+".repeat(43)),
        ] {
            assert_eq!(TenantToken::parse("tk", &text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_is_recognised_by_its_hash_and_not_printed() {
        let (one, two) = (Secret::new(&Random::seeded(1)), Secret::new(&Random::seeded(2)));
        assert!(one.is_of(&one.hash()));
        assert!(!two.is_of(&one.hash()));
        assert_eq!(format!("{one:?}"), "Secret([redacted])");
    }
}
