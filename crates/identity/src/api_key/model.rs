//! The rules of API keys. Pure.

use jiff::{SignedDuration, Timestamp};
use kernel::{AccountId, ApiKeyId, OrganisationId, Right};
use serde::Serialize;

use crate::label::Label;

/// What API keys begin with.
pub const TOKEN_PREFIX: &str = "tk";
/// Live keys of one organisation.
pub const API_KEYS_PER_ORGANISATION_MAX: i64 = 100;
/// How exactly the last use is known.
const LAST_USED_MINUTES: i64 = 5;

/// A key, as it is stored.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Which.
    pub id: ApiKeyId,
    /// Whose.
    pub organisation: OrganisationId,
    /// What people call it.
    pub name: Label,
    /// The last characters of the key, by which people know it again.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Right>,
    /// Who made it.
    pub created_by: AccountId,
    /// When.
    pub created_at: Timestamp,
    /// Last use, to five minutes.
    pub last_used_at: Option<Timestamp>,
    /// Until when it is good; for ever when none.
    pub expires_at: Option<Timestamp>,
    /// When it was made useless.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it still opens anything.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether its last use should be written down again.
    pub fn is_due_for_touch(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|at| now.duration_since(at) >= SignedDuration::from_mins(LAST_USED_MINUTES))
    }
}

/// A key as those who manage keys see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ApiKeyView {
    /// Which.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: Label,
    /// The last characters of the key.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Right>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last use, to five minutes; null when never.
    pub last_used_at: Option<Timestamp>,
    /// Until when it is good; null for ever.
    pub expires_at: Option<Timestamp>,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            hint: key.hint,
            scopes: key.scopes,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_when_it_expires_or_is_revoked() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let key = ApiKey {
            id: uuid::Uuid::from_u128(1).into(),
            organisation: uuid::Uuid::from_u128(2).into(),
            name: Label::parse("cash desk").unwrap(),
            hint: "k3f9".to_owned(),
            scopes: vec![Right::ViewOrders],
            created_by: uuid::Uuid::from_u128(3).into(),
            created_at: at("2027-01-01T00:00:00Z"),
            last_used_at: None,
            expires_at: Some(at("2027-02-01T00:00:00Z")),
            revoked_at: None,
        };
        assert!(key.is_live(at("2027-01-31T23:59:59Z")));
        assert!(!key.is_live(at("2027-02-01T00:00:00Z")));
        assert!(key.is_due_for_touch(at("2027-01-01T00:00:00Z")));
        let revoked = ApiKey { revoked_at: Some(at("2027-01-02T00:00:00Z")), ..key.clone() };
        assert!(!revoked.is_live(at("2027-01-03T00:00:00Z")));
        let eternal = ApiKey { expires_at: None, last_used_at: Some(at("2027-01-01T00:00:00Z")), ..key };
        assert!(eternal.is_live(at("2099-01-01T00:00:00Z")));
        assert!(!eternal.is_due_for_touch(at("2027-01-01T00:04:59Z")));
    }
}
