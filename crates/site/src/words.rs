//! Times and numbers in English words, always with their zone.

use jiff::Timestamp;
use kernel::ZoneName;

/// `Fri 12 March, 14:30 CET`: an instant on the wall of a place.
pub(crate) fn instant_line(at: Timestamp, zone: &ZoneName) -> String {
    let zoned = at.to_zoned(zone.rules());
    format!("{} {}", zoned.strftime("%a %-d %B, %H:%M"), zone_letters(at, zone))
}

/// `14:30 CET`.
pub(crate) fn time_line(at: Timestamp, zone: &ZoneName) -> String {
    format!("{} {}", at.to_zoned(zone.rules()).strftime("%H:%M"), zone_letters(at, zone))
}

/// The letters of a zone at an instant: `CET`; where it has none, its offset: `GMT-3`.
fn zone_letters(at: Timestamp, zone: &ZoneName) -> String {
    let letters = at.to_zoned(zone.rules()).strftime("%Z").to_string();
    if letters.chars().all(|letter| letter.is_ascii_alphabetic()) { letters } else { format!("GMT{letters}") }
}

/// `9:58`: how long it is until an instant, in minutes and seconds; with hours when there are any.
pub(crate) fn countdown(now: Timestamp, until: Timestamp) -> String {
    let seconds = until.duration_since(now).as_secs().max(0);
    let (hours, minutes, seconds) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `1 ticket`, `3 tickets`.
pub(crate) fn counted(count: i64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn instants_are_told_at_the_place() {
        let line = |zone| instant_line(at("2027-03-12T18:00:00Z"), &ZoneName::parse(zone).unwrap());
        assert_eq!(line("Europe/Amsterdam"), "Fri 12 March, 19:00 CET");
        assert_eq!(line("America/Sao_Paulo"), "Fri 12 March, 15:00 GMT-03");
    }

    #[test]
    fn countdowns_never_go_below_nothing() {
        let from = |now| countdown(at(now), at("2027-03-12T18:00:00Z"));
        assert_eq!(from("2027-03-12T17:50:02Z"), "9:58");
        assert_eq!(from("2027-03-12T16:00:00Z"), "2:00:00");
        assert_eq!(from("2027-03-12T18:00:01Z"), "0:00");
    }
}
