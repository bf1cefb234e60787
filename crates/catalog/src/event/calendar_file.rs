//! The calendar file of an event, made of its facts.

use super::calendar::{CalendarEvent, CalendarStatus};
use super::lines::place_lines;
use super::model::{EventFacts, EventStatus};

/// The host of calendar ids when the page's address has none.
const HOST_DEFAULT: &str = "turnout";

/// The `.ics` text of an event; `url` is its page. The link to join online is in it when the facts have it: read them behind
/// `Scope::Public` for files that anyone may load.
pub fn calendar_file(event: &EventFacts, organiser_name: &str, organiser_email: &str, url: &str) -> String {
    let host = url
        .parse::<http::Uri>()
        .ok()
        .and_then(|uri| uri.host().map(str::to_owned))
        .unwrap_or_else(|| HOST_DEFAULT.to_owned());
    let zone = event.zone.rules();
    let calendar = CalendarEvent {
        uid: format!("{}@{host}", event.id),
        title: event.title.clone(),
        description: Some(description(event)).filter(|text| !text.is_empty()),
        location: Some(place_lines(event).join(", ")).filter(|text| !text.is_empty()),
        url: Some(url.to_owned()),
        starts: event.starts_at.to_zoned(zone.clone()),
        ends: event.ends_at.to_zoned(zone),
        organiser_name: organiser_name.to_owned(),
        organiser_email: Some(organiser_email.to_owned()),
        sequence: u32::try_from(event.version).unwrap_or(u32::MAX),
        status: if event.status == EventStatus::Cancelled {
            CalendarStatus::Cancelled
        } else {
            CalendarStatus::Confirmed
        },
        stamp: event.updated_at,
    };
    calendar.to_ics()
}

fn description(event: &EventFacts) -> String {
    let join = if event.online_url.is_empty() { String::new() } else { format!("Join online: {}", event.online_url) };
    let parts: Vec<String> = [event.summary.clone(), join].into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::lines::tests::facts;
    use crate::event::model::Attendance;

    fn lines(event: &EventFacts) -> Vec<String> {
        let file = calendar_file(
            event,
            "Northside",
            "hello@northside.example",
            "https://tickets.example.org/e/blue-harbour-jazz",
        );
        file.replace("\r\n ", "").lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_calendar_file_tells_the_promised_wall_time() {
        let lines = lines(&facts("2027-03-12T19:00", "2027-03-13T01:00", "Europe/Amsterdam"));
        for line in [
            "UID:evt_01h455vb4pex5vsknk084sn02q@tickets.example.org",
            "DTSTART;TZID=Europe/Amsterdam:20270312T190000",
            "DTEND;TZID=Europe/Amsterdam:20270313T010000",
            "LOCATION:Pakhuis 14\\, Rijnhaven 14\\, Rotterdam\\, Netherlands",
            "SEQUENCE:1",
            "STATUS:CONFIRMED",
        ] {
            assert!(lines.iter().any(|other| other == line), "{line} in {lines:#?}");
        }
    }

    #[test]
    fn of_two_equal_wall_times_the_file_and_the_instant_mean_the_first() {
        let event = facts("2027-10-31T02:30", "2027-10-31T06:00", "Europe/Amsterdam");
        assert_eq!(event.starts_at.to_string(), "2027-10-31T00:30:00Z");
        assert!(lines(&event).contains(&"DTSTART;TZID=Europe/Amsterdam:20271031T023000".to_owned()));
    }

    #[test]
    fn a_cancelled_online_event_says_so() {
        let mut event = facts("2027-03-12T19:00", "2027-03-13T01:00", "Europe/Amsterdam");
        event.status = EventStatus::Cancelled;
        event.attendance = Attendance::Online;
        event.online_url = "https://meet.example.org/room".to_owned();
        let lines = lines(&event);
        assert!(lines.contains(&"STATUS:CANCELLED".to_owned()));
        assert!(lines.contains(&"LOCATION:Online".to_owned()));
        assert!(lines.contains(
            &"DESCRIPTION:Three nights by the water.\\n\\nJoin online: https://meet.example.org/room".to_owned()
        ));
    }
}
