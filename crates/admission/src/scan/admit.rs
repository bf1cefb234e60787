//! Scans a ticket and lets it in, once.

use axum::extract::State;
use boxoffice::api::{self as tickets, TicketFacts};
use jiff::Timestamp;
use kernel::{EventId, ListId, OrganisationId, TicketId};
use platform::vault::sha256;
use platform::{Failure, Fault, FieldError, InvalidFields, NotFound, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use web::{AppState, Json, Problem};

use super::code::{Presented, Provenance, check};
use super::model::{KeptScan, Nonce, ScanResult, Verdict, decide};
use super::view::{FirstScan, ScanView, Scanned};
use super::{batch, store};
use crate::gate::{Door, Gate, Steward};
use crate::label::complaint;
use crate::list::model::CheckInList;
use crate::list::store as lists;

/// The longest text that is looked at; a signed code has 122 characters.
const CODE_CHARACTERS_MAX: usize = 1000;
/// How often a ticket is tried that others let in and take back at the same moment.
const ENTRY_TRIES_MAX: u32 = 5;

/// One scan.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Where.
    pub gate: Gate,
    /// What was scanned or typed.
    pub code: String,
    /// The scanner's name for it.
    pub nonce: Nonce,
    /// The time by the scanner's clock.
    pub at_device: Option<Timestamp>,
}

/// Why there is no answer to a scan. A ticket that is kept out is not refused: that is the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanRefusal {
    /// There is no such list.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The code is nothing that can be looked at.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
    /// The nonce names another scan.
    #[error("This nonce belongs to another scan. Make a new one for each scan.")]
    NonceReused,
}

impl Refusal for ScanRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(refusal) => refusal.code(),
            Self::Invalid(refusal) => refusal.code(),
            Self::NonceReused => "nonce_reused",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(refusal) => refusal.kind(),
            Self::Invalid(refusal) => refusal.kind(),
            Self::NonceReused => RefusalKind::Invalid,
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::NotFound(_) => Vec::new(),
            Self::Invalid(refusal) => refusal.fields(),
            Self::NonceReused => vec![FieldError::new("nonce", "reused", "This nonce belongs to another scan.")],
        }
    }
}

/// Decides about a code and keeps the scan, whatever it comes to. The same scan again gets its first answer.
pub async fn scan(tx: &mut Tx, command: Scan) -> Result<Scanned, Failure<ScanRefusal>> {
    if command.code.is_empty() || command.code.len() > CODE_CHARACTERS_MAX {
        return Err(ScanRefusal::Invalid(complaint(
            "code",
            "invalid",
            "Send what the ticket says, 1 to 1000 characters.",
        ))
        .into());
    }
    let Gate { organisation, list, device } = command.gate;
    store::lock_nonce(tx, command.nonce).await?;
    let code_hash = sha256(command.code.as_bytes()).to_vec();
    if let Some(kept) = store::find(tx, organisation, command.nonce).await? {
        let is_same = kept.code_hash.as_ref() == Some(&code_hash)
            && kept.list == list
            && kept.device == device
            && kept.actor == tx.actor().to_string();
        if !is_same {
            return Err(ScanRefusal::NonceReused.into());
        }
        return Ok(answer(tx, organisation, kept).await?);
    }
    let list = lists::find_for_scan(tx, organisation, list).await?.ok_or(ScanRefusal::NotFound(NotFound))?;
    let (verdict, ticket) = judge(tx, &command, &list).await?;
    let kept = KeptScan {
        nonce: command.nonce,
        list: list.id,
        ticket: ticket.as_ref().map(|ticket| ticket.id),
        device,
        actor: tx.actor().to_string(),
        result: verdict.result(),
        code_hash: Some(code_hash),
        about: verdict.about(),
        scanned_at: tx.now(),
    };
    store::insert(tx, organisation, &kept, command.at_device).await?;
    metrics::counter!("turnout_scans_total", "result" => kept.result.as_str()).increment(1);
    Ok(tell(tx, organisation, kept, ticket).await?)
}

/// What a code proves and, when it is a ticket's, whether that comes in.
async fn judge(tx: &mut Tx, command: &Scan, list: &CheckInList) -> Result<(Verdict, Option<TicketFacts>), Fault> {
    let (event, id) = match find_ticket(tx, command, list).await? {
        Ok(found) => found,
        Err(result) => return Ok((Verdict::Refused(result), None)),
    };
    // Locked: from here to the end of the transaction nobody cancels it.
    let Some(ticket) = tickets::lock_ticket_for_admission(tx, list.organisation, event, id).await? else {
        return Ok((Verdict::Refused(ScanResult::UnknownTicket), None));
    };
    let mut verdict = decide(&ticket, list, None);
    if verdict == Verdict::Admitted {
        let already = enter(tx, command, ticket.id).await?;
        verdict = decide(&ticket, list, already);
    }
    Ok((verdict, Some(ticket)))
}

/// The ticket of a code, or why there is none.
async fn find_ticket(
    tx: &mut Tx,
    command: &Scan,
    list: &CheckInList,
) -> Result<Result<(EventId, TicketId), ScanResult>, Fault> {
    let organisation = list.organisation;
    let (found, otherwise) = match Presented::read(&command.code) {
        Presented::Signed(code) => {
            let keys = tickets::public_keys(tx, organisation).await?;
            match check(&code, &keys, list.event) {
                Provenance::ForThisEvent { serial } => {
                    (tickets::find_ticket_by_serial(tx, organisation, serial).await?, ScanResult::UnknownTicket)
                }
                Provenance::ForAnotherEvent { serial } => {
                    (tickets::find_ticket_by_serial(tx, organisation, serial).await?, ScanResult::WrongEvent)
                }
                Provenance::Forged => (None, ScanResult::Forged),
                Provenance::Foreign => (None, ScanResult::UnknownTicket),
            }
        }
        Presented::Broken => (None, ScanResult::Forged),
        Presented::Named => {
            (tickets::find_ticket_by_code(tx, organisation, &command.code).await?, ScanResult::UnknownTicket)
        }
        Presented::Other => (None, ScanResult::UnknownTicket),
    };
    Ok(found.ok_or(otherwise))
}

/// Lets a ticket in, or says by which scan it is in already. Who is first, the primary key decides: the insert of the second waits for
/// the transaction of the first.
async fn enter(tx: &mut Tx, command: &Scan, ticket: TicketId) -> Result<Option<Nonce>, Fault> {
    for _ in 0..ENTRY_TRIES_MAX {
        if store::enter(tx, command.gate, ticket, command.nonce).await? {
            return Ok(None);
        }
        // Gone again when the admission was taken back in between; then the ticket may come in.
        if let Some(first) = store::find_entry(tx, command.gate, ticket).await? {
            return Ok(Some(first));
        }
    }
    Err(Fault::Interrupted("a ticket was let in and taken back over and over".to_owned()))
}

/// The answer to a scan that was kept.
async fn answer(tx: &mut Tx, organisation: OrganisationId, kept: KeptScan) -> Result<Scanned, Fault> {
    // A ticket of another event is not found here, and would not be shown.
    let list = lists::find_for_scan(tx, organisation, kept.list).await?;
    let ticket = match (list, kept.ticket) {
        (Some(list), Some(id)) => tickets::lock_ticket_for_admission(tx, organisation, list.event, id).await?,
        _ => None,
    };
    tell(tx, organisation, kept, ticket).await
}

/// Tickets for other events are told apart and not shown: who goes there is not this door's business.
async fn tell(
    tx: &mut Tx,
    organisation: OrganisationId,
    kept: KeptScan,
    ticket: Option<TicketFacts>,
) -> Result<Scanned, Fault> {
    let first = match kept.about {
        Some(nonce) => {
            store::find_when(tx, organisation, nonce).await?.map(|when| FirstScan { at: when.at, device: when.device })
        }
        None => None,
    };
    let ticket = ticket.filter(|_| kept.result != ScanResult::WrongEvent);
    Ok(Scanned { result: kept.result, scanned_at: kept.scanned_at, ticket, first })
}

/// A scan to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScan {
    /// What the QR code says (`T1:...`), or what people call the ticket (`PK8DH2XQ-1`).
    #[schema(example = "PK8DH2XQ-1", min_length = 1, max_length = 1000)]
    pub code: String,
    /// A UUID made for this scan. Sent again with the same code, it gets the first answer again.
    pub nonce: Nonce,
    /// The time by the scanner's clock; it is kept and decides nothing.
    pub scanned_at: Option<Timestamp>,
}

async fn run(app: &AppState, gate: Gate, body: NewScan) -> Result<Json<ScanView>, Problem> {
    let command = Scan { gate, code: body.code, nonce: body.nonce, at_device: body.scanned_at };
    Ok(Json(batch::scan(&app.platform, command).await?.into()))
}

/// Scan a ticket at the door
///
/// Bearer token of a device. Tickets that are kept out are answered with 200 and their `result`, too.
#[utoipa::path(
    post, path = "/api/v1/door/scans", tag = "door", request_body = NewScan,
    responses((status = 200, body = ScanView)),
    extensions(("x-access" = json!("door")))
)]
pub(crate) async fn scan_at_door(
    State(app): State<AppState>,
    Door(gate): Door,
    Json(body): Json<NewScan>,
) -> Result<Json<ScanView>, Problem> {
    run(&app, gate, body).await
}

/// Scan a ticket as a member
#[utoipa::path(
    post, path = "/api/v1/organisations/{organisation}/check-in-lists/{list}/scans", tag = "door", request_body = NewScan,
    params(("organisation" = OrganisationId, Path), ("list" = ListId, Path)),
    responses((status = 200, body = ScanView)),
    extensions(("x-access" = json!("check_in")))
)]
pub(crate) async fn scan_as_member(
    State(app): State<AppState>,
    Steward(gate): Steward,
    Json(body): Json<NewScan>,
) -> Result<Json<ScanView>, Problem> {
    run(&app, gate, body).await
}
