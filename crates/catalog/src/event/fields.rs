//! The facts of an event as its organisation writes them, read with every complaint told at once.

use platform::InvalidFields;

use super::model::{
    ADDRESS_CHARACTERS_MAX, Attendance, CITY_CHARACTERS_MAX, COUNTRY_CHARACTERS_MAX, Category,
    DESCRIPTION_CHARACTERS_MAX, Event, EventTime, HUE_DEGREES_DEFAULT, HUE_DEGREES_MAX, SUMMARY_CHARACTERS_MAX,
    TITLE_CHARACTERS_MAX, VENUE_NAME_CHARACTERS_MAX,
};
use super::readiness::readiness_of;
use super::time::RawTime;
use crate::text::Complaints;

/// What was written, not yet looked at. Empty texts mean "not given".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFields {
    /// Its name.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// What kind it is.
    pub category: Category,
    /// 0 to 359.
    pub hue: i64,
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
    /// Where it happens online.
    pub online_url: String,
    /// When it takes place.
    pub time: RawTime,
}

/// What was written, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFields {
    /// Its name.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// What kind it is.
    pub category: Category,
    /// 0 to 359.
    pub hue: i16,
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
    /// Where it happens online.
    pub online_url: String,
    /// When it takes place.
    pub time: EventTime,
}

impl EventFields {
    /// Reads the fields; refuses with everything that is wrong with them.
    pub fn parse(raw: &RawFields) -> Result<Self, InvalidFields> {
        let (fields, complaints) = Self::read(raw);
        complaints.refuse_any()?;
        fields.ok_or_else(|| InvalidFields(Vec::new()))
    }

    /// The fields, as far as there are any, and the complaints, for callers that have more to complain about.
    pub(crate) fn read(raw: &RawFields) -> (Option<Self>, Complaints) {
        let mut complaints = Complaints::default();
        let title = complaints.line("title", &raw.title, TITLE_CHARACTERS_MAX);
        if title.is_empty() {
            complaints.add("title", "required", "Give the event a title.");
        }
        let hue = hue(raw.hue, &mut complaints);
        let time = EventTime::parse(&raw.time).map_err(|wrong| complaints.extend(wrong)).ok();
        let texts = Texts::read(raw, &mut complaints);
        let fields = time.map(|time| Self {
            title,
            summary: texts.summary,
            description: texts.description,
            category: raw.category,
            hue,
            attendance: raw.attendance,
            venue_name: texts.venue_name,
            address: texts.address,
            city: texts.city,
            country: texts.country,
            online_url: texts.online_url,
            time,
        });
        (fields, complaints)
    }

    /// The fields of an event that exists.
    pub fn of(event: &Event) -> Self {
        let facts = event.facts.clone();
        Self {
            title: facts.title,
            summary: facts.summary,
            description: event.description.clone(),
            category: facts.category,
            hue: facts.hue,
            attendance: facts.attendance,
            venue_name: facts.venue_name,
            address: facts.address,
            city: facts.city,
            country: facts.country,
            online_url: facts.online_url,
            time: EventTime {
                zone: facts.zone,
                starts_local: facts.starts_local,
                ends_local: facts.ends_local,
                starts_at: facts.starts_at,
                ends_at: facts.ends_at,
            },
        }
    }

    /// What an open event may not lose by an edit: the same rules that gate its publication.
    pub(crate) fn complain_unless_ready(&self, complaints: &mut Complaints) {
        for item in readiness_of(self.attendance, &self.venue_name, &self.address, &self.online_url) {
            if !item.ok {
                let field = if item.code == "place" { "venue_name" } else { "online_url" };
                complaints.add(field, "needed_while_public", item.text);
            }
        }
    }

    /// The names of the fields that differ.
    pub fn changed_from(&self, before: &Self) -> Vec<String> {
        let differences = [
            ("title", self.title != before.title),
            ("summary", self.summary != before.summary),
            ("description", self.description != before.description),
            ("category", self.category != before.category),
            ("hue", self.hue != before.hue),
            ("attendance", self.attendance != before.attendance),
            ("venue_name", self.venue_name != before.venue_name),
            ("address", self.address != before.address),
            ("city", self.city != before.city),
            ("country", self.country != before.country),
            ("online_url", self.online_url != before.online_url),
            ("zone", self.time.zone != before.time.zone),
            ("starts_local", self.time.starts_local != before.time.starts_local),
            ("ends_local", self.time.ends_local != before.time.ends_local),
        ];
        differences.into_iter().filter(|&(_, differs)| differs).map(|(name, _)| name.to_owned()).collect()
    }
}

impl From<EventFields> for RawFields {
    fn from(fields: EventFields) -> Self {
        Self {
            title: fields.title,
            summary: fields.summary,
            description: fields.description,
            category: fields.category,
            hue: i64::from(fields.hue),
            attendance: fields.attendance,
            venue_name: fields.venue_name,
            address: fields.address,
            city: fields.city,
            country: fields.country,
            online_url: fields.online_url,
            time: RawTime {
                starts_local: fields.time.starts_local.to_string(),
                ends_local: fields.time.ends_local.to_string(),
                zone: fields.time.zone.as_str().to_owned(),
            },
        }
    }
}

struct Texts {
    summary: String,
    description: String,
    venue_name: String,
    address: String,
    city: String,
    country: String,
    online_url: String,
}

impl Texts {
    fn read(raw: &RawFields, complaints: &mut Complaints) -> Self {
        Self {
            summary: complaints.line("summary", &raw.summary, SUMMARY_CHARACTERS_MAX),
            description: complaints.lines("description", &raw.description, DESCRIPTION_CHARACTERS_MAX),
            venue_name: complaints.line("venue_name", &raw.venue_name, VENUE_NAME_CHARACTERS_MAX),
            address: complaints.line("address", &raw.address, ADDRESS_CHARACTERS_MAX),
            city: complaints.line("city", &raw.city, CITY_CHARACTERS_MAX),
            country: complaints.line("country", &raw.country, COUNTRY_CHARACTERS_MAX),
            online_url: complaints.link("online_url", &raw.online_url),
        }
    }
}

/// A hue within the circle; the default stands in for one that was complained about.
pub(crate) fn hue(degrees: i64, complaints: &mut Complaints) -> i16 {
    match i16::try_from(degrees) {
        Ok(hue) if (0..=HUE_DEGREES_MAX).contains(&degrees) => hue,
        _ => {
            complaints.add("hue", "out_of_range", format!("Use a number from 0 to {HUE_DEGREES_MAX}."));
            HUE_DEGREES_DEFAULT
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A concert at a place.
    pub(crate) fn concert() -> RawFields {
        RawFields {
            title: "  Blue Harbour Jazz ".to_owned(),
            summary: String::new(),
            description: "Three nights.\r\n\r\nBring a coat.".to_owned(),
            category: Category::Music,
            hue: 12,
            attendance: Attendance::InPerson,
            venue_name: "Pakhuis 14".to_owned(),
            address: "Rijnhaven 14".to_owned(),
            city: "Rotterdam".to_owned(),
            country: "Netherlands".to_owned(),
            online_url: String::new(),
            time: RawTime {
                starts_local: "2027-03-12T19:00".to_owned(),
                ends_local: "2027-03-13T01:00".to_owned(),
                zone: "Europe/Amsterdam".to_owned(),
            },
        }
    }

    #[test]
    fn fields_are_tidied() {
        let fields = EventFields::parse(&concert()).unwrap();
        assert_eq!(fields.title, "Blue Harbour Jazz");
        assert_eq!(fields.description, "Three nights.\n\nBring a coat.");
        assert_eq!(EventFields::parse(&fields.clone().into()), Ok(fields), "reading again changes nothing");
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let raw = RawFields {
            title: " ".to_owned(),
            summary: "s".repeat(SUMMARY_CHARACTERS_MAX + 1),
            description: "d".repeat(DESCRIPTION_CHARACTERS_MAX + 1),
            hue: 360,
            venue_name: "two\nlines".to_owned(),
            online_url: "javascript:alert(1)".to_owned(),
            time: RawTime::default(),
            ..concert()
        };
        let wrong: Vec<(String, String)> =
            EventFields::parse(&raw).unwrap_err().0.into_iter().map(|error| (error.field, error.code)).collect();
        let expected = [
            ("title", "required"),
            ("hue", "out_of_range"),
            ("zone", "not_a_zone"),
            ("starts_local", "required"),
            ("ends_local", "required"),
            ("summary", "too_long"),
            ("description", "too_long"),
            ("venue_name", "not_one_line"),
            ("online_url", "not_a_link"),
        ];
        assert_eq!(wrong, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    }

    #[test]
    fn limits_count_characters_and_not_bytes() {
        let exact = RawFields { title: "é".repeat(TITLE_CHARACTERS_MAX), ..concert() };
        assert!(EventFields::parse(&exact).is_ok());
        let long = RawFields { title: "é".repeat(TITLE_CHARACTERS_MAX + 1), ..concert() };
        assert!(EventFields::parse(&long).is_err());
    }

    #[test]
    fn changes_are_named() {
        let before = EventFields::parse(&concert()).unwrap();
        let mut raw = concert();
        raw.city = "Delft".to_owned();
        raw.time.ends_local = "2027-03-13T02:00".to_owned();
        let after = EventFields::parse(&raw).unwrap();
        assert_eq!(after.changed_from(&before), ["city", "ends_local"]);
        assert!(before.changed_from(&before).is_empty());
    }
}
