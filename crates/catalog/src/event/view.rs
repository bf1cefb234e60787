//! An event as the API shows it to its organisation.

use jiff::Timestamp;
use jiff::civil::DateTime;
use kernel::{Currency, EventId, MediaId, OrganisationId, Slug, ZoneName};
use platform::Platform;
use serde::Serialize;

use super::markdown;
use super::model::{Attendance, Category, Cover, Event, EventFacts, EventStatus, variant_path};

/// A picture and where its variants are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PictureView {
    /// Its id, for `cover_id`.
    pub id: MediaId,
    /// The address of the largest variant.
    pub url: String,
    /// Pixels across, of the upload.
    pub width: u32,
    /// Pixels down, of the upload.
    pub height: u32,
    /// Every variant, the narrowest first.
    pub variants: Vec<VariantView>,
}

/// One size of a picture, as WebP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct VariantView {
    /// Pixels across.
    pub width: u32,
    /// Where it is served.
    pub url: String,
}

impl PictureView {
    /// The view of a cover.
    pub fn of(platform: &Platform, cover: &Cover) -> Self {
        let variants = cover
            .widths
            .iter()
            .map(|&width| VariantView { width, url: platform.url(&variant_path(cover.id, width)) })
            .collect();
        Self {
            id: cover.id,
            url: platform.url(&cover.path(u32::MAX)),
            width: cover.width,
            height: cover.height,
            variants,
        }
    }
}

/// An event in a list: everything but its long text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EventSummaryView {
    /// Its id.
    pub id: EventId,
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name.
    pub title: String,
    /// One or two sentences.
    pub summary: Option<String>,
    /// What kind it is.
    pub category: Category,
    /// Who can see it.
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
    /// Where it happens online; ticket holders get it.
    pub online_url: Option<String>,
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
    /// Its public page.
    pub url: String,
    /// Raised by one with every change; the `ETag` of the event.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Since when it is public.
    pub published_at: Option<Timestamp>,
    /// When it was called off.
    pub cancelled_at: Option<Timestamp>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EventView {
    /// Everything but the long text.
    #[serde(flatten)]
    pub summary: EventSummaryView,
    /// The long text, in Markdown.
    pub description: Option<String>,
    /// The long text as safe HTML.
    pub description_html: String,
}

/// The address of an event's public page.
pub(crate) fn public_url(platform: &Platform, slug: &Slug) -> String {
    platform.url(&format!("/e/{slug}"))
}

/// A text, or nothing when it was not given.
pub(crate) fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl EventSummaryView {
    /// The view of an event.
    pub fn of(platform: &Platform, event: &Event) -> Self {
        let facts: &EventFacts = &event.facts;
        Self {
            id: facts.id,
            organisation_id: facts.organisation,
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
            online_url: given(&facts.online_url),
            zone: facts.zone.clone(),
            starts_local: facts.starts_local,
            ends_local: facts.ends_local,
            starts_at: facts.starts_at,
            ends_at: facts.ends_at,
            url: public_url(platform, &facts.slug),
            version: facts.version,
            created_at: event.created_at,
            updated_at: facts.updated_at,
            published_at: event.state.published_at(),
            cancelled_at: event.state.cancelled_at(),
        }
    }
}

impl EventView {
    /// The view of an event.
    pub fn of(platform: &Platform, event: &Event) -> Self {
        Self {
            summary: EventSummaryView::of(platform, event),
            description: given(&event.description),
            description_html: markdown::to_html(&event.description),
        }
    }
}
