//! An event as lists show it.

use catalog::api::{Attendance, Cover, EventFacts, PublicSummary, date_eyebrow};

use crate::layout::hue_class;

/// The widest picture that a card shows, in pixels of a dense screen.
const CARD_PIXELS_MAX: u32 = 800;

/// A card.
#[derive(Debug, Clone)]
pub(crate) struct EventCard {
    pub url: String,
    pub hue_class: String,
    pub cover: Option<Picture>,
    pub starts_at: String,
    pub when: String,
    pub title: String,
    pub place: String,
    /// A word at the right, when the kind of place needs one.
    pub tag: &'static str,
}

/// A picture in the widths it is kept in.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub src: String,
    pub srcset: String,
    pub width: u32,
    pub height: u32,
}

impl Picture {
    /// A cover that is shown at most so wide.
    pub(crate) fn of(cover: &Cover, pixels_max: u32) -> Self {
        Self { src: cover.path(pixels_max), srcset: cover.srcset(), width: cover.width, height: cover.height }
    }
}

impl EventCard {
    /// The card of an event.
    pub(crate) fn of(event: &PublicSummary) -> Self {
        let facts = &event.facts;
        Self {
            url: format!("/e/{}", facts.slug),
            hue_class: hue_class(facts.hue),
            cover: facts.cover.as_ref().map(|cover| Picture::of(cover, CARD_PIXELS_MAX)),
            starts_at: facts.starts_at.to_string(),
            when: date_eyebrow(facts),
            title: facts.title.clone(),
            place: short_place(facts),
            tag: if facts.attendance == Attendance::Hybrid { "Also online" } else { "" },
        }
    }
}

/// `Pakhuis 14, Rotterdam`; `Online`.
pub(crate) fn short_place(facts: &EventFacts) -> String {
    if !facts.attendance.has_place() {
        return "Online".to_owned();
    }
    let words: Vec<&str> =
        [facts.venue_name.as_str(), facts.city.as_str()].into_iter().filter(|word| !word.is_empty()).collect();
    if words.is_empty() { facts.address.clone() } else { words.join(", ") }
}
