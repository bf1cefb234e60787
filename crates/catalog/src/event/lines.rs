//! When and where, in words: the same lines on pages, tickets and mails.

use jiff::civil::{Date, DateTime, Time};
use kernel::WallClock;

use super::model::EventFacts;

/// An end until this hour of the next morning still belongs to the evening before.
const NIGHT_ENDS_AT: Time = Time::constant(8, 0, 0, 0);

/// `Fri 12 March 2027, 19:00–01:00 CET`; over several days `Fri 12 – Sun 14 March 2027`.
pub fn when_line(event: &EventFacts) -> String {
    match times_line(event) {
        Some(times) => format!("{}, {times}", dates_line(event)),
        None => dates_line(event),
    }
}

/// For a card: `Fri 12 Mar, 19:00`; over several days `Fri 12 – Sun 14 Mar`.
pub fn date_eyebrow(event: &EventFacts) -> String {
    let (first, last) = days(event);
    if first == last {
        return format!("{}, {}", first.strftime("%a %-d %b"), event.starts_local.strftime("%H:%M"));
    }
    span(first, last, "%b", "")
}

/// The days alone: `Fri 12 March 2027`, `Fri 12 – Sun 14 March 2027`.
pub fn dates_line(event: &EventFacts) -> String {
    let (first, last) = days(event);
    if first == last { first.strftime("%a %-d %B %Y").to_string() } else { span(first, last, "%B", " %Y") }
}

/// The times of an event of one day or night: `19:00–01:00 CET`.
pub fn times_line(event: &EventFacts) -> Option<String> {
    let (first, last) = days(event);
    (first == last).then(|| {
        format!(
            "{}–{} {}",
            event.starts_local.strftime("%H:%M"),
            event.ends_local.strftime("%H:%M"),
            zone_letters(event)
        )
    })
}

/// Where, a line each: `Pakhuis 14`, `Rijnhaven 14`, `Rotterdam, Netherlands`; `Online` when there is a link.
pub fn place_lines(event: &EventFacts) -> Vec<String> {
    let mut lines = Vec::new();
    if event.attendance.has_place() {
        let town: Vec<&str> =
            [event.city.as_str(), event.country.as_str()].into_iter().filter(|word| !word.is_empty()).collect();
        lines.extend(
            [event.venue_name.clone(), event.address.clone(), town.join(", ")]
                .into_iter()
                .filter(|line| !line.is_empty()),
        );
    }
    if event.attendance.has_link() {
        lines.push(if event.attendance.has_place() { "Also online" } else { "Online" }.to_owned());
    }
    lines
}

/// The first and the last day that people would name. A night belongs to the day it began on.
fn days(event: &EventFacts) -> (Date, Date) {
    let (starts, ends) = (event.starts_local, event.ends_local);
    let eve = ends.date().yesterday().unwrap_or(ends.date());
    let is_night = ends.time() == Time::midnight()
        || (eve == starts.date() && ends.time() <= NIGHT_ENDS_AT && ends.time() < starts.time());
    let last = if is_night && ends.date() > starts.date() { eve } else { ends.date() };
    (starts.date(), last.max(starts.date()))
}

/// Two days with what they share said once.
fn span(first: Date, last: Date, month: &str, year: &str) -> String {
    let day = "%a %-d";
    let whole = format!("{day} {month}{year}");
    let opening = match (first.year() == last.year(), first.month() == last.month()) {
        (true, true) => day.to_owned(),
        (true, false) => format!("{day} {month}"),
        (false, _) => whole.clone(),
    };
    format!("{} – {}", first.strftime(&opening), last.strftime(&whole))
}

/// The letters of the zone at the start: `CET`; where it has none, its offset: `GMT-3`, `GMT+5:45`.
fn zone_letters(event: &EventFacts) -> String {
    let Some(start) = start_in_zone(event.starts_local, event) else { return event.zone.to_string() };
    let letters = start.strftime("%Z").to_string();
    if letters.chars().all(|letter| letter.is_ascii_alphabetic()) {
        return letters;
    }
    let minutes = start.offset().seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    if rest == 0 { format!("GMT{sign}{hours}") } else { format!("GMT{sign}{hours}:{rest:02}") }
}

fn start_in_zone(local: DateTime, event: &EventFacts) -> Option<jiff::Zoned> {
    WallClock { local, zone: event.zone.clone() }.zoned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::event::model::{Attendance, Category, EventStatus, EventTime};
    use crate::event::time::RawTime;
    use kernel::{Currency, Slug};

    /// A published concert at these times.
    pub(crate) fn facts(starts: &str, ends: &str, zone: &str) -> EventFacts {
        let time = EventTime::parse(&RawTime {
            starts_local: starts.to_owned(),
            ends_local: ends.to_owned(),
            zone: zone.to_owned(),
        })
        .unwrap();
        EventFacts {
            organisation: "org_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
            id: "evt_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
            slug: Slug::parse("blue-harbour-jazz").unwrap(),
            title: "Blue Harbour Jazz".to_owned(),
            summary: "Three nights by the water.".to_owned(),
            category: Category::Music,
            status: EventStatus::Published,
            hue: 12,
            cover: None,
            currency: Currency::parse("EUR").unwrap(),
            attendance: Attendance::InPerson,
            venue_name: "Pakhuis 14".to_owned(),
            address: "Rijnhaven 14".to_owned(),
            city: "Rotterdam".to_owned(),
            country: "Netherlands".to_owned(),
            online_url: String::new(),
            zone: time.zone,
            starts_local: time.starts_local,
            ends_local: time.ends_local,
            starts_at: time.starts_at,
            ends_at: time.ends_at,
            version: 1,
            updated_at: "2027-01-01T10:00Z".parse().unwrap(),
        }
    }

    fn both(starts: &str, ends: &str, zone: &str) -> (String, String) {
        let event = facts(starts, ends, zone);
        (when_line(&event), date_eyebrow(&event))
    }
    fn pair(when: &str, eyebrow: &str) -> (String, String) {
        (when.to_owned(), eyebrow.to_owned())
    }

    #[test]
    fn a_night_belongs_to_its_evening() {
        let zone = "Europe/Amsterdam";
        assert_eq!(
            both("2027-03-12T19:00", "2027-03-13T01:00", zone),
            pair("Fri 12 March 2027, 19:00–01:00 CET", "Fri 12 Mar, 19:00")
        );
        assert_eq!(
            both("2027-07-03T20:00", "2027-07-04T00:00", zone),
            pair("Sat 3 July 2027, 20:00–00:00 CEST", "Sat 3 Jul, 20:00")
        );
        assert_eq!(
            both("2027-07-03T09:30", "2027-07-03T17:00", zone),
            pair("Sat 3 July 2027, 09:30–17:00 CEST", "Sat 3 Jul, 09:30")
        );
    }

    #[test]
    fn several_days_are_told_by_the_first_and_the_last() {
        let zone = "Europe/Amsterdam";
        assert_eq!(
            both("2027-03-12T19:00", "2027-03-14T17:00", zone),
            pair("Fri 12 – Sun 14 March 2027", "Fri 12 – Sun 14 Mar")
        );
        assert_eq!(
            both("2027-03-12T19:00", "2027-03-15T00:00", zone),
            pair("Fri 12 – Sun 14 March 2027", "Fri 12 – Sun 14 Mar")
        );
        assert_eq!(
            both("2027-04-30T10:00", "2027-05-02T17:00", zone),
            pair("Fri 30 April – Sun 2 May 2027", "Fri 30 Apr – Sun 2 May")
        );
        assert_eq!(
            both("2027-12-31T10:00", "2028-01-02T17:00", zone),
            pair("Fri 31 December 2027 – Sun 2 January 2028", "Fri 31 Dec – Sun 2 Jan")
        );
        assert_eq!(
            both("2027-03-12T10:00", "2027-03-13T09:00", zone),
            pair("Fri 12 – Sat 13 March 2027", "Fri 12 – Sat 13 Mar"),
            "a hackathon is not a night"
        );
    }

    #[test]
    fn zones_without_letters_are_told_by_their_offset() {
        assert_eq!(
            both("2027-03-12T19:00", "2027-03-12T22:00", "America/Sao_Paulo").0,
            "Fri 12 March 2027, 19:00–22:00 GMT-3"
        );
        assert_eq!(
            both("2027-03-12T19:00", "2027-03-12T22:00", "Asia/Kathmandu").0,
            "Fri 12 March 2027, 19:00–22:00 GMT+5:45"
        );
        assert_eq!(both("2027-03-12T19:00", "2027-03-12T22:00", "UTC").0, "Fri 12 March 2027, 19:00–22:00 UTC");
    }

    #[test]
    fn the_place_is_told_as_far_as_it_is_known() {
        let mut event = facts("2027-03-12T19:00", "2027-03-12T22:00", "UTC");
        assert_eq!(place_lines(&event), ["Pakhuis 14", "Rijnhaven 14", "Rotterdam, Netherlands"]);
        event.address = String::new();
        event.country = String::new();
        event.attendance = Attendance::Hybrid;
        assert_eq!(place_lines(&event), ["Pakhuis 14", "Rotterdam", "Also online"]);
        event.attendance = Attendance::Online;
        assert_eq!(place_lines(&event), ["Online"]);
    }
}
