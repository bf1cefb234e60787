//! A waiting room and its states, and what it tells a person who waits. Pure.

pub mod draw;
pub mod estimate;
pub mod gate;
pub mod line;
pub mod pace;
pub mod steer;
pub mod stock;

use jiff::{SignedDuration, Timestamp};
use kernel::{EventId, OrganisationId, WaitingEntryId};

use estimate::{Estimate, Rate};
use pace::Limits;
use steer::RoomState;

/// Whoever is neither connected nor asks for so long has left.
pub const ABSENCE_SECONDS: i64 = 60;
/// A longer pause between two ticks than this means that nobody could be seen meanwhile; then everyone gets a new minute.
pub const TICK_GAP_SECONDS_MAX: i64 = 10;
/// How long an admission lasts, unless the organiser says otherwise.
pub const ADMISSION_SECONDS_DEFAULT: i32 = 600;
/// The shortest admission.
pub const ADMISSION_SECONDS_MIN: i32 = 60;
/// The longest admission.
pub const ADMISSION_SECONDS_MAX: i32 = 3600;
/// How many orders one admission can make, unless the organiser says otherwise.
pub const ORDERS_A_PERSON_DEFAULT: i32 = 1;
/// The most orders one admission can be allowed to make.
pub const ORDERS_A_PERSON_MAX: i32 = 100;
/// How many holds one admission can take: people change their minds, but do not hoard.
pub const HOLDS_AN_ADMISSION_MAX: i32 = 5;

/// What the organiser sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// When the sale starts: the instant of the draw.
    pub opens_at: Timestamp,
    /// Whether only people who are signed in may join, which makes one place an account.
    pub requires_account: bool,
    /// How many orders one admission can make.
    pub orders_per_person: i32,
    /// How long an admission lasts, in seconds.
    pub admission_seconds: i32,
    /// The fewest and the most who shop at the same time.
    pub limits: Limits,
}

/// A waiting room as its row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Before the sale of which event.
    pub event: EventId,
    /// Where it is in its life.
    pub state: RoomState,
    /// What the organiser set.
    pub settings: Settings,
    /// The draw, once it was made.
    pub drawn: Option<Drawn>,
    /// SHA-256 of the seed of the draw, public from the beginning.
    pub seed_hash: [u8; 32],
    /// The number of the next one to come after the draw.
    pub next_number: i64,
    /// Admissions of earlier epochs are void.
    pub epoch: i32,
    /// Raised by every change of the room or its entries.
    pub revision: i64,
    /// When the last tick was.
    pub ticked_at: Option<Timestamp>,
    /// Since when the room is watched without a gap.
    pub attentive_since: Option<Timestamp>,
    /// How many ticks there were: the number that only the leader of the moment can raise.
    pub fence: i64,
    /// What the last tick counted.
    pub totals: Totals,
    /// What the last tick measured.
    pub measured: Measured,
    /// Raised by the organiser's changes.
    pub version: i64,
}

/// The published draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// When.
    pub at: Timestamp,
    /// How many were present.
    pub count: i32,
    /// The seed.
    pub seed: [u8; 32],
    /// SHA-256 of the roll.
    pub roll_hash: [u8; 32],
}

/// How many people came to which end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Let in, ever.
    pub admitted: i64,
    /// Let in, and made an order.
    pub bought: i64,
    /// Let in, and let the time run out.
    pub lapsed: i64,
    /// Left the line.
    pub left: i64,
}

/// What the sale was like at the last tick.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measured {
    /// Places sold before the room opened.
    pub sold_at_opening: i64,
    /// Places that nobody holds.
    pub places_left: i64,
    /// Places that somebody holds.
    pub places_held: i64,
    /// Thousandths of a place that one admitted person takes.
    pub places_a_head_milli: i64,
    /// How fast people are let in.
    pub rate: Option<Rate>,
}

impl Room {
    /// Whether the line was drawn.
    pub fn is_drawn(&self) -> bool {
        self.drawn.is_some()
    }

    /// Whether every place is sold: nothing is left and nobody holds what could come back. Unknown before the opening.
    pub fn is_sold_out(&self) -> bool {
        self.is_drawn() && self.ticked_at.is_some() && self.measured.places_left == 0 && self.measured.places_held == 0
    }

    /// Whether the line is to be drawn now.
    pub fn is_to_be_drawn(&self, now: Timestamp) -> bool {
        self.state == RoomState::Armed && now >= self.settings.opens_at
    }

    /// Whether someone must be admitted to buy: always while there is a room that is not closed.
    pub fn is_in_the_way(&self) -> bool {
        self.state != RoomState::Closed
    }

    /// The room after a look at the clock: when nobody watched for a while, nobody can have been seen, so absence is counted anew.
    pub fn attentive_since(&self, now: Timestamp) -> Timestamp {
        let is_gapless = self.ticked_at.is_some_and(|at| seconds_between(at, now) <= TICK_GAP_SECONDS_MAX);
        self.attentive_since.filter(|_| is_gapless).unwrap_or(now)
    }

    /// Whoever was not seen since this instant has left; `None` while the room has not been watched long enough to say.
    pub fn absent_before(&self, now: Timestamp) -> Option<Timestamp> {
        let since = self.attentive_since?;
        let limit = now.checked_sub(SignedDuration::from_secs(ABSENCE_SECONDS)).ok()?;
        (since <= limit).then_some(limit)
    }

    /// When an admission given now ends.
    pub fn admission_ends_at(&self, now: Timestamp) -> Timestamp {
        let lasts = SignedDuration::from_secs(i64::from(self.settings.admission_seconds));
        now.checked_add(lasts).unwrap_or(now)
    }
}

/// Whole seconds from one instant to another.
pub fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs()
}

/// Where a person is in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryState {
    /// In the line; without a number before the draw.
    Waiting {
        /// The place in the line, from 1.
        number: Option<i64>,
    },
    /// Let in until the instant given.
    Admitted {
        /// Until when.
        expires_at: Timestamp,
    },
    /// Made the orders that the admission was good for.
    Bought,
    /// Was let in, and let the time run out.
    Lapsed,
    /// Left, or was away for too long.
    Left,
}

/// A person in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Which one.
    pub id: WaitingEntryId,
    /// Where it is.
    pub state: EntryState,
    /// SHA-256 of the secret that only its browser has.
    pub browser_hash: [u8; 32],
}

/// What a person who waits is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// How many are ahead; `None` before the draw.
    pub ahead: Option<i64>,
    /// How long it may take; `None` while it cannot be said.
    pub estimate: Option<Estimate>,
    /// Whether those ahead may take everything that is left, as they have bought so far.
    pub may_run_out: bool,
}

/// The outlook of someone with so many ahead.
pub fn outlook(room: &Room, ahead: Option<i64>) -> Outlook {
    let Some(ahead) = ahead else { return Outlook { ahead: None, estimate: None, may_run_out: false } };
    let is_moving = room.state == RoomState::Open && !room.is_sold_out();
    let estimate = room.measured.rate.filter(|_| is_moving).and_then(|rate| estimate::estimate(ahead, rate));
    let stock = (room.measured.places_left + room.measured.places_held).saturating_mul(1000);
    let may_run_out = room.is_drawn() && ahead.saturating_mul(room.measured.places_a_head_milli) >= stock;
    Outlook { ahead: Some(ahead), estimate, may_run_out }
}

#[cfg(test)]
mod tests;
