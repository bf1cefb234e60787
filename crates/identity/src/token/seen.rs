//! Access tokens verified a moment ago, so that a busy client costs no signature check and no query for each request.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use kernel::{AccountId, SessionId};

/// A verified token is believed so long without another look at its session: the delay with which a revocation takes effect.
pub const BELIEVED_SECONDS: i64 = 30;
/// Tokens remembered at once.
const TOKENS_MAX: usize = 10_000;

/// Who a token was found to speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Speaker {
    pub account: AccountId,
    pub session: SessionId,
}

/// The tokens of the last moments, by their SHA-256.
#[derive(Default)]
pub(crate) struct Seen(Mutex<HashMap<[u8; 32], (Speaker, Timestamp)>>);

impl Seen {
    /// Finds who a token speaks for, if it was verified a moment ago.
    pub fn find(&self, token_hash: &[u8; 32], now: Timestamp) -> Option<Speaker> {
        let tokens = self.0.lock().ok()?;
        tokens.get(token_hash).filter(|(_, until)| now < *until).map(|(speaker, _)| *speaker)
    }

    /// Remembers a token for a moment, never beyond its own end.
    pub fn keep(&self, token_hash: [u8; 32], speaker: Speaker, now: Timestamp, expires_at: Timestamp) {
        let until = now.saturating_add(SignedDuration::from_secs(BELIEVED_SECONDS)).unwrap_or(now).min(expires_at);
        let Ok(mut tokens) = self.0.lock() else { return };
        if tokens.len() >= TOKENS_MAX {
            tokens.retain(|_, (_, until)| now < *until);
        }
        if tokens.len() < TOKENS_MAX {
            tokens.insert(token_hash, (speaker, until));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_believed_for_half_a_minute_and_not_beyond_its_end() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let speaker = Speaker { account: uuid::Uuid::from_u128(1).into(), session: uuid::Uuid::from_u128(2).into() };
        let seen = Seen::default();
        let now = at("2027-01-01T00:00:00Z");
        seen.keep([1; 32], speaker, now, at("2027-01-01T00:15:00Z"));
        seen.keep([2; 32], speaker, now, at("2027-01-01T00:00:05Z"));
        assert_eq!(seen.find(&[1; 32], at("2027-01-01T00:00:29Z")), Some(speaker));
        assert_eq!(seen.find(&[1; 32], at("2027-01-01T00:00:30Z")), None);
        assert_eq!(seen.find(&[2; 32], at("2027-01-01T00:00:04Z")), Some(speaker));
        assert_eq!(seen.find(&[2; 32], at("2027-01-01T00:00:05Z")), None);
        assert_eq!(seen.find(&[3; 32], now), None);
    }
}
