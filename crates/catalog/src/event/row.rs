//! A row of an event, and how it is read.

use std::str::FromStr;

use jiff_sqlx::{DateTime, Timestamp};
use kernel::{Currency, EventId, OrganisationId, Slug, ZoneName};
use platform::Fault;
use uuid::Uuid;

use super::model::{Cover, Event, EventFacts, EventState, EventStatus};
use super::store::Held;
use crate::organiser::Organiser;

/// An event with its cover and its organiser, as they are stored.
pub(crate) struct EventRow {
    pub organisation_id: Uuid,
    pub id: Uuid,
    pub slug: String,
    pub title: String,
    pub summary: String,
    pub description: String,
    pub category: String,
    pub status: String,
    pub hue: i16,
    pub currency: String,
    pub attendance: String,
    pub venue_name: String,
    pub address: String,
    pub city: String,
    pub country: String,
    pub online_url: String,
    pub zone: String,
    pub starts_local: DateTime,
    pub ends_local: DateTime,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub published_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    pub cover_id: Option<Uuid>,
    pub cover_width: Option<i32>,
    pub cover_height: Option<i32>,
    pub cover_widths: Option<Vec<i32>>,
    pub organiser_slug: Option<String>,
    pub organiser_name: Option<String>,
    pub organiser_contact_email: Option<String>,
}

impl EventRow {
    /// The event and its organiser; a fault when the stored words are none of ours.
    pub fn read(self) -> Result<Held, Fault> {
        let state = self.state()?;
        let cover = self.cover();
        let organiser =
            organiser(self.organisation_id, self.organiser_slug, self.organiser_name, self.organiser_contact_email)?;
        let facts = EventFacts {
            organisation: OrganisationId::from(self.organisation_id),
            id: EventId::from(self.id),
            slug: Slug::parse(&self.slug).map_err(Fault::corrupt)?,
            title: self.title,
            summary: self.summary,
            category: word(&self.category)?,
            status: state.status(),
            hue: self.hue,
            cover,
            currency: Currency::parse(&self.currency).map_err(Fault::corrupt)?,
            attendance: word(&self.attendance)?,
            venue_name: self.venue_name,
            address: self.address,
            city: self.city,
            country: self.country,
            online_url: self.online_url,
            zone: ZoneName::parse(&self.zone).map_err(Fault::corrupt)?,
            starts_local: self.starts_local.to_jiff(),
            ends_local: self.ends_local.to_jiff(),
            starts_at: self.starts_at.to_jiff(),
            ends_at: self.ends_at.to_jiff(),
            version: self.version,
            updated_at: self.updated_at.to_jiff(),
        };
        let event = Event { facts, state, description: self.description, created_at: self.created_at.to_jiff() };
        Ok((event, organiser))
    }

    fn state(&self) -> Result<EventState, Fault> {
        let published_at = self.published_at.as_ref().map(|at| at.to_jiff());
        let cancelled_at = self.cancelled_at.as_ref().map(|at| at.to_jiff());
        match (word(&self.status)?, published_at, cancelled_at) {
            (EventStatus::Draft, None, None) => Ok(EventState::Draft),
            (EventStatus::Published, Some(at), None) => Ok(EventState::Published { at }),
            (EventStatus::Unlisted, Some(at), None) => Ok(EventState::Unlisted { at }),
            (EventStatus::Cancelled, Some(published_at), Some(at)) => Ok(EventState::Cancelled { published_at, at }),
            (status, ..) => Err(Fault::corrupt(format!("event {} is {status} with instants that do not fit", self.id))),
        }
    }

    fn cover(&self) -> Option<Cover> {
        let pixels = |number: i32| u32::try_from(number).ok();
        let widths = self.cover_widths.as_ref()?.iter().copied().filter_map(pixels).collect();
        Some(Cover {
            id: self.cover_id?.into(),
            width: pixels(self.cover_width?)?,
            height: pixels(self.cover_height?)?,
            widths,
        })
    }
}

fn organiser(
    organisation: Uuid,
    slug: Option<String>,
    name: Option<String>,
    contact_email: Option<String>,
) -> Result<Option<Organiser>, Fault> {
    let (Some(slug), Some(name), Some(contact_email)) = (slug, name, contact_email) else { return Ok(None) };
    Ok(Some(Organiser {
        organisation: organisation.into(),
        slug: Slug::parse(&slug).map_err(Fault::corrupt)?,
        name,
        contact_email,
    }))
}

fn word<T: FromStr>(text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::corrupt(format!("an event says {text}")))
}
