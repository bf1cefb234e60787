//! A place in a list that is ordered by start and id.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use kernel::EventId;

use super::model::EventFacts;

/// What the last page ended with: `1805036400000000.evt_...`, microseconds since 1970 and the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventCursor {
    /// The start of the last event.
    pub starts_at: Timestamp,
    /// The last event.
    pub id: EventId,
}

/// A text that no page of ours ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Take the cursor from next_cursor of the page before.")]
pub struct NotACursor;

impl EventCursor {
    /// The place of an event.
    pub fn at(event: &EventFacts) -> Self {
        Self { starts_at: event.starts_at, id: event.id }
    }
}

impl fmt::Display for EventCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.starts_at.as_microsecond(), self.id)
    }
}

impl FromStr for EventCursor {
    type Err = NotACursor;
    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (micros, id) = text.split_once('.').ok_or(NotACursor)?;
        let starts_at =
            micros.parse().ok().and_then(|micros| Timestamp::from_microsecond(micros).ok()).ok_or(NotACursor)?;
        Ok(Self { starts_at, id: id.parse().map_err(|_| NotACursor)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::lines::tests::facts;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = EventCursor::at(&facts("2027-03-12T19:00", "2027-03-12T22:00", "UTC"));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in [
            "",
            "1",
            "1.",
            "x.evt_01h455vb4pex5vsknk084sn02q",
            "99999999999999999999.evt_01h455vb4pex5vsknk084sn02q",
            "1.org_01h455vb4pex5vsknk084sn02q",
        ] {
            assert_eq!(bad.parse::<EventCursor>(), Err(NotACursor), "{bad}");
        }
    }
}
