//! Time as an event tells it: a wall-clock time in a named zone, and the instant that follows.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

/// The IANA name of a time zone that this machine knows: `Europe/Amsterdam`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(String);

/// A text that is no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a time zone; use an IANA name such as Europe/Amsterdam")]
pub struct NotAZone;

impl ZoneName {
    /// Accepts a name that the time zone database has.
    pub fn parse(text: &str) -> Result<Self, NotAZone> {
        if text.len() > 64 || text.starts_with(['+', '-', '<']) {
            return Err(NotAZone);
        }
        let zone = TimeZone::get(text).map_err(|_| NotAZone)?;
        Ok(Self(zone.iana_name().ok_or(NotAZone)?.to_owned()))
    }
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The rules behind the name; UTC if the database lost it since it was checked.
    pub fn rules(&self) -> TimeZone {
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl TryFrom<String> for ZoneName {
    type Error = NotAZone;
    fn try_from(text: String) -> Result<Self, NotAZone> {
        Self::parse(&text)
    }
}
impl From<ZoneName> for String {
    fn from(zone: ZoneName) -> Self {
        zone.0
    }
}
impl utoipa::PartialSchema for ZoneName {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .examples([serde_json::json!("Europe/Amsterdam")])
            .into()
    }
}
impl utoipa::ToSchema for ZoneName {}

/// A promise in wall-clock time: the local time and its zone. The instant follows from both; the wall time is what was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallClock {
    /// The time on the wall at the place.
    pub local: DateTime,
    /// The zone of the place.
    pub zone: ZoneName,
}

impl WallClock {
    /// The instant meant: times in a daylight-saving gap take the offset before it, ambiguous ones the first (RFC 5545 section 3.3.5).
    pub fn instant(&self) -> Option<Timestamp> {
        self.zoned().map(|zoned| zoned.timestamp())
    }

    /// The instant together with its zone.
    pub fn zoned(&self) -> Option<Zoned> {
        self.zone.rules().to_ambiguous_zoned(self.local).compatible().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(local: &str, zone: &str) -> String {
        let clock = WallClock { local: local.parse().unwrap(), zone: ZoneName::parse(zone).unwrap() };
        clock.instant().unwrap().to_string()
    }

    #[test]
    fn wall_times_become_instants_also_around_daylight_saving() {
        assert_eq!(instant("2027-03-12T19:00", "Europe/Amsterdam"), "2027-03-12T18:00:00Z");
        // 02:30 does not exist on 28 March 2027: the offset before the gap counts.
        assert_eq!(instant("2027-03-28T02:30", "Europe/Amsterdam"), "2027-03-28T01:30:00Z");
        // 02:30 happens twice on 31 October 2027: the first counts.
        assert_eq!(instant("2027-10-31T02:30", "Europe/Amsterdam"), "2027-10-31T00:30:00Z");
    }

    #[test]
    fn zones_are_iana_names() {
        for bad in ["", "Mars/Olympus", "+02:00", "CEST+3", "../../etc/passwd"] {
            assert_eq!(ZoneName::parse(bad), Err(NotAZone), "{bad}");
        }
        assert_eq!(ZoneName::parse("europe/amsterdam").unwrap().as_str(), "Europe/Amsterdam");
    }
}
