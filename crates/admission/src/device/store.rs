//! SQL of devices at the door.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use kernel::{DeviceId, ListId, OrganisationId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{Device, SEEN_AGAIN_SECONDS};
use super::token::DeviceToken;
use crate::label::Label;

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    list_id: Uuid,
    name: String,
    token_hash: Vec<u8>,
    created_at: SqlTimestamp,
    last_seen_at: Option<SqlTimestamp>,
    revoked_at: Option<SqlTimestamp>,
}

impl From<Row> for Device {
    fn from(row: Row) -> Self {
        Self {
            organisation: OrganisationId::from(row.organisation_id),
            id: DeviceId::from(row.id),
            list: ListId::from(row.list_id),
            name: row.name,
            created_at: row.created_at.to_jiff(),
            last_seen_at: row.last_seen_at.map(|at| at.to_jiff()),
            revoked_at: row.revoked_at.map(|at| at.to_jiff()),
        }
    }
}

/// The devices of these tokens' hashes whose links still work, by their hash.
pub async fn find_by_hashes(
    tx: &mut Tx,
    organisation: OrganisationId,
    hashes: &[Vec<u8>],
) -> Result<HashMap<Vec<u8>, Device>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select organisation_id, id, list_id, name, token_hash, created_at, last_seen_at, revoked_at
         from admission.device
         where organisation_id = $1 and token_hash = any($2) and revoked_at is null",
        organisation.uuid(),
        hashes
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|mut row| (std::mem::take(&mut row.token_hash), Device::from(row))).collect())
}

/// What a device is called.
pub async fn find_name(tx: &mut Tx, organisation: OrganisationId, id: DeviceId) -> Result<Option<String>, Fault> {
    let row = sqlx::query!(
        "select name
         from admission.device
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| row.name))
}

/// The devices of a list, the oldest first, revoked ones too.
pub async fn page(
    tx: &mut Tx,
    organisation: OrganisationId,
    list: ListId,
    behind: Option<DeviceId>,
    rows: i64,
) -> Result<Vec<Device>, Fault> {
    let found = sqlx::query_as!(
        Row,
        "select organisation_id, id, list_id, name, token_hash, created_at, last_seen_at, revoked_at
         from admission.device
         where organisation_id = $1 and list_id = $2 and ($3::uuid is null or id > $3)
         order by id
         limit $4",
        organisation.uuid(),
        list.uuid(),
        behind.map(|id| id.uuid()),
        rows
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().map(Device::from).collect())
}

/// Adds a device.
pub async fn insert(tx: &mut Tx, token: &DeviceToken, list: ListId, id: DeviceId, name: &Label) -> Result<(), Fault> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into admission.device (organisation_id, id, list_id, name, token_hash, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        token.organisation.uuid(),
        id.uuid(),
        list.uuid(),
        name.as_str(),
        token.hash(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends a device's link; one that ended before keeps its time. False when the list has no such device.
pub async fn revoke(tx: &mut Tx, organisation: OrganisationId, list: ListId, id: DeviceId) -> Result<bool, Fault> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "update admission.device
         set revoked_at = coalesce(revoked_at, $4)
         where organisation_id = $1 and list_id = $2 and id = $3",
        organisation.uuid(),
        list.uuid(),
        id.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a device was heard of, unless somebody noted it within the minute.
pub async fn note_seen(tx: &mut Tx, organisation: OrganisationId, id: DeviceId) -> Result<(), Fault> {
    let now = tx.now();
    let before: Timestamp = now.saturating_sub(SignedDuration::from_secs(SEEN_AGAIN_SECONDS)).unwrap_or(now);
    sqlx::query!(
        "update admission.device
         set last_seen_at = $3
         where organisation_id = $1 and id = $2 and (last_seen_at is null or last_seen_at <= $4)",
        organisation.uuid(),
        id.uuid(),
        now.to_sqlx(),
        before.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
