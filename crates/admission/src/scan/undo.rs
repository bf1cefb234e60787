//! Takes an admission back.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{ListId, OrganisationId};
use platform::{Failure, Fault, NotFound, Refusal, RefusalKind, Tx};
use serde::{Deserialize, Serialize};
use web::{AppState, Json, Path, Problem};

use super::model::{KeptScan, Nonce, ScanResult, UNDO_MINUTES, undo_until};
use super::store;
use crate::gate::{Door, Gate, Steward};

/// An admission to be taken back.
#[derive(Debug, Clone, Copy)]
pub struct Undo {
    /// Where.
    pub gate: Gate,
    /// The scan that admitted.
    pub nonce: Nonce,
}

/// Why an admission was not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UndoRefusal {
    /// There is no such scan here.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The scan let nobody in.
    #[error("This scan let nobody in, so there is nothing to undo.")]
    NotAdmitted,
    /// The device's time to think again is over.
    #[error("A device can undo within {UNDO_MINUTES} minutes. Ask a member of the team to undo this one.")]
    TooLate,
}

impl Refusal for UndoRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(refusal) => refusal.code(),
            Self::NotAdmitted => "not_admitted",
            Self::TooLate => "undo_too_late",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(refusal) => refusal.kind(),
            Self::NotAdmitted | Self::TooLate => RefusalKind::Conflict,
        }
    }
}

/// Takes an admission back: a device its own and within ten minutes, a member any of the list. Again is harmless. Answers when it was.
pub async fn undo(tx: &mut Tx, command: Undo) -> Result<Timestamp, Failure<UndoRefusal>> {
    let Undo { gate, nonce } = command;
    let kept = store::find(tx, gate.organisation, nonce).await?;
    let is_ours = |scan: &KeptScan| scan.list == gate.list && (gate.device.is_none() || gate.device == scan.device);
    let kept = kept.filter(is_ours).ok_or(UndoRefusal::NotFound(NotFound))?;
    let ticket = kept.ticket.filter(|_| kept.result == ScanResult::Admitted).ok_or(UndoRefusal::NotAdmitted)?;
    if let Some(undone) = store::find_undoing(tx, gate.organisation, nonce).await? {
        return Ok(undone.scanned_at);
    }
    if gate.device.is_some() && tx.now() > undo_until(kept.scanned_at) {
        return Err(UndoRefusal::TooLate.into());
    }
    if !store::leave(tx, gate, ticket, nonce).await? {
        // Somebody else did, in a transaction that this one waited for.
        let undone = store::find_undoing(tx, gate.organisation, nonce).await?;
        return undone
            .map(|undone| undone.scanned_at)
            .ok_or_else(|| Fault::corrupt("an admission is gone and nobody took it back").into());
    }
    let undoing = KeptScan {
        nonce: Nonce::from(tx.random().uuid_v7(tx.now())),
        device: gate.device,
        actor: tx.actor().to_string(),
        result: ScanResult::Undone,
        code_hash: None,
        about: Some(nonce),
        scanned_at: tx.now(),
        ..kept
    };
    store::insert(tx, gate.organisation, &undoing, None).await?;
    metrics::counter!("turnout_scans_total", "result" => undoing.result.as_str()).increment(1);
    Ok(undoing.scanned_at)
}

/// An admission that was taken back; the ticket can come in again.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct UndoneView {
    /// The scan that had admitted.
    pub nonce: Nonce,
    /// Always `undone`.
    pub result: ScanResult,
    /// When it was taken back.
    pub undone_at: Timestamp,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct ScanPath {
    nonce: Nonce,
}

async fn run(app: &AppState, gate: Gate, nonce: Nonce) -> Result<Json<UndoneView>, Problem> {
    let undone_at = app.platform.db.write(gate.scope(), "undo_scan", Undo { gate, nonce }, undo).await?;
    Ok(Json(UndoneView { nonce, result: ScanResult::Undone, undone_at }))
}

/// Undo a scan at the door
///
/// Only a scan of the same device that admitted, within ten minutes. Undoing twice is harmless.
#[utoipa::path(
    post, path = "/api/v1/door/scans/{nonce}/undo", tag = "door",
    params(("nonce" = Nonce, Path)),
    responses((status = 200, body = UndoneView)),
    extensions(("x-access" = json!("door")))
)]
pub(crate) async fn undo_at_door(
    State(app): State<AppState>,
    Door(gate): Door,
    Path(path): Path<ScanPath>,
) -> Result<Json<UndoneView>, Problem> {
    run(&app, gate, path.nonce).await
}

/// Undo a scan as a member
///
/// Any scan of the list that admitted, at any time. Undoing twice is harmless.
#[utoipa::path(
    post, path = "/api/v1/organisations/{organisation}/check-in-lists/{list}/scans/{nonce}/undo", tag = "door",
    params(("organisation" = OrganisationId, Path), ("list" = ListId, Path), ("nonce" = Nonce, Path)),
    responses((status = 200, body = UndoneView)),
    extensions(("x-access" = json!("check_in")))
)]
pub(crate) async fn undo_as_member(
    State(app): State<AppState>,
    Steward(gate): Steward,
    Path(path): Path<ScanPath>,
) -> Result<Json<UndoneView>, Problem> {
    run(&app, gate, path.nonce).await
}
