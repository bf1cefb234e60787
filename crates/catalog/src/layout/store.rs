//! All SQL of layouts.

use std::sync::Arc;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{LayoutId, OrganisationId};
use platform::Fault;
use platform::db::Tx;

/// A document that was read and found good, as it is stored.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What the layout is called.
    pub name: String,
    /// The JSON.
    pub document: Arc<str>,
    /// SHA-256 of the JSON.
    pub content_hash: [u8; 32],
    /// How many seats it has.
    pub seats: i32,
    /// How many people can stand.
    pub standing_places: i32,
}

/// A layout without its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutFacts {
    /// Which one.
    pub id: LayoutId,
    /// What it is called.
    pub name: String,
    /// Its newest version.
    pub version: i64,
    /// How many seats that has.
    pub seats: i32,
    /// How many people can stand there.
    pub standing_places: i32,
    /// When it was first drawn.
    pub created_at: Timestamp,
    /// When that version was made.
    pub updated_at: Timestamp,
}

/// One version of a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutVersion {
    /// Which layout.
    pub layout: LayoutId,
    /// Which version.
    pub version: i64,
    /// The JSON.
    pub document: String,
    /// SHA-256 of the JSON.
    pub content_hash: Vec<u8>,
    /// How many seats it has.
    pub seats: i32,
    /// How many people can stand.
    pub standing_places: i32,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A new layout, as version 1.
pub(crate) async fn insert(
    tx: &mut Tx,
    organisation: OrganisationId,
    layout: LayoutId,
    checked: &Checked,
) -> Result<(), Fault> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into catalog.layout (organisation_id, id, name, version, seats, standing_places, created_at, updated_at)
         values ($1, $2, $3, 1, $4, $5, $6, $6)",
        organisation.uuid(),
        layout.uuid(),
        checked.name,
        checked.seats,
        checked.standing_places,
        now as _,
    )
    .execute(tx.conn())
    .await?;
    insert_version(tx, organisation, layout, 1, checked).await
}

/// Another version of a layout, which becomes its newest.
pub(crate) async fn insert_version(
    tx: &mut Tx,
    organisation: OrganisationId,
    layout: LayoutId,
    version: i64,
    checked: &Checked,
) -> Result<(), Fault> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into catalog.layout_version
           (organisation_id, layout_id, version, document, content_hash, seats, standing_places, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        organisation.uuid(),
        layout.uuid(),
        version,
        &*checked.document,
        checked.content_hash.as_slice(),
        checked.seats,
        checked.standing_places,
        now as _,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update catalog.layout
         set name = $3, version = $4, seats = $5, standing_places = $6, updated_at = $7
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        layout.uuid(),
        checked.name,
        version,
        checked.seats,
        checked.standing_places,
        now as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The newest version's number and the hash of its document, locked until the transaction ends.
pub(crate) async fn lock(
    tx: &mut Tx,
    organisation: OrganisationId,
    layout: LayoutId,
) -> Result<Option<(i64, Vec<u8>)>, Fault> {
    let row = sqlx::query!(
        "select l.version, v.content_hash
         from catalog.layout l
         join catalog.layout_version v
           on v.organisation_id = l.organisation_id and v.layout_id = l.id and v.version = l.version
         where l.organisation_id = $1 and l.id = $2
         for update of l",
        organisation.uuid(),
        layout.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.version, row.content_hash)))
}

/// A version of a layout: the newest when none is named.
pub(crate) async fn find(
    tx: &mut Tx,
    organisation: OrganisationId,
    layout: LayoutId,
    version: Option<i64>,
) -> Result<Option<LayoutVersion>, Fault> {
    let row = sqlx::query!(
        "select v.version, v.document, v.content_hash, v.seats, v.standing_places, v.created_at
         from catalog.layout l
         join catalog.layout_version v
           on v.organisation_id = l.organisation_id and v.layout_id = l.id and v.version = coalesce($3, l.version)
         where l.organisation_id = $1 and l.id = $2",
        organisation.uuid(),
        layout.uuid(),
        version
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| LayoutVersion {
        layout,
        version: row.version,
        document: row.document,
        content_hash: row.content_hash,
        seats: row.seats,
        standing_places: row.standing_places,
        created_at: row.created_at.to_jiff(),
    }))
}

/// Layouts of an organisation without their documents, the newest first.
pub(crate) async fn list(
    tx: &mut Tx,
    organisation: OrganisationId,
    after: Option<LayoutId>,
    rows: i64,
) -> Result<Vec<LayoutFacts>, Fault> {
    let rows = sqlx::query!(
        "select id, name, version, seats, standing_places, created_at, updated_at
         from catalog.layout
         where organisation_id = $1 and ($2::uuid is null or id < $2)
         order by id desc
         limit $3",
        organisation.uuid(),
        after.map(LayoutId::uuid),
        rows
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| LayoutFacts {
            id: row.id.into(),
            name: row.name,
            version: row.version,
            seats: row.seats,
            standing_places: row.standing_places,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        })
        .collect())
}
