//! What was scanned or typed: a signed ticket code, the name of a ticket, or something else.

use boxoffice::api::{EventTag, PublicKey, SignedCode, base45, parse_human_code};
use kernel::EventId;

/// What every signed code starts with.
const SIGNED_PREFIX: &str = "T1:";

/// A text as the door reads it, before anything is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// A signed ticket code; its signature is not checked yet.
    Signed(SignedCode),
    /// It begins like a signed code and is none.
    Broken,
    /// What people call a ticket: `PK8DH2XQ-1`.
    Named,
    /// Anything else.
    Other,
}

impl Presented {
    /// Reads a text.
    pub fn read(text: &str) -> Self {
        match SignedCode::decode(text) {
            Ok(code) => Self::Signed(code),
            Err(_) if text.starts_with(SIGNED_PREFIX) => Self::Broken,
            Err(_) if parse_human_code(text).is_some() => Self::Named,
            Err(_) => Self::Other,
        }
    }
}

/// What a signature proves at the door of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// The organisation made this code, for this event.
    ForThisEvent {
        /// Which ticket.
        serial: u64,
    },
    /// The organisation made this code, for another event.
    ForAnotherEvent {
        /// Which ticket.
        serial: u64,
    },
    /// It says that it is for this event, and the organisation did not make it.
    Forged,
    /// It is for an event elsewhere: another organisation's ticket, most likely. Nothing is known of it here.
    Foreign,
}

/// Checks a code against the organisation's keys. Keys are numbered within their organisation, so another organisation's honest ticket
/// fails here too; the event it names tells it from one that pretends to be for this door.
pub fn check(code: &SignedCode, keys: &[PublicKey], event: EventId) -> Provenance {
    let here = EventTag::of(event);
    let key = keys.iter().find(|key| key.number == code.key_number());
    let bytes = key.and_then(|key| <&[u8; 32]>::try_from(key.bytes.as_slice()).ok());
    match bytes.map(|bytes| code.verify(bytes)) {
        Some(Ok(code)) if code.event_tag == here => Provenance::ForThisEvent { serial: code.serial },
        Some(Ok(code)) => Provenance::ForAnotherEvent { serial: code.serial },
        Some(Err(_)) | None if claimed_event(code) == Some(here.value()) => Provenance::Forged,
        Some(Err(_)) | None => Provenance::Foreign,
    }
}

/// The event tag that a code names, whoever made it: bytes 3 to 6 of its payload.
fn claimed_event(code: &SignedCode) -> Option<u32> {
    let bytes = base45::decode(code.encode().strip_prefix(SIGNED_PREFIX)?).ok()?;
    bytes.get(3..7)?.first_chunk().copied().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests;
