//! A page as the API shows it.

use kernel::{OrganisationId, Slug};
use platform::Platform;
use serde::Serialize;

use super::model::Page;
use crate::event::markdown;
use crate::event::view::given;

/// The public page of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PageView {
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Where attendees can write to.
    pub contact_email: String,
    /// What it says of itself, in Markdown.
    pub about: Option<String>,
    /// The same as safe HTML.
    pub about_html: String,
    /// Its own website.
    pub website: Option<String>,
    /// The hue of its page, 0 to 359.
    pub hue: i16,
    /// Where the page is.
    pub url: String,
    /// Raised by one with every change; the `ETag` of the page.
    pub version: i64,
}

impl PageView {
    /// The view of a page.
    pub fn of(platform: &Platform, page: &Page) -> Self {
        Self {
            organisation_id: page.organisation,
            slug: page.slug.clone(),
            name: page.name.clone(),
            contact_email: page.contact_email.clone(),
            about: given(&page.about),
            about_html: markdown::to_html(&page.about),
            website: given(&page.website),
            hue: page.hue,
            url: platform.url(&format!("/@{}", page.slug)),
            version: page.version,
        }
    }
}
