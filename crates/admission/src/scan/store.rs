//! SQL of scans and of who is in.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use kernel::{DeviceId, EventId, ListId, OrganisationId, TicketId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::admit::Scan;
use super::model::{KeptScan, Nonce};
use crate::gate::Gate;

/// Makes requests with the same nonce wait for each other until the transaction ends: the second finds the row of the first.
pub async fn lock_nonce(tx: &mut Tx, nonce: Nonce) -> Result<(), Fault> {
    let name = format!("admission.scan {nonce}");
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).execute(tx.conn()).await?;
    Ok(())
}

/// The same for some nonces, in one order everywhere, so that batches wait for each other and do not deadlock.
pub async fn lock_nonces(tx: &mut Tx, nonces: &[Nonce]) -> Result<(), Fault> {
    let names: Vec<String> = nonces.iter().map(|nonce| format!("admission.scan {nonce}")).collect();
    sqlx::query!(
        "select pg_advisory_xact_lock(n.hash)
         from (select hashtextextended(name, 0) as hash from unnest($1::text[]) as n (name) order by 1) n",
        &names
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Which of these nonces name a scan.
pub async fn used(tx: &mut Tx, organisation: OrganisationId, nonces: &[Nonce]) -> Result<HashSet<Nonce>, Fault> {
    let nonces: Vec<Uuid> = nonces.iter().map(|nonce| nonce.uuid()).collect();
    let rows = sqlx::query!(
        "select nonce
         from admission.scan
         where organisation_id = $1 and nonce = any($2)",
        organisation.uuid(),
        &nonces
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| Nonce::from(row.nonce)).collect())
}

struct Row {
    nonce: Uuid,
    list_id: Uuid,
    ticket_id: Option<Uuid>,
    device_id: Option<Uuid>,
    actor: String,
    result: String,
    code_hash: Option<Vec<u8>>,
    about_nonce: Option<Uuid>,
    scanned_at: SqlTimestamp,
}

impl TryFrom<Row> for KeptScan {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            nonce: Nonce::from(row.nonce),
            list: ListId::from(row.list_id),
            ticket: row.ticket_id.map(TicketId::from),
            device: row.device_id.map(DeviceId::from),
            actor: row.actor,
            result: row.result.parse().map_err(Fault::corrupt)?,
            code_hash: row.code_hash,
            about: row.about_nonce.map(Nonce::from),
            scanned_at: row.scanned_at.to_jiff(),
        })
    }
}

/// The scan of a name.
pub async fn find(tx: &mut Tx, organisation: OrganisationId, nonce: Nonce) -> Result<Option<KeptScan>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select nonce, list_id, ticket_id, device_id, actor, result, code_hash, about_nonce, scanned_at
         from admission.scan
         where organisation_id = $1 and nonce = $2",
        organisation.uuid(),
        nonce.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(KeptScan::try_from).transpose()
}

/// The row that took an admission back.
pub async fn find_undoing(
    tx: &mut Tx,
    organisation: OrganisationId,
    admitting: Nonce,
) -> Result<Option<KeptScan>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select nonce, list_id, ticket_id, device_id, actor, result, code_hash, about_nonce, scanned_at
         from admission.scan
         where organisation_id = $1 and about_nonce = $2 and result = 'undone'",
        organisation.uuid(),
        admitting.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(KeptScan::try_from).transpose()
}

/// Keeps a scan.
pub async fn insert(
    tx: &mut Tx,
    organisation: OrganisationId,
    scan: &KeptScan,
    at_device: Option<Timestamp>,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into admission.scan (organisation_id, nonce, list_id, ticket_id, device_id, actor, result, code_hash, about_nonce, scanned_at, at_device)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        organisation.uuid(),
        scan.nonce.uuid(),
        scan.list.uuid(),
        scan.ticket.map(|id| id.uuid()),
        scan.device.map(|id| id.uuid()),
        scan.actor,
        scan.result.as_str(),
        scan.code_hash,
        scan.about.map(Nonce::uuid),
        scan.scanned_at.to_sqlx(),
        at_device.map(|at| at.to_sqlx())
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps scans that name no other scan.
pub async fn insert_all(
    tx: &mut Tx,
    organisation: OrganisationId,
    scans: &[(KeptScan, Option<Timestamp>)],
) -> Result<(), Fault> {
    if scans.is_empty() {
        return Ok(());
    }
    let kept = || scans.iter().map(|(scan, _)| scan);
    let nonces: Vec<Uuid> = kept().map(|scan| scan.nonce.uuid()).collect();
    let lists: Vec<Uuid> = kept().map(|scan| scan.list.uuid()).collect();
    let tickets: Vec<Option<Uuid>> = kept().map(|scan| scan.ticket.map(|id| id.uuid())).collect();
    let devices: Vec<Option<Uuid>> = kept().map(|scan| scan.device.map(|id| id.uuid())).collect();
    let actors: Vec<String> = kept().map(|scan| scan.actor.clone()).collect();
    let results: Vec<String> = kept().map(|scan| scan.result.as_str().to_owned()).collect();
    let hashes: Vec<Option<Vec<u8>>> = kept().map(|scan| scan.code_hash.clone()).collect();
    let times: Vec<SqlTimestamp> = kept().map(|scan| scan.scanned_at.to_sqlx()).collect();
    let at_device: Vec<Option<SqlTimestamp>> = scans.iter().map(|(_, at)| at.map(|at| at.to_sqlx())).collect();
    sqlx::query!(
        "insert into admission.scan (organisation_id, nonce, list_id, ticket_id, device_id, actor, result, code_hash, scanned_at, at_device)
         select $1, s.nonce, s.list_id, s.ticket_id, s.device_id, s.actor, s.result, s.code_hash, s.scanned_at, s.at_device
         from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::bytea[], $9::timestamptz[], $10::timestamptz[])
           as s (nonce, list_id, ticket_id, device_id, actor, result, code_hash, scanned_at, at_device)",
        organisation.uuid(),
        &nonces,
        &lists,
        &tickets as _,
        &devices as _,
        &actors,
        &results,
        &hashes as _,
        &times as _,
        &at_device as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets tickets in unless they are in, as [`enter`] does; answers who came in, at which list.
pub async fn enter_all(
    tx: &mut Tx,
    organisation: OrganisationId,
    entries: &[(Scan, TicketId)],
) -> Result<HashSet<(ListId, TicketId)>, Fault> {
    if entries.is_empty() {
        return Ok(HashSet::new());
    }
    let now = tx.now().to_sqlx();
    let lists: Vec<Uuid> = entries.iter().map(|(scan, _)| scan.gate.list.uuid()).collect();
    let tickets: Vec<Uuid> = entries.iter().map(|(_, ticket)| ticket.uuid()).collect();
    let nonces: Vec<Uuid> = entries.iter().map(|(scan, _)| scan.nonce.uuid()).collect();
    let devices: Vec<Option<Uuid>> = entries.iter().map(|(scan, _)| scan.gate.device.map(|id| id.uuid())).collect();
    // In one order everywhere: the insert of the second waits for the transaction of the first.
    let rows = sqlx::query!(
        "insert into admission.admitted (organisation_id, list_id, ticket_id, nonce, device_id, admitted_at)
         select $1, e.list_id, e.ticket_id, e.nonce, e.device_id, $2
         from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[]) as e (list_id, ticket_id, nonce, device_id)
         order by e.list_id, e.ticket_id
         on conflict (organisation_id, list_id, ticket_id) do nothing
         returning list_id, ticket_id",
        organisation.uuid(),
        now,
        &lists,
        &tickets,
        &nonces,
        &devices as _
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (ListId::from(row.list_id), TicketId::from(row.ticket_id))).collect())
}

/// Lets a ticket in unless it is in: the primary key decides which of two scans was first. True for the one that was.
pub async fn enter(tx: &mut Tx, gate: Gate, ticket: TicketId, nonce: Nonce) -> Result<bool, Fault> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "insert into admission.admitted (organisation_id, list_id, ticket_id, nonce, device_id, admitted_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (organisation_id, list_id, ticket_id) do nothing",
        gate.organisation.uuid(),
        gate.list.uuid(),
        ticket.uuid(),
        nonce.uuid(),
        gate.device.map(|id| id.uuid()),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The scan that let a ticket in.
pub async fn find_entry(tx: &mut Tx, gate: Gate, ticket: TicketId) -> Result<Option<Nonce>, Fault> {
    let row = sqlx::query!(
        "select nonce
         from admission.admitted
         where organisation_id = $1 and list_id = $2 and ticket_id = $3",
        gate.organisation.uuid(),
        gate.list.uuid(),
        ticket.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Nonce::from(row.nonce)))
}

/// Takes an entry back; false when it was taken back before.
pub async fn leave(tx: &mut Tx, gate: Gate, ticket: TicketId, nonce: Nonce) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "delete from admission.admitted
         where organisation_id = $1 and list_id = $2 and ticket_id = $3 and nonce = $4",
        gate.organisation.uuid(),
        gate.list.uuid(),
        ticket.uuid(),
        nonce.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// When a scan was, and what its device is called.
pub struct When {
    pub at: Timestamp,
    pub device: Option<String>,
}

/// The time and device of a scan.
pub async fn find_when(tx: &mut Tx, organisation: OrganisationId, nonce: Nonce) -> Result<Option<When>, Fault> {
    let row = sqlx::query!(
        "select s.scanned_at, d.name as \"device?\"
         from admission.scan s
         left join admission.device d on d.organisation_id = s.organisation_id and d.id = s.device_id
         where s.organisation_id = $1 and s.nonce = $2",
        organisation.uuid(),
        nonce.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| When { at: row.scanned_at.to_jiff(), device: row.device }))
}

/// When each of these tickets came in at a list; those that did not are left out.
pub async fn entries_at(tx: &mut Tx, gate: Gate, tickets: &[TicketId]) -> Result<HashMap<TicketId, Timestamp>, Fault> {
    let ids: Vec<Uuid> = tickets.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "select ticket_id, admitted_at
         from admission.admitted
         where organisation_id = $1 and list_id = $2 and ticket_id = any($3)",
        gate.organisation.uuid(),
        gate.list.uuid(),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (TicketId::from(row.ticket_id), row.admitted_at.to_jiff())).collect())
}

/// When each of these tickets of an event came in first, at whichever list.
pub async fn entries_of(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    tickets: &[TicketId],
) -> Result<HashMap<TicketId, Timestamp>, Fault> {
    let ids: Vec<Uuid> = tickets.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "select a.ticket_id, min(a.admitted_at) as \"admitted_at!\"
         from admission.list l
         join admission.admitted a on a.organisation_id = l.organisation_id and a.list_id = l.id
         where l.organisation_id = $1 and l.event_id = $2 and a.ticket_id = any($3)
         group by a.ticket_id",
        organisation.uuid(),
        event.uuid(),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (TicketId::from(row.ticket_id), row.admitted_at.to_jiff())).collect())
}

/// Every ticket of an event that is in, at whichever list.
pub async fn all_in(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    rows_max: i64,
) -> Result<Vec<TicketId>, Fault> {
    let rows = sqlx::query!(
        "select distinct a.ticket_id
         from admission.list l
         join admission.admitted a on a.organisation_id = l.organisation_id and a.list_id = l.id
         where l.organisation_id = $1 and l.event_id = $2
         limit $3",
        organisation.uuid(),
        event.uuid(),
        rows_max
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| TicketId::from(row.ticket_id)).collect())
}

/// How many are in, and how many of them came since an instant.
pub struct Counts {
    pub admitted: i64,
    pub since: i64,
}

/// Counts who is in at a list.
pub async fn count(tx: &mut Tx, gate: Gate, since: Timestamp) -> Result<Counts, Fault> {
    let row = sqlx::query!(
        "select count(*) as \"admitted!\", count(*) filter (where admitted_at > $3) as \"since!\"
         from admission.admitted
         where organisation_id = $1 and list_id = $2",
        gate.organisation.uuid(),
        gate.list.uuid(),
        since.to_sqlx()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Counts { admitted: row.admitted, since: row.since })
}

/// A scan in the log of a list.
pub struct LoggedScan {
    pub nonce: Nonce,
    pub ticket: Option<TicketId>,
    pub result: String,
    pub device: Option<String>,
    pub scanned_at: Timestamp,
}

/// The latest scans of a list, refused ones too.
pub async fn latest(tx: &mut Tx, gate: Gate, rows_max: i64) -> Result<Vec<LoggedScan>, Fault> {
    let rows = sqlx::query!(
        "select s.nonce, s.ticket_id, s.result, s.scanned_at, d.name as \"device?\"
         from admission.scan s
         left join admission.device d on d.organisation_id = s.organisation_id and d.id = s.device_id
         where s.organisation_id = $1 and s.list_id = $2
         order by s.gate_order desc
         limit $3",
        gate.organisation.uuid(),
        gate.list.uuid(),
        rows_max
    )
    .fetch_all(tx.conn())
    .await?;
    let logged = rows.into_iter().map(|row| LoggedScan {
        nonce: Nonce::from(row.nonce),
        ticket: row.ticket_id.map(TicketId::from),
        result: row.result,
        scanned_at: row.scanned_at.to_jiff(),
        device: row.device,
    });
    Ok(logged.collect())
}
