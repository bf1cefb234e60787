//! Who holds an event, as its pages and tickets say it.

use kernel::{OrganisationId, Slug};

/// The public face of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organiser {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// Its name in addresses: `/@{slug}`.
    pub slug: Slug,
    /// Its name on pages.
    pub name: String,
    /// Where attendees can write to.
    pub contact_email: String,
}
