//! All SQL of organisations' pages.

use jiff_sqlx::ToSqlx;
use kernel::events::OrganisationProfile;
use kernel::{Currency, OrganisationId, Slug, Timestamp, ZoneName};
use platform::Fault;
use platform::db::Tx;
use uuid::Uuid;

use super::model::{Page, PageFields};

struct PageRow {
    organisation_id: Uuid,
    slug: String,
    name: String,
    contact_email: String,
    currency: String,
    time_zone: String,
    about: String,
    website: String,
    hue: i16,
    version: i64,
}

impl PageRow {
    fn read(self) -> Result<Page, Fault> {
        Ok(Page {
            organisation: self.organisation_id.into(),
            slug: Slug::parse(&self.slug).map_err(Fault::corrupt)?,
            name: self.name,
            contact_email: self.contact_email,
            currency: Currency::parse(&self.currency).map_err(Fault::corrupt)?,
            time_zone: ZoneName::parse(&self.time_zone).map_err(Fault::corrupt)?,
            about: self.about,
            website: self.website,
            hue: self.hue,
            version: self.version,
        })
    }
}

/// The page of an organisation.
pub(crate) async fn find(tx: &mut Tx, organisation: OrganisationId) -> Result<Option<Page>, Fault> {
    let row = sqlx::query_as!(
        PageRow,
        "select organisation_id, slug, name, contact_email, currency, time_zone, about, website, hue, version
         from catalog.page
         where organisation_id = $1",
        organisation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(PageRow::read).transpose()
}

/// The page of an organisation, locked until the transaction ends.
pub(crate) async fn find_for_update(tx: &mut Tx, organisation: OrganisationId) -> Result<Option<Page>, Fault> {
    let row = sqlx::query_as!(
        PageRow,
        "select organisation_id, slug, name, contact_email, currency, time_zone, about, website, hue, version
         from catalog.page
         where organisation_id = $1
         for update",
        organisation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(PageRow::read).transpose()
}

/// The page with an address; behind `Scope::Public`.
pub(crate) async fn find_by_slug(tx: &mut Tx, slug: &Slug) -> Result<Option<Page>, Fault> {
    let row = sqlx::query_as!(
        PageRow,
        "select organisation_id, slug, name, contact_email, currency, time_zone, about, website, hue, version
         from catalog.page
         where slug = $1",
        slug.as_str()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(PageRow::read).transpose()
}

/// Stores what an organisation writes itself, and raises the version.
pub(crate) async fn update(tx: &mut Tx, organisation: OrganisationId, fields: &PageFields) -> Result<(), Fault> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update catalog.page
         set about = $2, website = $3, hue = $4, updated_at = $5, version = version + 1
         where organisation_id = $1",
        organisation.uuid(),
        fields.about,
        fields.website,
        fields.hue,
        now as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores what follows identity, unless something newer was stored before.
pub(crate) async fn follow(
    tx: &mut Tx,
    organisation: OrganisationId,
    profile: &OrganisationProfile,
    recorded_at: Timestamp,
) -> Result<(), Fault> {
    let (now, recorded_at) = (tx.now().to_sqlx(), recorded_at.to_sqlx());
    sqlx::query!(
        "insert into catalog.page as p (organisation_id, slug, name, contact_email, currency, time_zone, updated_at, followed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (organisation_id) do update
         set slug = excluded.slug, name = excluded.name, contact_email = excluded.contact_email, currency = excluded.currency,
             time_zone = excluded.time_zone, updated_at = excluded.updated_at, followed_at = excluded.followed_at,
             version = p.version + case when (p.slug, p.name, p.contact_email, p.currency, p.time_zone)
               is distinct from (excluded.slug, excluded.name, excluded.contact_email, excluded.currency, excluded.time_zone) then 1 else 0 end
         where p.followed_at <= excluded.followed_at",
        organisation.uuid(),
        profile.slug.as_str(),
        profile.name,
        profile.contact_email,
        profile.currency.code(),
        profile.time_zone.as_str(),
        now as _,
        recorded_at as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
