//! The rules of sessions. Pure.

use jiff::{SignedDuration, Timestamp};
use kernel::right::UnknownWord;
use kernel::{AccountId, SessionId};
use serde::Serialize;

/// A session ends after this, however much it is used.
pub const SESSION_TTL_DAYS: i64 = 30;
/// A session ends when it was not used for so long.
pub const SESSION_IDLE_DAYS: i64 = 14;
/// How exactly the last use is known: it is written at most so often.
pub const LAST_SEEN_MINUTES: i64 = 5;
/// Live sessions of one account; a new one beyond ends the one unused for longest.
pub const SESSIONS_PER_ACCOUNT_MAX: i64 = 50;

/// How a session is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// By a cookie.
    Browser,
    /// By access and refresh tokens.
    Api,
}

impl SessionKind {
    /// The word kept in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Api => "api",
        }
    }
}
impl std::str::FromStr for SessionKind {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "browser" => Ok(Self::Browser),
            "api" => Ok(Self::Api),
            _ => Err(UnknownWord),
        }
    }
}

/// A session, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// How it is carried.
    pub kind: SessionKind,
    /// What the client said it is.
    pub user_agent: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Last use, to five minutes.
    pub last_seen_at: Timestamp,
    /// Until when at most.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
}

impl Session {
    /// Whether it still signs anybody in.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at && self.last_seen_at > idle_since(now)
    }

    /// Whether its last use should be written down again.
    pub fn is_due_for_touch(&self, now: Timestamp) -> bool {
        now.duration_since(self.last_seen_at) >= SignedDuration::from_mins(LAST_SEEN_MINUTES)
    }
}

/// When a session that begins now ends at the latest.
pub fn expiry(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(24 * SESSION_TTL_DAYS)).unwrap_or(now)
}

/// Sessions last used before this have ended.
pub fn idle_since(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(24 * SESSION_IDLE_DAYS)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_session_ends_by_age_by_idleness_and_by_hand() {
        let session = Session {
            id: SessionId::from(uuid::Uuid::from_u128(1)),
            account: AccountId::from(uuid::Uuid::from_u128(2)),
            kind: SessionKind::Browser,
            user_agent: String::new(),
            created_at: at("2027-01-01T00:00:00Z"),
            last_seen_at: at("2027-01-01T00:00:00Z"),
            expires_at: expiry(at("2027-01-01T00:00:00Z")),
            revoked_at: None,
        };
        assert_eq!(session.expires_at, at("2027-01-31T00:00:00Z"));
        assert!(session.is_live(at("2027-01-14T23:59:59Z")));
        assert!(!session.is_live(at("2027-01-15T00:00:00Z")));
        let busy = Session { last_seen_at: at("2027-01-30T23:00:00Z"), ..session.clone() };
        assert!(busy.is_live(at("2027-01-30T23:59:59Z")));
        assert!(!busy.is_live(at("2027-01-31T00:00:00Z")));
        let revoked = Session { revoked_at: Some(at("2027-01-02T00:00:00Z")), ..session.clone() };
        assert!(!revoked.is_live(at("2027-01-02T00:00:01Z")));
        assert!(!session.is_due_for_touch(at("2027-01-01T00:04:59Z")));
        assert!(session.is_due_for_touch(at("2027-01-01T00:05:00Z")));
    }
}
