//! A zone's rules as an iCalendar VTIMEZONE (RFC 5545, section 3.6.5).

use jiff::tz::{Dst, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::Writer;

/// How far around the event the rules are given. A calendar that moves the event by hand stays right within it.
const MARGIN: SignedDuration = SignedDuration::from_hours(366 * 24);
/// More changes than any zone has in the years of one event; a bound on what an absurd event can make us write.
const OBSERVANCES_MAX: usize = 64;

/// From one wall-clock instant on, this offset holds.
struct Observance {
    daylight: bool,
    /// In the offset that held before, as RFC 5545 wants it.
    starts: jiff::civil::DateTime,
    from: Offset,
    to: Offset,
    name: String,
}

/// Writes the rules that hold from a year before `from` to a year after `to`.
pub(super) fn write(ics: &mut Writer, zone: &TimeZone, id: &str, from: Timestamp, to: Timestamp) {
    ics.line("BEGIN", "VTIMEZONE");
    ics.text("TZID", id);
    for observance in observances(zone, from, to) {
        let kind = if observance.daylight { "DAYLIGHT" } else { "STANDARD" };
        ics.line("BEGIN", kind);
        ics.line("DTSTART", &observance.starts.strftime("%Y%m%dT%H%M%S").to_string());
        ics.line("TZOFFSETFROM", &offset(observance.from));
        ics.line("TZOFFSETTO", &offset(observance.to));
        ics.text("TZNAME", &observance.name);
        ics.line("END", kind);
    }
    ics.line("END", "VTIMEZONE");
}

fn observances(zone: &TimeZone, from: Timestamp, to: Timestamp) -> Vec<Observance> {
    let window_start = from.saturating_sub(MARGIN).unwrap_or(Timestamp::MIN);
    let window_end = to.saturating_add(MARGIN).unwrap_or(Timestamp::MAX);
    let mut found = vec![rule_at(zone, window_start)];
    found.extend(
        zone.following(window_start)
            .take_while(|transition| transition.timestamp() <= window_end)
            .take(OBSERVANCES_MAX)
            .map(|transition| change(zone, transition.timestamp())),
    );
    found
}

/// The rule that holds at the start of the window, dated back to when it began. A rule from before 1970 is written
/// as one that always held: some calendars cannot read older dates.
fn rule_at(zone: &TimeZone, start: Timestamp) -> Observance {
    let began = zone.preceding(start).next().map(|transition| transition.timestamp());
    if let Some(began) = began.filter(|began| *began >= Timestamp::UNIX_EPOCH) {
        return change(zone, began);
    }
    let info = zone.to_offset_info(start);
    Observance {
        daylight: false,
        starts: jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0),
        from: info.offset(),
        to: info.offset(),
        name: info.abbreviation().to_owned(),
    }
}

fn change(zone: &TimeZone, at: Timestamp) -> Observance {
    let earlier = at.checked_sub(1.second()).unwrap_or(Timestamp::MIN);
    let before = zone.to_offset_info(earlier);
    let after = zone.to_offset_info(at);
    // Ireland's and Morocco's "daylight saving" of the time zone database is the winter hour, an hour back. Calendars
    // (Outlook among them) know only DAYLIGHT that is ahead of STANDARD, so the names are told from the direction.
    let daylight = match (before.dst(), after.dst()) {
        (_, Dst::Yes) => after.offset() >= before.offset(),
        (Dst::Yes, Dst::No) => after.offset() > before.offset(),
        (Dst::No, Dst::No) => false,
    };
    Observance {
        daylight,
        starts: before.offset().to_datetime(at),
        from: before.offset(),
        to: after.offset(),
        name: after.abbreviation().to_owned(),
    }
}

/// `+0100`, or `+001730` for the local mean times of old.
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds.abs() / 3600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    if rest == 0 { format!("{sign}{hours:02}{minutes:02}") } else { format!("{sign}{hours:02}{minutes:02}{rest:02}") }
}
