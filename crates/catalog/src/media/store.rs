//! All SQL of pictures, and where their files are.

use jiff_sqlx::ToSqlx;
use kernel::{MediaId, OrganisationId};
use platform::Fault;
use platform::db::Tx;

/// A picture whose files are stored.
#[derive(Debug, Clone)]
pub(crate) struct NewMedia {
    pub organisation: OrganisationId,
    pub media: MediaId,
    pub width: u32,
    pub height: u32,
    pub bytes: usize,
    pub content_hash: [u8; 32],
    pub widths: Vec<u32>,
}

/// The key of a variant in the storage.
pub(crate) fn storage_key(organisation: OrganisationId, media: MediaId, width: u32) -> String {
    format!("media/{organisation}/{media}/{width}.webp")
}

/// Notes that a picture is stored.
pub(crate) async fn insert(tx: &mut Tx, new: &NewMedia) -> Result<(), Fault> {
    let now = tx.now().to_sqlx();
    let widths: Vec<i32> = new.widths.iter().map(|&width| pixels(width)).collect::<Result<_, _>>()?;
    sqlx::query!(
        "insert into catalog.media (organisation_id, id, width, height, bytes, content_hash, widths, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.organisation.uuid(),
        new.media.uuid(),
        pixels(new.width)?,
        pixels(new.height)?,
        i64::try_from(new.bytes).map_err(Fault::corrupt)?,
        new.content_hash.as_slice(),
        &widths,
        now as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn pixels(number: u32) -> Result<i32, Fault> {
    i32::try_from(number).map_err(Fault::corrupt)
}

/// Whose picture it is, if it is kept in this width. Behind `Scope::Public`.
pub(crate) async fn find_owner(tx: &mut Tx, media: MediaId, width: u32) -> Result<Option<OrganisationId>, Fault> {
    let Ok(width) = i32::try_from(width) else { return Ok(None) };
    let row = sqlx::query!(
        "select organisation_id from catalog.media where id = $1 and $2 = any(widths)",
        media.uuid(),
        width
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| row.organisation_id.into()))
}
