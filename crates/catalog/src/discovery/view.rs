//! A public event as the API shows it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use kernel::{Currency, EventId, OrganisationId, Slug, ZoneName};
use platform::Platform;
use serde::Serialize;

use super::discover::PublicSummary;
use super::public_event::PublicEvent;
use crate::event::lines::{place_lines, when_line};
use crate::event::model::{Attendance, Category, EventFacts, EventStatus};
use crate::event::view::{PictureView, given, public_url};
use crate::organiser::Organiser;

/// Who holds an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OrganiserView {
    /// The organisation's id.
    pub id: OrganisationId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Where attendees can write to.
    pub contact_email: String,
    /// Its public page.
    pub url: String,
}

impl OrganiserView {
    /// The view of an organiser.
    pub fn of(platform: &Platform, organiser: &Organiser) -> Self {
        Self {
            id: organiser.organisation,
            slug: organiser.slug.clone(),
            name: organiser.name.clone(),
            contact_email: organiser.contact_email.clone(),
            url: platform.url(&format!("/@{}", organiser.slug)),
        }
    }
}

/// An event of a public list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PublicSummaryView {
    /// Its id.
    pub id: EventId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name.
    pub title: String,
    /// One or two sentences.
    pub summary: Option<String>,
    /// What kind it is.
    pub category: Category,
    /// Published, unlisted or cancelled.
    pub status: EventStatus,
    /// The hue of its pages, 0 to 359.
    pub hue: i16,
    /// Its picture.
    pub cover: Option<PictureView>,
    /// What its tickets are sold in.
    pub currency: Currency,
    /// How people take part.
    pub attendance: Attendance,
    /// The name of the place.
    pub venue_name: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// The zone of the place.
    pub zone: ZoneName,
    /// The start on the wall, in the zone of the place.
    #[schema(value_type = String, example = "2027-03-12T19:00:00")]
    pub starts_local: DateTime,
    /// The end on the wall, in the zone of the place.
    #[schema(value_type = String, example = "2027-03-13T01:00:00")]
    pub ends_local: DateTime,
    /// The start on the time line.
    pub starts_at: Timestamp,
    /// The end on the time line.
    pub ends_at: Timestamp,
    /// When it takes place, in English words.
    pub when: String,
    /// Where it takes place, a line each.
    pub place: Vec<String>,
    /// Its public page.
    pub url: String,
    /// Who holds it.
    pub organiser: Option<OrganiserView>,
}

/// A public event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PublicEventView {
    /// Everything but the long text.
    #[serde(flatten)]
    pub summary: PublicSummaryView,
    /// The long text, in Markdown.
    pub description: Option<String>,
    /// The long text as safe HTML.
    pub description_html: String,
}

impl PublicSummaryView {
    /// The view of an event in a list.
    pub fn of(platform: &Platform, event: &PublicSummary) -> Self {
        Self::new(platform, &event.facts, event.organiser.as_ref())
    }

    fn new(platform: &Platform, facts: &EventFacts, organiser: Option<&Organiser>) -> Self {
        Self {
            id: facts.id,
            slug: facts.slug.clone(),
            title: facts.title.clone(),
            summary: given(&facts.summary),
            category: facts.category,
            status: facts.status,
            hue: facts.hue,
            cover: facts.cover.as_ref().map(|cover| PictureView::of(platform, cover)),
            currency: facts.currency,
            attendance: facts.attendance,
            venue_name: given(&facts.venue_name),
            address: given(&facts.address),
            city: given(&facts.city),
            country: given(&facts.country),
            zone: facts.zone.clone(),
            starts_local: facts.starts_local,
            ends_local: facts.ends_local,
            starts_at: facts.starts_at,
            ends_at: facts.ends_at,
            when: when_line(facts),
            place: place_lines(facts),
            url: public_url(platform, &facts.slug),
            organiser: organiser.map(|organiser| OrganiserView::of(platform, organiser)),
        }
    }
}

impl PublicEventView {
    /// The view of an event.
    pub fn of(platform: &Platform, event: &PublicEvent) -> Self {
        Self {
            summary: PublicSummaryView::new(platform, &event.facts, event.organiser.as_ref()),
            description: given(&event.description),
            description_html: event.description_html.clone(),
        }
    }
}
