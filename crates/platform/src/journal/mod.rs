//! The journal: every state change, appended in the transaction of the change, hash-chained for each aggregate.

mod canonical;
mod relay;
mod verify;

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
pub(crate) struct Entry {
    organisation: Option<OrganisationId>,
    aggregate_kind: &'static str,
    aggregate_id: Uuid,
    kind: &'static str,
    payload: serde_json::Value,
    actor: String,
    request_id: String,
    at: Timestamp,
}

impl Entry {
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

/// Appends an entry behind the last one of its aggregate. Two transactions that append to one aggregate at once cannot both succeed:
/// the second breaks `journal_version_is_gapless` and is run again.
pub(crate) async fn append(connection: &mut PgConnection, entry: Entry) -> Result<(), Fault> {
    let last = sqlx::query!(
        "select aggregate_version, hash
         from platform.journal
         where aggregate_kind = $1 and aggregate_id = $2
         order by aggregate_version desc
         limit 1",
        entry.aggregate_kind,
        entry.aggregate_id
    )
    .fetch_optional(&mut *connection)
    .await?;
    let (version, previous) = last.map_or((1, GENESIS.to_vec()), |row| (row.aggregate_version + 1, row.hash));
    let organisation = entry.organisation.map(OrganisationId::uuid);
    let hash = Hashed {
        previous: &previous,
        organisation,
        aggregate_kind: entry.aggregate_kind,
        aggregate_id: entry.aggregate_id,
        version,
        kind: entry.kind,
        payload: &entry.payload,
        actor: &entry.actor,
        at: entry.at,
    }
    .hash();
    sqlx::query!(
        "insert into platform.journal
           (organisation_id, aggregate_kind, aggregate_id, aggregate_version, kind, payload, actor, request_id,
            valid_at, recorded_at, previous_hash, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)",
        organisation,
        entry.aggregate_kind,
        entry.aggregate_id,
        version,
        entry.kind,
        entry.payload,
        entry.actor,
        entry.request_id,
        entry.at.to_sqlx(),
        previous,
        hash.as_slice()
    )
    .execute(connection)
    .await?;
    Ok(())
}
