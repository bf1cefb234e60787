//! What the door is told of a scan.

use boxoffice::api::TicketFacts;
use jiff::Timestamp;
use serde::Serialize;

use super::model::{ScanResult, undo_until};

/// A scan and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// How it ended.
    pub result: ScanResult,
    /// When it was, by the server's clock.
    pub scanned_at: Timestamp,
    /// The ticket, when there is one and it is for this event.
    pub ticket: Option<TicketFacts>,
    /// The scan that let the ticket in before.
    pub first: Option<FirstScan>,
}

/// The scan that let a ticket in before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FirstScan {
    /// When it was.
    pub at: Timestamp,
    /// The device that scanned; null when it was a member.
    pub device: Option<String>,
}

/// What a scan came to. A refusal is an answer like any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScanView {
    /// How it ended; never `undone`.
    pub result: ScanResult,
    /// The ticket, when there is one and it is for this event.
    pub ticket: Option<ScannedTicketView>,
    /// When the ticket came in: by this scan, or by the first.
    pub admitted_at: Option<Timestamp>,
    /// Of `already_in`: the scan that let the ticket in.
    pub first_scan: Option<FirstScan>,
    /// Of `admitted`: until when the device may take it back. Members may later, too.
    pub undo_until: Option<Timestamp>,
}

/// A ticket as the door shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScannedTicketView {
    /// Who comes.
    pub holder_name: String,
    /// What its type is called.
    #[serde(rename = "type")]
    pub type_name: String,
    /// What people call it: `PK8DH2XQ-1`.
    pub code: String,
    /// What people call its order.
    pub order_code: String,
}

impl From<Scanned> for ScanView {
    fn from(scanned: Scanned) -> Self {
        let own = (scanned.result == ScanResult::Admitted).then_some(scanned.scanned_at);
        Self {
            result: scanned.result,
            ticket: scanned.ticket.map(ScannedTicketView::from),
            admitted_at: own.or(scanned.first.as_ref().map(|first| first.at)),
            first_scan: scanned.first,
            undo_until: own.map(undo_until),
        }
    }
}

impl From<TicketFacts> for ScannedTicketView {
    fn from(ticket: TicketFacts) -> Self {
        Self {
            holder_name: ticket.holder_name,
            type_name: ticket.type_name,
            code: ticket.code,
            order_code: ticket.order_code,
        }
    }
}
