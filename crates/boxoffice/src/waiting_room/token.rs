//! What a person shows: a token that says "this is my place" and one that says "I was let in". Both are signed, and both are worth nothing
//! without the secret that only their browser has, so that they can be neither forged nor passed on.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use jiff::Timestamp;
use kernel::{EventId, WaitingEntryId};
use platform::random::Random;
use platform::vault::{Vault, sha256};

use super::model::draw::hex;

const PLACE: &str = "waiting-place";
const ADMISSION: &str = "waiting-admission";
/// Bytes of the HMAC-SHA256 that a token carries: 128 bits.
const TAG_BYTES: usize = 16;
/// Bytes of a browser's secret: 256 bits.
const SECRET_BYTES: usize = 32;

/// The secret of a browser: 64 hexadecimal digits that never leave it but in requests to us.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserSecret(String);

impl std::fmt::Debug for BrowserSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BrowserSecret([redacted])")
    }
}

impl BrowserSecret {
    /// A new one.
    pub fn new(random: &Random) -> Self {
        Self(hex(&random.bytes::<SECRET_BYTES>()))
    }

    /// Reads one that was given before; `None` for anything that is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_secret = text.len() == SECRET_BYTES * 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_secret.then(|| Self(text.to_owned()))
    }

    /// The text, for the browser it belongs to.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        sha256(self.0.as_bytes())
    }
}

/// A token that was not signed by us for this event and this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this token was not given to this browser for this event")]
pub struct Forged;

/// The token of a place in the line.
pub fn of_place(vault: &Vault, event: EventId, entry: WaitingEntryId, browser_hash: &[u8; 32]) -> String {
    format!("{entry}.{}", tag(vault, PLACE, &[event.to_string(), entry.to_string(), hex(browser_hash)]))
}

/// Whose place a token stands for.
pub fn read_place(
    vault: &Vault,
    event: EventId,
    token: &str,
    browser: &BrowserSecret,
) -> Result<WaitingEntryId, Forged> {
    let (entry, given) = token.split_once('.').ok_or(Forged)?;
    let entry: WaitingEntryId = entry.parse().map_err(|_| Forged)?;
    let expected = tag(vault, PLACE, &[event.to_string(), entry.to_string(), hex(&browser.hash())]);
    is_same(&expected, given).then_some(entry).ok_or(Forged)
}

/// What an admission says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// Who was let in.
    pub entry: WaitingEntryId,
    /// Before the next emergency stop only.
    pub epoch: i32,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Admission {
    fn parts(&self, event: EventId, browser_hash: &[u8; 32]) -> [String; 5] {
        let (epoch, expires) = (self.epoch.to_string(), self.expires_at.as_microsecond().to_string());
        [event.to_string(), self.entry.to_string(), epoch, expires, hex(browser_hash)]
    }

    /// The token of an admission.
    pub fn sign(&self, vault: &Vault, event: EventId, browser_hash: &[u8; 32]) -> String {
        let tag = tag(vault, ADMISSION, &self.parts(event, browser_hash));
        format!("{}.{}.{}.{tag}", self.entry, self.epoch, self.expires_at.as_microsecond())
    }

    /// Reads a token; whether it is still good is for its reader to decide.
    pub fn read(vault: &Vault, event: EventId, token: &str, browser: &BrowserSecret) -> Result<Self, Forged> {
        let mut parts = token.split('.');
        let mut next = || parts.next().ok_or(Forged);
        let (entry, epoch, expires, given) = (next()?, next()?, next()?, next()?);
        let microseconds: i64 = expires.parse().map_err(|_| Forged)?;
        let admission = Self {
            entry: entry.parse().map_err(|_| Forged)?,
            epoch: epoch.parse().map_err(|_| Forged)?,
            expires_at: Timestamp::from_microsecond(microseconds).map_err(|_| Forged)?,
        };
        let expected = tag(vault, ADMISSION, &admission.parts(event, &browser.hash()));
        (is_same(&expected, given) && parts.next().is_none()).then_some(admission).ok_or(Forged)
    }
}

fn tag(vault: &Vault, purpose: &str, parts: &[String]) -> String {
    let mac = vault.mac(purpose, parts.join("|").as_bytes());
    hex(mac.get(..TAG_BYTES).unwrap_or(&mac))
}

fn is_same(expected: &str, given: &str) -> bool {
    verify_slices_are_equal(expected.as_bytes(), given.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn event(number: u128) -> EventId {
        EventId::from(Uuid::from_u128(number))
    }

    fn admission() -> Admission {
        Admission {
            entry: WaitingEntryId::from(Uuid::from_u128(7)),
            epoch: 1,
            expires_at: "2026-12-01T10:10:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_token_is_good_for_its_event_and_its_browser_only() {
        let (vault, random) = (Vault::new([7; 32]), Random::seeded(1));
        let (mine, other) = (BrowserSecret::new(&random), BrowserSecret::new(&random));
        let token = admission().sign(&vault, event(1), &mine.hash());
        assert_eq!(Admission::read(&vault, event(1), &token, &mine), Ok(admission()));
        assert_eq!(Admission::read(&vault, event(1), &token, &other), Err(Forged));
        assert_eq!(Admission::read(&vault, event(2), &token, &mine), Err(Forged));
        assert_eq!(Admission::read(&Vault::new([8; 32]), event(1), &token, &mine), Err(Forged));
        let place = of_place(&vault, event(1), admission().entry, &mine.hash());
        assert_eq!(read_place(&vault, event(1), &place, &mine), Ok(admission().entry));
        assert_eq!(read_place(&vault, event(1), &place, &other), Err(Forged));
        assert_eq!(Admission::read(&vault, event(1), &place, &mine), Err(Forged));
    }

    #[test]
    fn a_longer_time_or_a_later_epoch_cannot_be_written_into_a_token() {
        let (vault, mine) = (Vault::new([7; 32]), BrowserSecret::new(&Random::seeded(1)));
        let token = admission().sign(&vault, event(1), &mine.hash());
        let tag = token.rsplit('.').next().unwrap();
        let later = admission().expires_at.as_microsecond() + 1;
        for forged in [
            format!("{}.1.{later}.{tag}", admission().entry),
            format!("{}.2.{}.{tag}", admission().entry, admission().expires_at.as_microsecond()),
            format!("{token}.x"),
            token.replace('.', "|"),
            String::new(),
        ] {
            assert_eq!(Admission::read(&vault, event(1), &forged, &mine), Err(Forged), "{forged}");
        }
    }

    proptest! {
        #[test]
        fn no_changed_character_goes_unnoticed(at in 0_usize..80, to in "[0-9a-z.]") {
            let (vault, mine) = (Vault::new([7; 32]), BrowserSecret::new(&Random::seeded(1)));
            let token = admission().sign(&vault, event(1), &mine.hash());
            let mut changed: Vec<char> = token.chars().collect();
            let at = at % changed.len();
            changed[at] = to.chars().next().unwrap();
            let changed: String = changed.into_iter().collect();
            prop_assume!(changed != token);
            prop_assert_eq!(Admission::read(&vault, event(1), &changed, &mine), Err(Forged));
        }
    }
}
