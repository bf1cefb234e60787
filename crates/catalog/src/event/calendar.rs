//! The calendar file (.ics, RFC 5545) of an event, with its own time zone's rules inside.
//!
//! The lines are written here and not by the `icalendar` crate: version 0.17 stamps sub-components with the wall clock
//! and random UIDs, lets a carriage return through, and its folding never returns for some texts of wide characters
//! followed by spaces (a test below keeps such a text). Its parser is the oracle of the tests.

mod zone;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// RFC 5545, section 3.1: lines are at most 75 octets without the line end.
const LINE_OCTETS_MAX: usize = 75;

/// Whether the event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarStatus {
    /// It does.
    Confirmed,
    /// It was called off; calendars strike it through when `sequence` has risen.
    Cancelled,
}

/// An event as calendars know it. Texts are plain text of any content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEvent {
    /// The same for every version of the event, `evt_...@host`.
    pub uid: String,
    /// One line.
    pub title: String,
    /// Plain text, with line breaks.
    pub description: Option<String>,
    /// Place and address in one line, or the word "Online".
    pub location: Option<String>,
    /// The event's page.
    pub url: Option<String>,
    /// In the event's own zone.
    pub starts: Zoned,
    /// In any zone; written in that of `starts`.
    pub ends: Zoned,
    /// Whose event it is.
    pub organiser_name: String,
    /// Without an address there is no ORGANIZER line, which must hold one.
    pub organiser_email: Option<String>,
    /// Rises with every change of time, place or status.
    pub sequence: u32,
    /// Whether it takes place.
    pub status: CalendarStatus,
    /// When this version was made.
    pub stamp: Timestamp,
}

impl CalendarEvent {
    /// The text of the file, for `text/calendar; charset=utf-8; method=PUBLISH`.
    pub fn to_ics(&self) -> String {
        let zone_id = zone_id(self.starts.time_zone());
        let mut ics = Writer::default();
        ics.line("BEGIN", "VCALENDAR");
        ics.line("VERSION", "2.0");
        ics.line("PRODID", "-//Turnout//Turnout//EN");
        ics.line("CALSCALE", "GREGORIAN");
        ics.line("METHOD", "PUBLISH");
        if let Some(id) = zone_id {
            zone::write(&mut ics, self.starts.time_zone(), id, self.starts.timestamp(), self.ends.timestamp());
        }
        self.write_event(&mut ics, zone_id);
        ics.line("END", "VCALENDAR");
        ics.text
    }

    fn write_event(&self, ics: &mut Writer, zone_id: Option<&str>) {
        ics.line("BEGIN", "VEVENT");
        ics.text("UID", &self.uid);
        ics.line("DTSTAMP", &utc(self.stamp));
        ics.line("SEQUENCE", &self.sequence.to_string());
        ics.line(
            "STATUS",
            match self.status {
                CalendarStatus::Confirmed => "CONFIRMED",
                CalendarStatus::Cancelled => "CANCELLED",
            },
        );
        ics.time("DTSTART", &self.starts, zone_id);
        ics.time("DTEND", &self.ends.with_time_zone(self.starts.time_zone().clone()), zone_id);
        ics.text("SUMMARY", &self.title);
        for (name, value) in [("DESCRIPTION", &self.description), ("LOCATION", &self.location)] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                ics.text(name, value);
            }
        }
        if let Some(url) = self.url.as_deref().filter(|url| !url.is_empty()) {
            ics.line("URL", &uri(url));
        }
        if let Some(email) = self.organiser_email.as_deref().filter(|email| email.contains('@')) {
            let name = parameter(&self.organiser_name);
            ics.line(&format!("ORGANIZER;CN=\"{name}\""), &format!("mailto:{}", uri(email)));
        }
        ics.line("TRANSP", "OPAQUE");
        ics.line("END", "VEVENT");
    }
}

/// The zone's IANA name; `None` when times are best written in UTC, which needs no rules.
fn zone_id(zone: &TimeZone) -> Option<&str> {
    zone.iana_name().filter(|name| !matches!(*name, "UTC" | "Etc/UTC" | "Etc/UCT" | "Etc/Zulu" | "UCT" | "Zulu"))
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Content lines: escaped, folded, ended with CRLF.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
}

impl Writer {
    /// A line whose value is already in its wire form. Folds between characters, never inside one.
    pub(super) fn line(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for character in name.chars().chain([':']).chain(value.chars()) {
            if octets + character.len_utf8() > LINE_OCTETS_MAX {
                self.text.push_str("\r\n ");
                octets = 1;
            }
            self.text.push(character);
            octets += character.len_utf8();
        }
        self.text.push_str("\r\n");
    }

    /// A line whose value is of type TEXT (RFC 5545, section 3.3.11).
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::with_capacity(value.len());
        for character in value.replace("\r\n", "\n").chars() {
            match character {
                '\\' | ';' | ',' => escaped.extend(['\\', character]),
                // Everything that some reader takes for a line end, so that no text can open a line of its own.
                '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => escaped.push_str("\\n"),
                '\t' => escaped.push(' '),
                control if control.is_control() => {}
                other => escaped.push(other),
            }
        }
        self.line(name, &escaped);
    }

    fn time(&mut self, name: &str, at: &Zoned, zone_id: Option<&str>) {
        match zone_id {
            Some(id) => self.line(&format!("{name};TZID={id}"), &at.strftime("%Y%m%dT%H%M%S").to_string()),
            None => self.line(name, &utc(at.timestamp())),
        }
    }
}

/// A quoted parameter value has no escapes at all (RFC 5545, section 3.2): quotes become apostrophes, controls spaces.
fn parameter(value: &str) -> String {
    let replace = |character: char| match character {
        '"' => '\'',
        '\u{2028}' | '\u{2029}' => ' ',
        control if control.is_control() => ' ',
        other => other,
    };
    value.chars().map(replace).collect()
}

/// Percent-encodes what may not stand in a URI (RFC 3986), byte by byte; what is encoded already stays.
fn uri(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use icalendar::parser::{read_calendar, unfold};
    use proptest::prelude::*;

    use super::*;

    fn event(zone: &str) -> CalendarEvent {
        CalendarEvent {
            uid: "evt_01jqsz8x000000000000000001@turnout.example".to_owned(),
            title: "Jazz am Kanal".to_owned(),
            description: Some("Doors at 19:00.\nBring a chair.".to_owned()),
            location: Some("De Loods, Kade 1; Amsterdam, NL".to_owned()),
            url: Some("https://turnout.example/e/jazz-am-kanal".to_owned()),
            starts: format!("2027-03-12T20:00[{zone}]").parse().unwrap(),
            ends: format!("2027-03-12T23:30[{zone}]").parse().unwrap(),
            organiser_name: "Loods, \"Stichting\"; NL".to_owned(),
            organiser_email: Some("hello@loods.example".to_owned()),
            sequence: 3,
            status: CalendarStatus::Confirmed,
            stamp: "2027-01-02T03:04:05Z".parse().unwrap(),
        }
    }

    /// The VTIMEZONE's observances as `KIND start from>to name`.
    fn rules(ics: &str) -> Vec<String> {
        let unfolded = unfold(ics);
        let calendar = read_calendar(&unfolded).unwrap();
        let zones = calendar.components.iter().filter(|component| component.name == "VTIMEZONE");
        zones
            .flat_map(|zone| &zone.components)
            .map(|rule| {
                let value = |name: &str| {
                    rule.properties.iter().find(|property| property.name == name).unwrap().val.as_str().to_owned()
                };
                let offsets = format!("{}>{}", value("TZOFFSETFROM"), value("TZOFFSETTO"));
                format!("{} {} {offsets} {}", rule.name, value("DTSTART"), value("TZNAME"))
            })
            .collect()
    }

    fn value(ics: &str, name: &str) -> Option<String> {
        let unfolded = unfold(ics);
        let calendar = read_calendar(&unfolded).unwrap();
        let event = calendar.components.iter().find(|component| component.name == "VEVENT").unwrap();
        let found = event.properties.iter().find(|property| property.name == name)?;
        Some(found.val.as_str().to_owned())
    }

    #[test]
    fn the_whole_file_reads_as_it_should() {
        let expected = "\
            BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Turnout//Turnout//EN\r\nCALSCALE:GREGORIAN\r\n\
            METHOD:PUBLISH\r\nBEGIN:VTIMEZONE\r\nTZID:Asia/Kolkata\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
            TZOFFSETFROM:+0530\r\nTZOFFSETTO:+0530\r\nTZNAME:IST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
            BEGIN:VEVENT\r\nUID:evt_01jqsz8x000000000000000001@turnout.example\r\nDTSTAMP:20270102T030405Z\r\n\
            SEQUENCE:3\r\nSTATUS:CONFIRMED\r\nDTSTART;TZID=Asia/Kolkata:20270312T200000\r\n\
            DTEND;TZID=Asia/Kolkata:20270312T233000\r\nSUMMARY:Jazz am Kanal\r\n\
            DESCRIPTION:Doors at 19:00.\\nBring a chair.\r\nLOCATION:De Loods\\, Kade 1\\; Amsterdam\\, NL\r\n\
            URL:https://turnout.example/e/jazz-am-kanal\r\n\
            ORGANIZER;CN=\"Loods, 'Stichting'; NL\":mailto:hello@loods.example\r\nTRANSP:OPAQUE\r\n\
            END:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(event("Asia/Kolkata").to_ics(), expected);
    }

    #[test]
    fn amsterdam_changes_twice_a_year_for_a_year_around() {
        assert_eq!(
            rules(&event("Europe/Amsterdam").to_ics()),
            [
                "STANDARD 20251026T030000 +0200>+0100 CET",
                "DAYLIGHT 20260329T020000 +0100>+0200 CEST",
                "STANDARD 20261025T030000 +0200>+0100 CET",
                "DAYLIGHT 20270328T020000 +0100>+0200 CEST",
                "STANDARD 20271031T030000 +0200>+0100 CET",
            ]
        );
    }

    #[test]
    fn dublins_winter_is_standard_although_its_saving_is_negative() {
        assert_eq!(
            rules(&event("Europe/Dublin").to_ics()),
            [
                "STANDARD 20251026T020000 +0100>+0000 GMT",
                "DAYLIGHT 20260329T010000 +0000>+0100 IST",
                "STANDARD 20261025T020000 +0100>+0000 GMT",
                "DAYLIGHT 20270328T010000 +0000>+0100 IST",
                "STANDARD 20271031T020000 +0100>+0000 GMT",
            ]
        );
    }

    #[test]
    fn casablanca_goes_back_for_ramadan() {
        assert_eq!(
            rules(&event("Africa/Casablanca").to_ics()),
            [
                "STANDARD 20260215T030000 +0100>+0000 +00",
                "DAYLIGHT 20260322T020000 +0000>+0100 +01",
                "STANDARD 20270207T030000 +0100>+0000 +00",
                "DAYLIGHT 20270314T020000 +0000>+0100 +01",
                "STANDARD 20280123T030000 +0100>+0000 +00",
                "DAYLIGHT 20280305T020000 +0000>+0100 +01",
            ]
        );
    }

    #[test]
    fn halves_of_an_hour_are_written() {
        let rules = rules(&event("Australia/Lord_Howe").to_ics());
        assert_eq!(rules.last().map(String::as_str), Some("DAYLIGHT 20271003T020000 +1030>+1100 +11"));
    }

    #[test]
    fn utc_and_fixed_offsets_are_written_in_utc_without_rules() {
        for zone in ["UTC", "Etc/UTC", "+02:00"] {
            let ics = event(zone).to_ics();
            assert!(!ics.contains("VTIMEZONE") && !ics.contains("TZID"), "{ics}");
        }
        assert!(event("UTC").to_ics().contains("DTSTART:20270312T200000Z\r\nDTEND:20270312T233000Z\r\n"));
        assert!(event("+02:00").to_ics().contains("DTSTART:20270312T180000Z\r\n"));
    }

    #[test]
    fn an_end_in_another_zone_is_written_in_the_events_zone() {
        let mut event = event("Europe/Amsterdam");
        event.ends = "2027-03-12T23:30[Europe/London]".parse().unwrap();
        assert!(event.to_ics().contains("DTEND;TZID=Europe/Amsterdam:20270313T003000\r\n"));
    }

    #[test]
    fn a_cancelled_event_says_so() {
        let event = CalendarEvent { status: CalendarStatus::Cancelled, sequence: 4, ..event("Europe/Paris") };
        let ics = event.to_ics();
        assert_eq!(value(&ics, "STATUS").as_deref(), Some("CANCELLED"));
        assert_eq!(value(&ics, "SEQUENCE").as_deref(), Some("4"));
    }

    #[test]
    fn nothing_a_user_writes_opens_a_line_of_its_own() {
        let attack =
            "x\r\nATTENDEE:mailto:evil@example.org\nEND:VEVENT\rBEGIN:VALARM\u{2028}A:1\u{85}B:2\u{b}C:3\0;,\\:\"";
        let event = CalendarEvent {
            uid: attack.to_owned(),
            title: attack.to_owned(),
            description: Some(attack.to_owned()),
            location: Some(attack.to_owned()),
            url: Some(format!("https://e.example/{attack}")),
            organiser_name: attack.to_owned(),
            organiser_email: Some(format!("a@b.example{attack}")),
            ..event("Europe/Berlin")
        };
        let ics = event.to_ics();
        let names: Vec<&str> = ics
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split([':', ';']).next().unwrap())
            .collect();
        let expected = [
            "BEGIN",
            "UID",
            "DTSTAMP",
            "SEQUENCE",
            "STATUS",
            "DTSTART",
            "DTEND",
            "SUMMARY",
            "DESCRIPTION",
            "LOCATION",
            "URL",
            "ORGANIZER",
            "TRANSP",
            "END",
            "END",
            "",
        ];
        assert_eq!(names[names.len() - expected.len()..], expected);
        let stray = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
        assert!(!ics.replace("\r\n", "").contains(stray), "{ics:?}");
        let title = "x\nATTENDEE:mailto:evil@example.org\nEND:VEVENT\nBEGIN:VALARM\nA:1\nB:2\nC:3;,\\:\"";
        assert_eq!(value(&ics, "SUMMARY").as_deref(), Some(title), "as the reader unescapes it");
    }

    #[test]
    fn wide_characters_before_many_spaces_are_folded() {
        // icalendar 0.17.17 mixes byte and character positions and loops for ever on this title.
        let title = format!("x{}{}.", "🎫".repeat(60), " ".repeat(200));
        let ics = CalendarEvent { title: title.clone(), ..event("UTC") }.to_ics();
        assert_eq!(value(&ics, "SUMMARY"), Some(title));
    }

    proptest! {
        #[test]
        fn lines_are_at_most_75_octets_and_unfold_to_what_was_written(title in "\\PC{0,200}", name in "\\PC{0,60}") {
            let title = title.replace(['\\', ';', ','], "");
            let event = CalendarEvent { title: title.clone(), organiser_name: name, ..event("Europe/Madrid") };
            let ics = event.to_ics();
            for line in ics.split("\r\n") {
                prop_assert!(line.len() <= LINE_OCTETS_MAX, "{} octets: {}", line.len(), line);
            }
            let unfolded = ics.replace("\r\n ", "");
            let found = unfolded.split("\r\n").find_map(|line| line.strip_prefix("SUMMARY:")).unwrap();
            prop_assert_eq!(found, title.replace(['\u{2028}', '\u{2029}'], "\\n"));
        }
    }
}
