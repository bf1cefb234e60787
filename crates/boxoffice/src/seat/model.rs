//! Seats of an event: their states, and changes of them. Pure.

use kernel::{HoldId, OrderId};

/// The most seats one event may have: as many as one layout.
pub const SEATS_AN_EVENT_MAX: usize = 100_000;

/// A seat of an event: its place in the fixed order of the layout's document, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeatIndex(pub u32);

impl SeatIndex {
    /// The place in a list of all seats.
    pub fn at(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// The seat at a place of a list of all seats; beyond every hall when it has no such number.
    pub fn of(at: usize) -> Self {
        Self(u32::try_from(at).unwrap_or(u32::MAX))
    }
}

/// Where a seat is in its sale; two bits, of which the numbers are part of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeatStatus {
    /// 0: anyone can have it.
    Free,
    /// 1: put aside for a buyer.
    Held,
    /// 2: somebody has a valid ticket for it.
    Sold,
    /// 3: not on sale: kept for the house, or without a view.
    Blocked,
}

impl SeatStatus {
    /// All of them, in the order of their bits.
    pub const ALL: [Self; 4] = [Self::Free, Self::Held, Self::Sold, Self::Blocked];

    /// Its two bits.
    pub fn bits(self) -> u8 {
        match self {
            Self::Free => 0,
            Self::Held => 1,
            Self::Sold => 2,
            Self::Blocked => 3,
        }
    }

    /// The status of two bits; higher ones are not looked at.
    pub fn of_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Free,
            1 => Self::Held,
            2 => Self::Sold,
            _ => Self::Blocked,
        }
    }
}

/// Why seats changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatCause {
    /// They were put aside.
    Held,
    /// A buyer let go of them.
    Released,
    /// A buyer did not pay in time.
    Expired,
    /// A hold became tickets.
    Converted,
    /// A late payment took them again.
    Retaken,
    /// Tickets were cancelled.
    Cancelled,
    /// The organiser took them off sale.
    Blocked,
    /// The organiser put them on sale.
    Unblocked,
}

impl SeatCause {
    /// The word kept with the change.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Converted => "converted",
            Self::Retaken => "retaken",
            Self::Cancelled => "cancelled",
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
        }
    }

    /// Every cause.
    pub const ALL: [Self; 8] = [
        Self::Held,
        Self::Released,
        Self::Expired,
        Self::Converted,
        Self::Retaken,
        Self::Cancelled,
        Self::Blocked,
        Self::Unblocked,
    ];

    /// The cause of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }

    /// What the seats were before, and what they are after.
    pub fn step(self) -> (SeatStatus, SeatStatus) {
        match self {
            Self::Held => (SeatStatus::Free, SeatStatus::Held),
            Self::Released | Self::Expired => (SeatStatus::Held, SeatStatus::Free),
            Self::Converted => (SeatStatus::Held, SeatStatus::Sold),
            Self::Retaken => (SeatStatus::Free, SeatStatus::Sold),
            Self::Cancelled => (SeatStatus::Sold, SeatStatus::Free),
            Self::Blocked => (SeatStatus::Free, SeatStatus::Blocked),
            Self::Unblocked => (SeatStatus::Blocked, SeatStatus::Free),
        }
    }
}

/// One change of some seats, which made one version of the map. It says all that is needed to write it, to repeat it and to undo it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatChange {
    /// The version after the change.
    pub version: i64,
    /// Why; also what the seats were, and what they became.
    pub cause: SeatCause,
    /// For which hold.
    pub hold: Option<HoldId>,
    /// For which order.
    pub order: Option<OrderId>,
    /// Which seats, each once, in the order they were named.
    pub seats: Vec<SeatIndex>,
}

impl SeatChange {
    /// What others need to know of it.
    pub fn delta(&self) -> Delta {
        let (_, to) = self.cause.step();
        Delta { version: self.version, seats: self.seats.iter().map(|seat| (*seat, to)).collect() }
    }
}

/// What one version changed, for those who follow the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The version it made.
    pub version: i64,
    /// The seats and what they are now.
    pub seats: Vec<(SeatIndex, SeatStatus)>,
}

/// Seats that cannot be changed as asked: all or nothing, so that none was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeatRefusal {
    /// Some are not what they would have to be; for a hold, they are taken.
    #[error("some of the seats are taken")]
    Gone {
        /// Which, in the order they were named.
        seats: Vec<SeatIndex>,
    },
    /// One was named twice.
    #[error("a seat was named twice")]
    Repeated {
        /// Which.
        seat: SeatIndex,
    },
    /// One is not in this hall.
    #[error("there is no such seat")]
    Unknown {
        /// Which.
        seat: SeatIndex,
    },
}

/// A change that does not follow from the map as it is: the map has to be loaded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("version {theirs} does not follow version {ours} of the seats")]
pub struct OutOfStep {
    /// The version of the map.
    pub ours: i64,
    /// The version of the change.
    pub theirs: i64,
}
