//! What a scan comes to. Pure.

use std::fmt;
use std::str::FromStr;

use boxoffice::api::{TicketFacts, TicketState};
use jiff::{SignedDuration, Timestamp};
use kernel::right::UnknownWord;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::list::model::CheckInList;

/// How long a device may take its own admission back; members always may.
pub const UNDO_MINUTES: i64 = 10;

/// The name of one scan, made by the scanner: a retry that carries it again is the same scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Uuid)]
pub struct Nonce(Uuid);

impl Nonce {
    /// The UUID inside, for the database.
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for Nonce {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScanResult {
    /// Let them in.
    Admitted,
    /// An admission was taken back.
    Undone,
    /// The ticket came in before.
    AlreadyIn,
    /// The ticket was cancelled, or passed on to somebody who has a new one.
    Cancelled,
    /// The order is not paid.
    NotPaid,
    /// The ticket is for another event of the organisation.
    WrongEvent,
    /// This list does not let tickets of this type in.
    WrongList,
    /// The organisation has no such ticket.
    UnknownTicket,
    /// The code says it is for here, and was not made by us.
    Forged,
}

impl ScanResult {
    /// Every result.
    pub const ALL: [Self; 9] = [
        Self::Admitted,
        Self::Undone,
        Self::AlreadyIn,
        Self::Cancelled,
        Self::NotPaid,
        Self::WrongEvent,
        Self::WrongList,
        Self::UnknownTicket,
        Self::Forged,
    ];

    /// The word used in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Undone => "undone",
            Self::AlreadyIn => "already_in",
            Self::Cancelled => "cancelled",
            Self::NotPaid => "not_paid",
            Self::WrongEvent => "wrong_event",
            Self::WrongList => "wrong_list",
            Self::UnknownTicket => "unknown_ticket",
            Self::Forged => "forged",
        }
    }
}

impl FromStr for ScanResult {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|result| result.as_str() == text).ok_or(UnknownWord)
    }
}

/// What is decided about a code at a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Let them in.
    Admitted,
    /// They are in, by the scan of this name.
    AlreadyIn(Nonce),
    /// Keep them out, for this reason.
    Refused(ScanResult),
}

impl Verdict {
    /// The word for it.
    pub fn result(self) -> ScanResult {
        match self {
            Self::Admitted => ScanResult::Admitted,
            Self::AlreadyIn(_) => ScanResult::AlreadyIn,
            Self::Refused(result) => result,
        }
    }

    /// The scan that let them in before.
    pub fn about(self) -> Option<Nonce> {
        match self {
            Self::AlreadyIn(nonce) => Some(nonce),
            Self::Admitted | Self::Refused(_) => None,
        }
    }
}

/// Whether a ticket comes in. `already` is the scan that let it in before: what the conditional insert ran into.
///
/// What can be put right nowhere comes first: a cancelled ticket is not sent on to another door.
pub fn decide(ticket: &TicketFacts, list: &CheckInList, already: Option<Nonce>) -> Verdict {
    if ticket.event != list.event {
        return Verdict::Refused(ScanResult::WrongEvent);
    }
    match ticket.state {
        TicketState::Cancelled | TicketState::Transferred => return Verdict::Refused(ScanResult::Cancelled),
        TicketState::Valid => {}
    }
    if !ticket.is_paid {
        return Verdict::Refused(ScanResult::NotPaid);
    }
    if !list.lets_in(ticket.ticket_type) {
        return Verdict::Refused(ScanResult::WrongList);
    }
    already.map_or(Verdict::Admitted, Verdict::AlreadyIn)
}

/// A scan that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptScan {
    /// Its name.
    pub nonce: Nonce,
    /// At which list.
    pub list: kernel::ListId,
    /// Which ticket, when the code was one's.
    pub ticket: Option<kernel::TicketId>,
    /// Which device; none when a member scanned.
    pub device: Option<kernel::DeviceId>,
    /// Who.
    pub actor: String,
    /// How it ended.
    pub result: ScanResult,
    /// SHA-256 of what was scanned; none for an undoing.
    pub code_hash: Option<Vec<u8>>,
    /// The admitting scan it speaks of.
    pub about: Option<Nonce>,
    /// When, by the server's clock.
    pub scanned_at: Timestamp,
}

/// Until when a device may take back what it admitted at `admitted_at`.
pub fn undo_until(admitted_at: Timestamp) -> Timestamp {
    admitted_at.saturating_add(SignedDuration::from_mins(UNDO_MINUTES)).unwrap_or(admitted_at)
}

#[cfg(test)]
mod tests;
