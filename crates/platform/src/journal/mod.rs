//! The journal: every state change, appended in the transaction of the change, hash-chained for each aggregate.

mod canonical;
mod relay;
mod verify;

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::events::JournalEvent;
use kernel::{Actor, OrganisationId};
use sqlx::PgConnection;
use uuid::Uuid;

pub use relay::{Delivered, Relay, Subscriber};
pub(crate) use relay::{delivery_handler, is_behind};
pub use verify::{BrokenLink, verify};

use crate::Fault;
use crate::vault::sha256;
use canonical::canonical;

/// The hash before the first entry of an aggregate.
const GENESIS: [u8; 32] = [0; 32];

/// One fact on its way into the journal.
pub struct Entry {
    organisation: Option<OrganisationId>,
    aggregate_kind: &'static str,
    aggregate_id: Uuid,
    kind: &'static str,
    payload: serde_json::Value,
    actor: String,
    request_id: String,
    at: Timestamp,
    is_first: bool,
}

impl Entry {
    /// The same fact as the first of an aggregate that is made in the same transaction: nobody has to look for what came before.
    #[must_use]
    pub fn first(self) -> Self {
        Self { is_first: true, ..self }
    }

    pub(crate) fn of<E: JournalEvent>(
        organisation: Option<OrganisationId>,
        event: &E,
        actor: Actor,
        request_id: &str,
        at: Timestamp,
    ) -> Result<Self, Fault> {
        Ok(Self {
            organisation,
            aggregate_kind: E::AGGREGATE,
            aggregate_id: event.aggregate_id(),
            kind: E::KIND,
            payload: serde_json::to_value(event).map_err(Fault::corrupt)?,
            actor: actor.to_string(),
            request_id: request_id.to_owned(),
            at,
            is_first: false,
        })
    }
}

/// What the hash of an entry covers: its place, its content and the entry before it.
struct Hashed<'a> {
    previous: &'a [u8],
    organisation: Option<Uuid>,
    aggregate_kind: &'a str,
    aggregate_id: Uuid,
    version: i64,
    kind: &'a str,
    payload: &'a serde_json::Value,
    actor: &'a str,
    at: Timestamp,
}

impl Hashed<'_> {
    fn hash(&self) -> [u8; 32] {
        let head = format!(
            "{}|{}|{}|{}|{}|{}|{}|",
            self.organisation.map(|id| id.to_string()).unwrap_or_default(),
            self.aggregate_kind,
            self.aggregate_id,
            self.version,
            self.kind,
            self.actor,
            self.at.as_microsecond()
        );
        let mut bytes = self.previous.to_vec();
        bytes.extend(head.as_bytes());
        bytes.extend(canonical(self.payload).as_bytes());
        sha256(&bytes)
    }
}

/// Appends entries behind the last ones of their aggregates, in the order given, with one look and one insert. Two transactions that append
/// to one aggregate at once cannot both succeed: the second breaks `journal_version_is_gapless` and is run again.
pub(crate) async fn append(connection: &mut PgConnection, entries: &[Entry]) -> Result<(), Fault> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut heads = heads(connection, entries).await?;
    let mut rows = Rows::default();
    for entry in entries {
        let head = heads.entry((entry.aggregate_kind, entry.aggregate_id)).or_insert((0, GENESIS.to_vec()));
        let (version, previous) = (head.0 + 1, std::mem::take(&mut head.1));
        let hash = hash_of(entry, version, &previous);
        *head = (version, hash.to_vec());
        rows.push(entry, version, previous, hash.to_vec());
    }
    rows.insert(connection).await
}

type Heads = HashMap<(&'static str, Uuid), (i64, Vec<u8>)>;

/// The version and hash of the last entry of each aggregate that was there before.
async fn heads(connection: &mut PgConnection, entries: &[Entry]) -> Result<Heads, Fault> {
    let old: Vec<&Entry> = entries.iter().filter(|entry| !entry.is_first).collect();
    if old.is_empty() {
        return Ok(Heads::new());
    }
    let kinds: Vec<String> = old.iter().map(|entry| entry.aggregate_kind.to_owned()).collect();
    let ids: Vec<Uuid> = old.iter().map(|entry| entry.aggregate_id).collect();
    let found = sqlx::query!(
        "select a.aggregate_id as \"aggregate_id!\", a.position as \"position!\", j.aggregate_version, j.hash
         from unnest($1::text[], $2::uuid[]) with ordinality as a (aggregate_kind, aggregate_id, position)
         cross join lateral (
           select aggregate_version, hash
           from platform.journal
           where aggregate_kind = a.aggregate_kind and aggregate_id = a.aggregate_id
           order by aggregate_version desc
           limit 1) j",
        &kinds,
        &ids
    )
    .fetch_all(connection)
    .await?;
    let mut heads = Heads::new();
    for row in found {
        let place = usize::try_from(row.position - 1).map_err(Fault::corrupt)?;
        if let Some(entry) = old.get(place) {
            heads.insert((entry.aggregate_kind, row.aggregate_id), (row.aggregate_version, row.hash));
        }
    }
    Ok(heads)
}

fn hash_of(entry: &Entry, version: i64, previous: &[u8]) -> [u8; 32] {
    Hashed {
        previous,
        organisation: entry.organisation.map(OrganisationId::uuid),
        aggregate_kind: entry.aggregate_kind,
        aggregate_id: entry.aggregate_id,
        version,
        kind: entry.kind,
        payload: &entry.payload,
        actor: &entry.actor,
        at: entry.at,
    }
    .hash()
}

/// Entries, column by column, as `unnest` takes them.
#[derive(Default)]
struct Rows {
    organisations: Vec<Option<Uuid>>,
    aggregate_kinds: Vec<String>,
    aggregate_ids: Vec<Uuid>,
    versions: Vec<i64>,
    kinds: Vec<String>,
    payloads: Vec<serde_json::Value>,
    actors: Vec<String>,
    request_ids: Vec<String>,
    instants: Vec<jiff_sqlx::Timestamp>,
    previous: Vec<Vec<u8>>,
    hashes: Vec<Vec<u8>>,
}

impl Rows {
    fn push(&mut self, entry: &Entry, version: i64, previous: Vec<u8>, hash: Vec<u8>) {
        self.organisations.push(entry.organisation.map(OrganisationId::uuid));
        self.aggregate_kinds.push(entry.aggregate_kind.to_owned());
        self.aggregate_ids.push(entry.aggregate_id);
        self.versions.push(version);
        self.kinds.push(entry.kind.to_owned());
        self.payloads.push(entry.payload.clone());
        self.actors.push(entry.actor.clone());
        self.request_ids.push(entry.request_id.clone());
        self.instants.push(entry.at.to_sqlx());
        self.previous.push(previous);
        self.hashes.push(hash);
    }

    async fn insert(self, connection: &mut PgConnection) -> Result<(), Fault> {
        sqlx::query!(
            "insert into platform.journal
               (organisation_id, aggregate_kind, aggregate_id, aggregate_version, kind, payload, actor, request_id,
                valid_at, recorded_at, previous_hash, hash)
             select e.organisation_id, e.aggregate_kind, e.aggregate_id, e.aggregate_version, e.kind, e.payload, e.actor, e.request_id,
                    e.at, e.at, e.previous_hash, e.hash
             from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::jsonb[], $7::text[], $8::text[], $9::timestamptz[],
                         $10::bytea[], $11::bytea[])
               as e (organisation_id, aggregate_kind, aggregate_id, aggregate_version, kind, payload, actor, request_id, at, previous_hash, hash)",
            &self.organisations as _,
            &self.aggregate_kinds,
            &self.aggregate_ids,
            &self.versions,
            &self.kinds,
            &self.payloads,
            &self.actors,
            &self.request_ids,
            &self.instants as _,
            &self.previous,
            &self.hashes
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}
