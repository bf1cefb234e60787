//! The public page of an organisation: what follows identity, and what the organisation writes itself.

use kernel::{Currency, OrganisationId, Slug, ZoneName};
use platform::InvalidFields;

use crate::event::fields::hue;
use crate::text::Complaints;

/// The longest text about an organisation, in Markdown.
pub const ABOUT_CHARACTERS_MAX: usize = 5_000;

/// The public page of an organisation. Texts that were not given are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Its name in addresses: `/@{slug}`.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Where attendees can write to.
    pub contact_email: String,
    /// What it usually sells in.
    pub currency: Currency,
    /// Where it usually is.
    pub time_zone: ZoneName,
    /// What it says of itself, in Markdown.
    pub about: String,
    /// Its own website.
    pub website: String,
    /// The hue of its page, 0 to 359.
    pub hue: i16,
    /// Raised by one with every change.
    pub version: i64,
}

/// What an organisation writes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFields {
    /// Markdown.
    pub about: String,
    /// A web address, or nothing.
    pub website: String,
    /// 0 to 359.
    pub hue: i16,
}

impl PageFields {
    /// Reads the fields; refuses with everything that is wrong with them.
    pub fn parse(about: &str, website: &str, degrees: i64) -> Result<Self, InvalidFields> {
        let mut complaints = Complaints::default();
        let about = complaints.lines("about", about, ABOUT_CHARACTERS_MAX);
        let website = complaints.link("website", website);
        let hue = hue(degrees, &mut complaints);
        complaints.refuse_any()?;
        Ok(Self { about, website, hue })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once() {
        let wrong = PageFields::parse(&"a".repeat(ABOUT_CHARACTERS_MAX + 1), "example", -1).unwrap_err();
        let fields: Vec<String> = wrong.0.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["about", "website", "hue"]);
        assert_eq!(
            PageFields::parse(" Hello ", "", 0),
            Ok(PageFields { about: "Hello".to_owned(), website: String::new(), hue: 0 })
        );
    }
}
