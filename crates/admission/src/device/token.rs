//! The token in a door link: `td_<26 characters of the organisation's id>_<52 characters of secret>`.

use std::fmt;

use kernel::OrganisationId;
use kernel::id::{decode_suffix, encode_suffix};
use platform::random::Random;
use platform::vault::sha256;
use uuid::Uuid;

const PREFIX: &str = "td";
/// 256 random bits as two groups of 26 characters of Crockford's base32.
const SECRET_CHARACTERS: usize = 52;

/// What opens the door for a device. The organisation stands in it, because no tenant's rows can be read without knowing the tenant.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken {
    /// Whose door it opens.
    pub organisation: OrganisationId,
    secret: String,
}

impl DeviceToken {
    /// A new token.
    pub fn new(organisation: OrganisationId, random: &Random) -> Self {
        let half = || encode_suffix(Uuid::from_bytes(random.bytes()));
        Self { organisation, secret: format!("{}{}", half(), half()) }
    }

    /// Reads a token; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('_');
        let (kind, organisation, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let is_secret = secret.len() == SECRET_CHARACTERS
            && secret.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if kind != PREFIX || !is_secret || parts.next().is_some() {
            return None;
        }
        Some(Self { organisation: OrganisationId::from(decode_suffix(organisation)?), secret: secret.to_owned() })
    }

    /// Writes the token, which is shown once.
    pub fn write(&self) -> String {
        format!("{PREFIX}_{}_{}", encode_suffix(self.organisation.uuid()), self.secret)
    }

    /// What is stored of it. It is random enough for a plain SHA-256 (ASVS 5.0, 11.4.2).
    pub fn hash(&self) -> Vec<u8> {
        sha256(self.secret.as_bytes()).to_vec()
    }
}

/// Tokens never reach a log by way of `{:?}`.
impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_organisation_and_comes_back_as_it_was_written() {
        let organisation: OrganisationId = "org_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let random = Random::seeded(1);
        let token = DeviceToken::new(organisation, &random);
        let text = token.write();
        assert!(text.starts_with("td_01h455vb4pex5vsknk084sn02q_"), "{text}");
        assert_eq!(DeviceToken::parse(&text), Some(token.clone()));
        assert_ne!(token.hash(), DeviceToken::new(organisation, &random).hash());
        assert_eq!(format!("{token:?}"), "DeviceToken([redacted])");
    }

    #[test]
    fn other_texts_are_not_tokens() {
        let secret = "0123456789abcdefghjkmnpqrs".repeat(2);
        let organisation = "01h455vb4pex5vsknk084sn02q";
        assert!(DeviceToken::parse(&format!("td_{organisation}_{secret}")).is_some());
        for bad in [
            String::new(),
            "td".to_owned(),
            format!("td_{secret}"),
            format!("tk_{organisation}_{secret}"),
            format!("td_{organisation}_{secret}0"),
            format!("td_{organisation}_{secret}_0"),
            format!("td_8{}_{secret}", &organisation[1..]),
            format!("td_{organisation}_{}", secret.to_uppercase()),
        ] {
            assert_eq!(DeviceToken::parse(&bad), None, "{bad}");
        }
    }
}
