//! API keys in PostgreSQL.

use jiff_sqlx::ToSqlx;
use kernel::{ApiKeyId, OrganisationId, Right};
use platform::{Fault, Tx};

use super::model::ApiKey;
use crate::label::Label;
use crate::secret::Secret;

struct Row {
    organisation_id: uuid::Uuid,
    id: uuid::Uuid,
    name: String,
    hint: String,
    scopes: Vec<String>,
    created_by: uuid::Uuid,
    created_at: jiff_sqlx::Timestamp,
    last_used_at: Option<jiff_sqlx::Timestamp>,
    expires_at: Option<jiff_sqlx::Timestamp>,
    revoked_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for ApiKey {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        let scopes: Result<Vec<Right>, Fault> =
            row.scopes.iter().map(|scope| scope.parse().map_err(Fault::corrupt)).collect();
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            name: Label::parse(&row.name).map_err(Fault::corrupt)?,
            hint: row.hint,
            scopes: scopes?,
            created_by: row.created_by.into(),
            created_at: row.created_at.to_jiff(),
            last_used_at: row.last_used_at.map(|at| at.to_jiff()),
            expires_at: row.expires_at.map(|at| at.to_jiff()),
            revoked_at: row.revoked_at.map(|at| at.to_jiff()),
        })
    }
}

/// Stores a new key.
pub async fn insert(tx: &mut Tx, key: &ApiKey, secret: &Secret) -> Result<(), Fault> {
    let scopes: Vec<String> = key.scopes.iter().map(|right| right.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into identity.api_key
           (organisation_id, id, name, hint, secret_hash, scopes, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        key.organisation.uuid(),
        key.id.uuid(),
        key.name.as_str(),
        key.hint,
        secret.hash(),
        &scopes,
        key.created_by.uuid(),
        key.created_at.to_sqlx(),
        key.expires_at.map(|at| at.to_sqlx()) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Finds a key by its secret.
pub async fn find_by_secret(
    tx: &mut Tx,
    organisation: OrganisationId,
    secret: &Secret,
) -> Result<Option<ApiKey>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select organisation_id, id, name, hint, scopes, created_by, created_at, last_used_at, expires_at, revoked_at
         from identity.api_key
         where organisation_id = $1 and secret_hash = $2",
        organisation.uuid(),
        secret.hash()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(ApiKey::try_from).transpose()
}

/// Finds a key.
pub async fn find(tx: &mut Tx, organisation: OrganisationId, id: ApiKeyId) -> Result<Option<ApiKey>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select organisation_id, id, name, hint, scopes, created_by, created_at, last_used_at, expires_at, revoked_at
         from identity.api_key
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(ApiKey::try_from).transpose()
}

/// Lists the keys that are not revoked, the newest first, behind the one named. Expired ones are among them, so that people see why a
/// program stopped.
pub async fn list(
    tx: &mut Tx,
    organisation: OrganisationId,
    behind: Option<ApiKeyId>,
    rows: i64,
) -> Result<Vec<ApiKey>, Fault> {
    let found = sqlx::query_as!(
        Row,
        "select organisation_id, id, name, hint, scopes, created_by, created_at, last_used_at, expires_at, revoked_at
         from identity.api_key
         where organisation_id = $1 and revoked_at is null and ($2::uuid is null or id < $2)
         order by id desc
         limit $3",
        organisation.uuid(),
        behind.map(ApiKeyId::uuid),
        rows
    )
    .fetch_all(tx.conn())
    .await?;
    found.into_iter().map(ApiKey::try_from).collect()
}

/// Counts the keys that are not revoked.
pub async fn count(tx: &mut Tx, organisation: OrganisationId) -> Result<i64, Fault> {
    let row = sqlx::query!(
        r#"select count(*) as "keys!"
         from identity.api_key
         where organisation_id = $1 and revoked_at is null"#,
        organisation.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.keys)
}

/// Writes down that a key was used.
pub async fn touch(tx: &mut Tx, organisation: OrganisationId, id: ApiKeyId) -> Result<(), Fault> {
    let now = tx.now();
    sqlx::query!(
        "update identity.api_key
         set last_used_at = $3
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        id.uuid(),
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes a key useless; false when there is none that works.
pub async fn revoke(tx: &mut Tx, organisation: OrganisationId, id: ApiKeyId) -> Result<bool, Fault> {
    let now = tx.now();
    let done = sqlx::query!(
        "update identity.api_key
         set revoked_at = $3
         where organisation_id = $1 and id = $2 and revoked_at is null",
        organisation.uuid(),
        id.uuid(),
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
