//! Organisations in PostgreSQL.

use jiff_sqlx::ToSqlx;
use kernel::{Currency, Email, OrganisationId, Slug, ZoneName};
use platform::{Fault, Tx};

use super::model::OrganisationFacts;
use crate::label::Label;

struct Row {
    organisation_id: uuid::Uuid,
    slug: String,
    name: String,
    contact_email: String,
    currency: String,
    time_zone: String,
    version: i64,
    created_at: jiff_sqlx::Timestamp,
}

impl TryFrom<Row> for OrganisationFacts {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: row.organisation_id.into(),
            slug: Slug::parse(&row.slug).map_err(Fault::corrupt)?,
            name: Label::parse(&row.name).map_err(Fault::corrupt)?,
            contact_email: Email::parse(&row.contact_email).map_err(Fault::corrupt)?,
            currency: Currency::parse(&row.currency).map_err(Fault::corrupt)?,
            time_zone: ZoneName::parse(&row.time_zone).map_err(Fault::corrupt)?,
            version: row.version,
            created_at: row.created_at.to_jiff(),
        })
    }
}

/// Stores a new organisation; false when its slug is taken.
pub async fn insert(tx: &mut Tx, new: &OrganisationFacts) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "insert into identity.organisation
           (organisation_id, slug, name, contact_email, currency, time_zone, version, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (slug) do nothing",
        new.id.uuid(),
        new.slug.as_str(),
        new.name.as_str(),
        new.contact_email.as_str(),
        new.currency.code(),
        new.time_zone.as_str(),
        new.version,
        new.created_at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Finds an organisation that the transaction may see.
pub async fn find(tx: &mut Tx, organisation: OrganisationId) -> Result<Option<OrganisationFacts>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select organisation_id, slug, name, contact_email, currency, time_zone, version, created_at
         from identity.organisation
         where organisation_id = $1",
        organisation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(OrganisationFacts::try_from).transpose()
}

/// Finds an organisation and keeps others from editing it until the transaction ends.
pub async fn find_for_update(tx: &mut Tx, organisation: OrganisationId) -> Result<Option<OrganisationFacts>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select organisation_id, slug, name, contact_email, currency, time_zone, version, created_at
         from identity.organisation
         where organisation_id = $1
         for update",
        organisation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(OrganisationFacts::try_from).transpose()
}

/// Finds an organisation by its name in addresses.
pub async fn find_by_slug(tx: &mut Tx, slug: &str) -> Result<Option<OrganisationFacts>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select organisation_id, slug, name, contact_email, currency, time_zone, version, created_at
         from identity.organisation
         where slug = $1",
        slug
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(OrganisationFacts::try_from).transpose()
}

/// Stores the edited facts. A slug that is taken breaks `organisation_slug_is_unique`.
pub async fn update(tx: &mut Tx, edited: &OrganisationFacts) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update identity.organisation
         set slug = $2, name = $3, contact_email = $4, currency = $5, time_zone = $6, version = $7
         where organisation_id = $1",
        edited.id.uuid(),
        edited.slug.as_str(),
        edited.name.as_str(),
        edited.contact_email.as_str(),
        edited.currency.code(),
        edited.time_zone.as_str(),
        edited.version
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
