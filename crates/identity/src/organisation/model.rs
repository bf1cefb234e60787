//! What an organisation is. Pure.

use jiff::Timestamp;
use kernel::events::OrganisationProfile;
use kernel::{Currency, Email, OrganisationId, Role, Slug, ZoneName};
use serde::{Deserialize, Serialize};

use crate::label::Label;

/// Addresses that Turnout keeps for itself: its own paths, and words that would pass for its voice.
const RESERVED_SLUGS: [&str; 72] = [
    "about",
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "api",
    "app",
    "apps",
    "assets",
    "auth",
    "billing",
    "blog",
    "cart",
    "checkout",
    "contact",
    "dashboard",
    "demo",
    "dev",
    "discover",
    "docs",
    "door",
    "event",
    "events",
    "favicon",
    "feedback",
    "health",
    "help",
    "home",
    "info",
    "invitations",
    "jobs",
    "legal",
    "livez",
    "login",
    "logout",
    "mail",
    "me",
    "media",
    "metrics",
    "my",
    "new",
    "null",
    "official",
    "order",
    "orders",
    "organisation",
    "organisations",
    "organization",
    "pay",
    "payments",
    "press",
    "pricing",
    "privacy",
    "readyz",
    "root",
    "search",
    "security",
    "settings",
    "sign-in",
    "sign-out",
    "sign-up",
    "static",
    "status",
    "support",
    "system",
    "team",
    "terms",
    "tickets",
    "turnout",
    "webhooks",
    "www",
];

/// The name of an organisation in addresses: a slug that Turnout does not keep for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationSlug(Slug);

/// A text that no organisation may have in its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOrganisationSlug {
    /// It has the wrong characters.
    #[error("{0}")]
    NotASlug(kernel::text::NotASlug),
    /// It is a word of Turnout's own.
    #[error("this address is reserved; choose another one")]
    Reserved,
}

impl OrganisationSlug {
    /// Accepts a slug that is free to be given away.
    pub fn parse(text: &str) -> Result<Self, NotAnOrganisationSlug> {
        let slug = Slug::parse(text).map_err(NotAnOrganisationSlug::NotASlug)?;
        if RESERVED_SLUGS.contains(&slug.as_str()) { Err(NotAnOrganisationSlug::Reserved) } else { Ok(Self(slug)) }
    }

    /// Makes one of the organisation's name; `suffix` tells it from one that is taken or reserved.
    pub fn from_name(name: &Label, suffix: Option<&str>) -> Option<Self> {
        let slug = Slug::from_title(name.as_str());
        let slug = suffix.map_or_else(|| slug.clone(), |suffix| slug.with_suffix(suffix));
        Self::parse(slug.as_str()).ok()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<String> for OrganisationSlug {
    type Error = NotAnOrganisationSlug;
    fn try_from(text: String) -> Result<Self, NotAnOrganisationSlug> {
        Self::parse(&text)
    }
}
impl From<OrganisationSlug> for String {
    fn from(slug: OrganisationSlug) -> Self {
        slug.0.into()
    }
}
impl From<OrganisationSlug> for Slug {
    fn from(slug: OrganisationSlug) -> Self {
        slug.0
    }
}
impl utoipa::PartialSchema for OrganisationSlug {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        Slug::schema()
    }
}
impl utoipa::ToSchema for OrganisationSlug {}

/// What others may know of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationFacts {
    /// Which.
    pub id: OrganisationId,
    /// The name in addresses.
    pub slug: Slug,
    /// The name on pages.
    pub name: Label,
    /// Where attendees can write to.
    pub contact_email: Email,
    /// What it usually sells in.
    pub currency: Currency,
    /// Where it usually is.
    pub time_zone: ZoneName,
    /// Raised by one with each edit.
    pub version: i64,
    /// Since when.
    pub created_at: Timestamp,
}

impl OrganisationFacts {
    /// What the journal tells the other contexts.
    pub fn profile(&self) -> OrganisationProfile {
        OrganisationProfile {
            slug: self.slug.clone(),
            name: self.name.to_string(),
            contact_email: self.contact_email.to_string(),
            currency: self.currency,
            time_zone: self.time_zone.clone(),
        }
    }
}

/// An organisation as its members see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OrganisationView {
    /// Which.
    pub id: OrganisationId,
    /// The name in addresses.
    pub slug: Slug,
    /// The name on pages.
    pub name: Label,
    /// Where attendees can write to; shown on tickets and public pages.
    pub contact_email: Email,
    /// What it usually sells in.
    pub currency: Currency,
    /// Where it usually is.
    pub time_zone: ZoneName,
    /// Since when.
    pub created_at: Timestamp,
    /// What I am in it; null for an API key.
    pub role: Option<Role>,
}

impl OrganisationView {
    /// The view for someone with this role.
    pub fn new(facts: OrganisationFacts, role: Option<Role>) -> Self {
        Self {
            id: facts.id,
            slug: facts.slug,
            name: facts.name,
            contact_email: facts.contact_email,
            currency: facts.currency,
            time_zone: facts.time_zone,
            created_at: facts.created_at,
            role,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_turnouts_own_are_not_given_away() {
        assert!(OrganisationSlug::parse("blue-harbour").is_ok());
        for reserved in RESERVED_SLUGS {
            assert_eq!(OrganisationSlug::parse(reserved), Err(NotAnOrganisationSlug::Reserved), "{reserved}");
        }
        assert!(matches!(OrganisationSlug::parse("Blue Harbour"), Err(NotAnOrganisationSlug::NotASlug(_))));
        assert!(RESERVED_SLUGS.is_sorted(), "keep the list in order, so that it is easy to read");
    }

    #[test]
    fn a_name_becomes_an_address() {
        let name = |text: &str| Label::parse(text).unwrap();
        let slug = |text: &str, suffix| OrganisationSlug::from_name(&name(text), suffix).map(String::from);
        assert_eq!(slug("Blue Harbour", None), Some("blue-harbour".to_owned()));
        assert_eq!(slug("Admin", None), None);
        assert_eq!(slug("Admin", Some("k3f9")), Some("admin-k3f9".to_owned()));
        assert_eq!(slug("東京", Some("k3f9")), Some("event-k3f9".to_owned()));
    }
}
