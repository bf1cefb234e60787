//! What an event is: its states and how they change, its facts, its limits.

use jiff::Timestamp;
use jiff::civil::DateTime;
use kernel::{Currency, EventId, MediaId, OrganisationId, Slug, ZoneName};

use crate::word::words;

/// The longest title.
pub const TITLE_CHARACTERS_MAX: usize = 140;
/// The longest summary: what cards and search engines show.
pub const SUMMARY_CHARACTERS_MAX: usize = 280;
/// The longest description, in Markdown.
pub const DESCRIPTION_CHARACTERS_MAX: usize = 20_000;
/// The longest name of a venue.
pub const VENUE_NAME_CHARACTERS_MAX: usize = 120;
/// The longest street address.
pub const ADDRESS_CHARACTERS_MAX: usize = 200;
/// The longest name of a city.
pub const CITY_CHARACTERS_MAX: usize = 80;
/// The longest name of a country.
pub const COUNTRY_CHARACTERS_MAX: usize = 80;
/// The largest hue, in degrees of the OKLCH circle.
pub const HUE_DEGREES_MAX: i64 = 359;
/// The hue of those who chose none.
pub const HUE_DEGREES_DEFAULT: i16 = 264;
/// The longest event.
pub const EVENT_DAYS_MAX: i64 = 366;
/// The earliest year an event can be in.
pub const EVENT_YEAR_MIN: i16 = 1970;
/// The latest year an event can be in.
pub const EVENT_YEAR_MAX: i16 = 2199;

words! {
    /// Who can see an event.
    EventStatus {
        /// Its organisation alone.
        Draft = "draft",
        /// Everyone; it is listed.
        Published = "published",
        /// Everyone who has its address; it is not listed.
        Unlisted = "unlisted",
        /// Everyone who has its address; it does not take place.
        Cancelled = "cancelled",
    }
}

words! {
    /// How people take part.
    Attendance {
        /// At a place.
        InPerson = "in_person",
        /// By a link.
        Online = "online",
        /// Either way.
        Hybrid = "hybrid",
    }
}

words! {
    /// What kind of event it is, for the filters of the discover page.
    Category {
        /// Concerts, festivals, club nights.
        Music = "music",
        /// Conferences.
        Conference = "conference",
        /// Meetups.
        Meetup = "meetup",
        /// Workshops and classes.
        Workshop = "workshop",
        /// Sport.
        Sport = "sport",
        /// Theatre, dance, comedy.
        Theatre = "theatre",
        /// Parties.
        Party = "party",
        /// Everything else.
        Other = "other",
    }
}

impl EventStatus {
    /// Whether people outside the organisation can open it and, while tickets are on sale, buy.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Published | Self::Unlisted)
    }
}

impl Attendance {
    /// Whether people come to a place.
    pub fn has_place(self) -> bool {
        matches!(self, Self::InPerson | Self::Hybrid)
    }
    /// Whether people follow a link.
    pub fn has_link(self) -> bool {
        matches!(self, Self::Online | Self::Hybrid)
    }
}

/// The state of an event, with what exists only in that state.
///
/// `draft -> published | unlisted -> cancelled`; `published <-> unlisted`; back to `draft` while nothing is sold, which the box office
/// decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventState {
    /// Being written.
    Draft,
    /// Public and listed.
    Published {
        /// Since when it is public.
        at: Timestamp,
    },
    /// Public for those who have the address.
    Unlisted {
        /// Since when it is public.
        at: Timestamp,
    },
    /// Called off. Only what was announced can be called off.
    Cancelled {
        /// When it was made public.
        published_at: Timestamp,
        /// When it was called off.
        at: Timestamp,
    },
}

/// A cancelled event cannot become public again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsCancelled;

/// Why an event cannot be called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotCancel {
    /// It was never announced.
    IsDraft,
    /// It is called off already.
    IsCancelled,
}

impl EventState {
    /// Makes it public, listed or not. An event that is public already keeps the instant since when.
    pub fn publish(self, unlisted: bool, now: Timestamp) -> Result<Self, IsCancelled> {
        let at = match self {
            Self::Draft => now,
            Self::Published { at } | Self::Unlisted { at } => at,
            Self::Cancelled { .. } => return Err(IsCancelled),
        };
        Ok(if unlisted { Self::Unlisted { at } } else { Self::Published { at } })
    }

    /// Takes it back.
    pub fn unpublish(self) -> Result<Self, IsCancelled> {
        match self {
            Self::Draft | Self::Published { .. } | Self::Unlisted { .. } => Ok(Self::Draft),
            Self::Cancelled { .. } => Err(IsCancelled),
        }
    }

    /// Calls it off.
    pub fn cancel(self, now: Timestamp) -> Result<Self, CannotCancel> {
        match self {
            Self::Published { at } | Self::Unlisted { at } => Ok(Self::Cancelled { published_at: at, at: now }),
            Self::Draft => Err(CannotCancel::IsDraft),
            Self::Cancelled { .. } => Err(CannotCancel::IsCancelled),
        }
    }

    /// The word for the state.
    pub fn status(self) -> EventStatus {
        match self {
            Self::Draft => EventStatus::Draft,
            Self::Published { .. } => EventStatus::Published,
            Self::Unlisted { .. } => EventStatus::Unlisted,
            Self::Cancelled { .. } => EventStatus::Cancelled,
        }
    }

    /// Since when it is public.
    pub fn published_at(self) -> Option<Timestamp> {
        match self {
            Self::Draft => None,
            Self::Published { at } | Self::Unlisted { at } => Some(at),
            Self::Cancelled { published_at, .. } => Some(published_at),
        }
    }

    /// When it was called off.
    pub fn cancelled_at(self) -> Option<Timestamp> {
        match self {
            Self::Cancelled { at, .. } => Some(at),
            _ => None,
        }
    }
}

/// The picture of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// The upload.
    pub id: MediaId,
    /// Pixels across, of the upload.
    pub width: u32,
    /// Pixels down, of the upload.
    pub height: u32,
    /// The widths it is kept in, ascending.
    pub widths: Vec<u32>,
}

impl Cover {
    /// The address below the server's own of the largest variant that is at most so wide, else of the smallest.
    pub fn path(&self, width_max: u32) -> String {
        let width = self
            .widths
            .iter()
            .copied()
            .filter(|&width| width <= width_max)
            .max()
            .or_else(|| self.widths.iter().copied().min());
        variant_path(self.id, width.unwrap_or(width_max))
    }

    /// For the `srcset` of an image: `/media/med_.../400.webp 400w, ...`.
    pub fn srcset(&self) -> String {
        let variants: Vec<String> =
            self.widths.iter().map(|&width| format!("{} {width}w", variant_path(self.id, width))).collect();
        variants.join(", ")
    }
}

/// Where a variant of a picture is served, below the server's own address.
pub fn variant_path(media: MediaId, width: u32) -> String {
    format!("/media/{media}/{width}.webp")
}

/// When an event takes place: the wall time that was promised, its zone, and the instants that follow from both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTime {
    /// The zone of the place.
    pub zone: ZoneName,
    /// The start on the wall.
    pub starts_local: DateTime,
    /// The end on the wall.
    pub ends_local: DateTime,
    /// The start on the time line.
    pub starts_at: Timestamp,
    /// The end on the time line.
    pub ends_at: Timestamp,
}

/// What other contexts need to know of an event. Texts that were not given are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFacts {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Which it is.
    pub id: EventId,
    /// Its name in addresses: `/e/{slug}`.
    pub slug: Slug,
    /// Its name.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// What kind it is.
    pub category: Category,
    /// Who can see it.
    pub status: EventStatus,
    /// The hue of its pages, 0 to 359.
    pub hue: i16,
    /// Its picture.
    pub cover: Option<Cover>,
    /// What its tickets are sold in.
    pub currency: Currency,
    /// How people take part.
    pub attendance: Attendance,
    /// The name of the place.
    pub venue_name: String,
    /// Street and number.
    pub address: String,
    /// The city.
    pub city: String,
    /// The country.
    pub country: String,
    /// Where it happens online. For the organisation and for ticket holders only.
    pub online_url: String,
    /// The zone of the place.
    pub zone: ZoneName,
    /// The start on the wall.
    pub starts_local: DateTime,
    /// The end on the wall.
    pub ends_local: DateTime,
    /// The start on the time line.
    pub starts_at: Timestamp,
    /// The end on the time line.
    pub ends_at: Timestamp,
    /// Raised by one with every change.
    pub version: i64,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// An event as its organisation has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What other contexts may know.
    pub facts: EventFacts,
    /// Its state.
    pub state: EventState,
    /// The long text, in Markdown.
    pub description: String,
    /// When it was created.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_event_goes_from_draft_to_public_to_cancelled() {
        let (first, second, third) = (at("2027-01-01T10:00Z"), at("2027-01-02T10:00Z"), at("2027-01-03T10:00Z"));
        let published = EventState::Draft.publish(false, first).unwrap();
        assert_eq!(published, EventState::Published { at: first });
        let unlisted = published.publish(true, second).unwrap();
        assert_eq!(unlisted, EventState::Unlisted { at: first }, "it is public since the first time");
        assert_eq!(unlisted.publish(false, third), Ok(published));
        let cancelled = unlisted.cancel(third).unwrap();
        assert_eq!(cancelled, EventState::Cancelled { published_at: first, at: third });
        assert_eq!(cancelled.published_at(), Some(first));
        assert_eq!(published.unpublish(), Ok(EventState::Draft));
    }

    #[test]
    fn what_is_cancelled_stays_cancelled_and_drafts_cannot_be() {
        let now = at("2027-01-01T10:00Z");
        let cancelled = EventState::Cancelled { published_at: now, at: now };
        assert_eq!(cancelled.publish(false, now), Err(IsCancelled));
        assert_eq!(cancelled.unpublish(), Err(IsCancelled));
        assert_eq!(cancelled.cancel(now), Err(CannotCancel::IsCancelled));
        assert_eq!(EventState::Draft.cancel(now), Err(CannotCancel::IsDraft));
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        fn check<T>(all: &[T], word: impl Fn(T) -> &'static str)
        where
            T: Copy
                + PartialEq
                + std::fmt::Debug
                + serde::Serialize
                + std::str::FromStr<Err = kernel::right::UnknownWord>,
        {
            for &member in all {
                assert_eq!(word(member).parse(), Ok(member));
                assert_eq!(serde_json::to_value(member).unwrap(), word(member), "JSON and the database say the same");
            }
        }
        check(EventStatus::ALL, EventStatus::as_str);
        check(Attendance::ALL, Attendance::as_str);
        check(Category::ALL, Category::as_str);
        assert!("archived".parse::<EventStatus>().is_err());
    }

    #[test]
    fn a_cover_is_served_in_the_width_that_fits() {
        let id: MediaId = "med_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let cover = Cover { id, width: 1_000, height: 500, widths: vec![400, 800] };
        assert_eq!(cover.path(1_600), "/media/med_01h455vb4pex5vsknk084sn02q/800.webp");
        assert_eq!(cover.path(799), "/media/med_01h455vb4pex5vsknk084sn02q/400.webp");
        assert_eq!(cover.path(100), "/media/med_01h455vb4pex5vsknk084sn02q/400.webp");
    }
}
