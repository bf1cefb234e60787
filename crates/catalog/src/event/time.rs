//! Reads when an event takes place: wall times and a zone in, the same with its instants out.

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};
use kernel::{WallClock, ZoneName};
use platform::FieldError;

use super::model::{EVENT_DAYS_MAX, EVENT_YEAR_MAX, EVENT_YEAR_MIN, EventTime};

/// The times of an event as they are written: `2027-03-12T19:00`, `2027-03-13T01:00`, `Europe/Amsterdam`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawTime {
    /// The start on the wall.
    pub starts_local: String,
    /// The end on the wall.
    pub ends_local: String,
    /// The name of the zone.
    pub zone: String,
}

impl EventTime {
    /// Accepts whole minutes, an end after the start on the time line, and a zone that is known.
    ///
    /// A time that a daylight-saving gap skips takes the offset before the gap, one that happens twice means the first: RFC 5545 section
    /// 3.3.5, so that the calendar files we hand out say the same. PostgreSQL's `at time zone` agrees on gaps and takes the second of two.
    pub fn parse(raw: &RawTime) -> Result<Self, Vec<FieldError>> {
        let mut complaints = Vec::new();
        let zone = ZoneName::parse(raw.zone.trim())
            .map_err(|wrong| complaints.push(FieldError::new("zone", "not_a_zone", sentence(&wrong.to_string()))));
        let starts_local = wall_time("starts_local", &raw.starts_local, &mut complaints);
        let ends_local = wall_time("ends_local", &raw.ends_local, &mut complaints);
        let (Ok(zone), Some(starts_local), Some(ends_local)) = (zone, starts_local, ends_local) else {
            return Err(complaints);
        };
        let starts_at = instant("starts_local", starts_local, &zone)?;
        let ends_at = instant("ends_local", ends_local, &zone)?;
        if ends_at <= starts_at {
            return Err(vec![FieldError::new("ends_local", "not_after_start", "The end must be after the start.")]);
        }
        if starts_local.saturating_add(EVENT_DAYS_MAX.days()) < ends_local {
            return Err(vec![FieldError::new(
                "ends_local",
                "too_long",
                format!("An event can last {EVENT_DAYS_MAX} days at most."),
            )]);
        }
        Ok(Self { zone, starts_local, ends_local, starts_at, ends_at })
    }
}

fn wall_time(field: &'static str, text: &str, complaints: &mut Vec<FieldError>) -> Option<DateTime> {
    let text = text.trim();
    let mut refuse = |code: &str, message: String| {
        complaints.push(FieldError::new(field, code, message));
        None
    };
    if text.is_empty() {
        return refuse("required", "Enter a date and a time.".to_owned());
    }
    // An offset or a zone behind the time would be a second opinion on what `zone` says.
    let is_plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ':' | 'T' | ' ' | '.'));
    let parsed: Option<DateTime> = if is_plain && text.contains(':') { text.parse().ok() } else { None };
    match parsed {
        None => refuse("not_a_time", "Write the date and the time like 2027-03-12T19:00.".to_owned()),
        Some(time) if !(EVENT_YEAR_MIN..=EVENT_YEAR_MAX).contains(&time.year()) => {
            refuse("out_of_range", format!("Use a year from {EVENT_YEAR_MIN} to {EVENT_YEAR_MAX}."))
        }
        Some(time) if time.second() != 0 || time.subsec_nanosecond() != 0 => {
            refuse("not_whole_minutes", "Use whole minutes.".to_owned())
        }
        Some(time) => Some(time),
    }
}

fn instant(field: &'static str, local: DateTime, zone: &ZoneName) -> Result<Timestamp, Vec<FieldError>> {
    let clock = WallClock { local, zone: zone.clone() };
    clock
        .instant()
        .ok_or_else(|| vec![FieldError::new(field, "out_of_range", "This time is out of range in its zone.")])
}

/// The words of another crate as a sentence of ours.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(starts: &str, ends: &str, zone: &str) -> Result<EventTime, Vec<(String, String)>> {
        let raw = RawTime { starts_local: starts.to_owned(), ends_local: ends.to_owned(), zone: zone.to_owned() };
        EventTime::parse(&raw).map_err(|errors| errors.into_iter().map(|error| (error.field, error.code)).collect())
    }
    fn instants(starts: &str, ends: &str, zone: &str) -> (String, String) {
        let time = time(starts, ends, zone).unwrap();
        (time.starts_at.to_string(), time.ends_at.to_string())
    }
    fn pair(a: &str, b: &str) -> (String, String) {
        (a.to_owned(), b.to_owned())
    }

    #[test]
    fn instants_follow_from_wall_time_and_zone() {
        assert_eq!(
            instants("2027-03-12T19:00", "2027-03-13T01:00", "Europe/Amsterdam"),
            pair("2027-03-12T18:00:00Z", "2027-03-13T00:00:00Z")
        );
        // Clocks go forward at 02:00: the gap's 02:30 is an hour and a half after midnight.
        assert_eq!(
            instants("2027-03-28T02:30", "2027-03-28T04:00", "Europe/Amsterdam"),
            pair("2027-03-28T01:30:00Z", "2027-03-28T02:00:00Z")
        );
        // Clocks go back at 03:00: of the two 02:30 the first is meant, at both ends.
        assert_eq!(
            instants("2027-10-31T02:30", "2027-10-31T03:00", "Europe/Amsterdam"),
            pair("2027-10-31T00:30:00Z", "2027-10-31T02:00:00Z")
        );
        // Ireland's winter time is the exception in its tables (negative daylight saving), Lord Howe moves by half an hour.
        assert_eq!(
            instants("2027-10-31T01:30", "2027-10-31T05:00", "Europe/Dublin"),
            pair("2027-10-31T00:30:00Z", "2027-10-31T05:00:00Z")
        );
        assert_eq!(
            instants("2027-10-03T02:15", "2027-10-03T05:00", "Australia/Lord_Howe"),
            pair("2027-10-02T15:45:00Z", "2027-10-02T18:00:00Z")
        );
        assert_eq!(
            instants("2027-06-01T00:00", "2027-06-01T01:00", "Pacific/Kiritimati"),
            pair("2027-05-31T10:00:00Z", "2027-05-31T11:00:00Z")
        );
    }

    #[test]
    fn the_end_is_after_the_start_on_the_time_line() {
        assert_eq!(
            time("2027-03-12T19:00", "2027-03-12T19:00", "Europe/Amsterdam"),
            Err(vec![pair("ends_local", "not_after_start")])
        );
        // 03:15 reads later than 02:45, but in the gap both are told by different offsets: 01:45Z and 01:15Z.
        assert_eq!(
            time("2027-03-28T02:45", "2027-03-28T03:15", "Europe/Amsterdam"),
            Err(vec![pair("ends_local", "not_after_start")])
        );
        assert_eq!(
            time("2027-03-12T19:00", "2028-03-13T19:00", "Europe/Amsterdam"),
            Err(vec![pair("ends_local", "too_long")])
        );
    }

    #[test]
    fn times_that_are_no_wall_times_are_refused_together() {
        assert_eq!(
            time("", "tomorrow", "Mars/Olympus"),
            Err(vec![pair("zone", "not_a_zone"), pair("starts_local", "required"), pair("ends_local", "not_a_time")])
        );
        assert_eq!(
            time("2027-03-12T19:00Z", "2027-03-12T20:00+01:00", "UTC"),
            Err(vec![pair("starts_local", "not_a_time"), pair("ends_local", "not_a_time")])
        );
        assert_eq!(
            time("2027-03-12", "2027-03-12T20:00:30", "UTC"),
            Err(vec![pair("starts_local", "not_a_time"), pair("ends_local", "not_whole_minutes")])
        );
        assert_eq!(
            time("2027-02-29T10:00", "9999-01-01T10:00", "UTC"),
            Err(vec![pair("starts_local", "not_a_time"), pair("ends_local", "out_of_range")])
        );
        assert!(time("2028-02-29 10:00", "2028-02-29T10:30:00", "UTC").is_ok());
    }
}
