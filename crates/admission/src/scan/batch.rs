//! Scans of many phones in one transaction: the honest rush at the doors, where nearly every code is good and nearly every ticket comes in.
//!
//! A batch admits what is plain: a signed code of ours, a valid ticket of this list's event, a nonce and a ticket that nobody used before.
//! Whatever is not plain it leaves to [`admit::scan`], a transaction of its own, which knows every other answer.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use boxoffice::api::{self as tickets, TicketFacts};
use kernel::{ListId, OrganisationId, TicketId};
use platform::request::RequestContext;
use platform::vault::sha256;
use platform::{Failure, Fault, Never, Platform, Scope, Together, Tx};

use super::admit::{self, Scan, ScanRefusal};
use super::code::{Presented, Provenance, check};
use super::model::{KeptScan, ScanResult, Verdict, decide};
use super::store;
use super::view::Scanned;
use crate::list::model::CheckInList;
use crate::list::store as lists;

/// A scan, and the request that asks for it.
type Asked = (Scan, RequestContext);
/// What became of it; nothing when it is not plain.
type Answer = Option<Scanned>;

#[derive(Default)]
struct Doors(Arc<Together<OrganisationId, Asked, Answer>>);

/// Decides about a scan, together with others of the organisation.
pub(super) async fn scan(platform: &Platform, command: Scan) -> Result<Scanned, Failure<ScanRefusal>> {
    let db = platform.db.clone();
    let run = move |organisation, asked: Arc<[Asked]>| {
        let db = db.clone();
        async move {
            let count = asked.len();
            let admitted =
                db.write(Scope::Tenant(organisation), "scan_tickets", (organisation, asked), admit_plain).await;
            match admitted.map_err(Failure::into_fault) {
                // It may be a single scan's doing: each gets a transaction of its own.
                Err(fault) if !fault.is_unavailable() && !matches!(fault, Fault::Unknown(_)) => {
                    Ok((0..count).map(|_| None).collect())
                }
                other => other,
            }
        }
    };
    let asked = (command.clone(), RequestContext::current());
    let doors = platform.locals.get::<Doors>();
    match doors.0.ask(command.gate.organisation, asked, run).await? {
        Some(scanned) => Ok(scanned),
        None => platform.db.write(command.gate.scope(), "scan_ticket", command, admit::scan).await,
    }
}

/// A scan of a batch whose code is ours and whose ticket may come in.
struct Candidate {
    /// Its place in the batch.
    at: usize,
    list: ListId,
    ticket: TicketFacts,
}

async fn admit_plain(
    tx: &mut Tx,
    (organisation, asked): (OrganisationId, Arc<[Asked]>),
) -> Result<Vec<Answer>, Failure<Never>> {
    let mut answers: Vec<Answer> = asked.iter().map(|_| None).collect();
    let fresh = fresh(tx, organisation, &asked).await?;
    let candidates = candidates(tx, organisation, &asked, &fresh).await?;
    let rows: Vec<_> = candidates.iter().filter_map(|it| Some((asked.get(it.at)?.0.clone(), it.ticket.id))).collect();
    // Who is first, the primary key decides, as for a single scan.
    let entered = store::enter_all(tx, organisation, &rows).await?;
    let now = tx.now();
    let (mut kept, mut requests) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let Some((scan, request)) = asked.get(candidate.at) else { continue };
        if !entered.contains(&(candidate.list, candidate.ticket.id)) {
            continue;
        }
        let row = KeptScan {
            nonce: scan.nonce,
            list: candidate.list,
            ticket: Some(candidate.ticket.id),
            device: scan.gate.device,
            actor: request.actor().to_string(),
            result: ScanResult::Admitted,
            code_hash: Some(sha256(scan.code.as_bytes()).to_vec()),
            about: None,
            scanned_at: now,
        };
        kept.push((row, scan.at_device));
        requests.push(request.clone());
        let ticket = Some(candidate.ticket);
        if let Some(answer) = answers.get_mut(candidate.at) {
            *answer = Some(Scanned { result: ScanResult::Admitted, scanned_at: now, ticket, first: None });
        }
    }
    store::insert_all(tx, organisation, &kept).await?;
    tx.mark_effects(&requests).await?;
    let count = u64::try_from(kept.len()).unwrap_or(u64::MAX);
    metrics::counter!("turnout_scans_total", "result" => ScanResult::Admitted.as_str()).increment(count);
    Ok(answers)
}

/// Scans whose nonce nobody used before; of several with one nonce, none. Their nonces are locked.
async fn fresh(tx: &mut Tx, organisation: OrganisationId, asked: &[Asked]) -> Result<Vec<usize>, Fault> {
    let (mut nonces, mut twice) = (HashSet::new(), HashSet::new());
    for (scan, _) in asked {
        if !nonces.insert(scan.nonce) {
            twice.insert(scan.nonce);
        }
    }
    let nonces: Vec<_> = nonces.into_iter().collect();
    store::lock_nonces(tx, &nonces).await?;
    let used = store::used(tx, organisation, &nonces).await?;
    let is_fresh = |scan: &Scan| !twice.contains(&scan.nonce) && !used.contains(&scan.nonce);
    Ok(asked.iter().enumerate().filter(|(_, (scan, _))| is_fresh(scan)).map(|(at, _)| at).collect())
}

/// What may come in, each ticket at each list once, locked so that nobody cancels it meanwhile.
async fn candidates(
    tx: &mut Tx,
    organisation: OrganisationId,
    asked: &[Asked],
    fresh: &[usize],
) -> Result<Vec<Candidate>, Fault> {
    let scans = || fresh.iter().filter_map(|at| Some((*at, &asked.get(*at)?.0)));
    let wanted: BTreeSet<ListId> = scans().map(|(_, scan)| scan.gate.list).collect();
    let wanted: Vec<ListId> = wanted.into_iter().collect();
    let lists: BTreeMap<ListId, CheckInList> = lists::find_all_for_scan(tx, organisation, &wanted).await?;
    let keys = tickets::public_keys(tx, organisation).await?;
    let proven: Vec<(usize, &CheckInList, u64)> = scans()
        .filter_map(|(at, scan)| {
            let list = lists.get(&scan.gate.list)?;
            let Presented::Signed(code) = Presented::read(&scan.code) else { return None };
            let Provenance::ForThisEvent { serial } = check(&code, &keys, list.event) else { return None };
            Some((at, list, serial))
        })
        .collect();
    let serials: Vec<u64> = proven.iter().map(|(_, _, serial)| *serial).collect();
    let found = tickets::lock_tickets_for_admission(tx, organisation, &serials).await?;
    let mut taken: HashSet<(ListId, TicketId)> = HashSet::new();
    let candidates = proven.into_iter().filter_map(|(at, list, serial)| {
        let ticket = found.get(&serial)?;
        let comes_in = decide(ticket, list, None) == Verdict::Admitted && taken.insert((list.id, ticket.id));
        comes_in.then(|| Candidate { at, list: list.id, ticket: ticket.clone() })
    });
    Ok(candidates.collect())
}
