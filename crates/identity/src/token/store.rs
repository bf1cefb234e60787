//! Signing keys and refresh tokens in PostgreSQL.

use jiff_sqlx::ToSqlx;
use kernel::SessionId;
use platform::{Fault, Tx};

use super::signing_key::StoredKey;
use crate::secret::Secret;

/// More keys than rotation ever leaves published.
const PUBLISHED_KEYS_MAX: i64 = 20;

struct KeyRow {
    id: String,
    private_sealed: Vec<u8>,
    public_jwk: serde_json::Value,
    created_at: jiff_sqlx::Timestamp,
    retires_at: jiff_sqlx::Timestamp,
}

impl From<KeyRow> for StoredKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id,
            private_sealed: row.private_sealed,
            public_jwk: row.public_jwk,
            created_at: row.created_at.to_jiff(),
            retires_at: row.retires_at.to_jiff(),
        }
    }
}

/// Lists the keys that have not retired, the newest first.
pub async fn list_published(tx: &mut Tx) -> Result<Vec<StoredKey>, Fault> {
    let now = tx.now();
    let rows = sqlx::query_as!(
        KeyRow,
        "select id, private_sealed, public_jwk, created_at, retires_at
         from identity.signing_key
         where retires_at > $1
         order by created_at desc, id
         limit $2",
        now.to_sqlx(),
        PUBLISHED_KEYS_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(StoredKey::from).collect())
}

/// Finds a key.
pub async fn find_key(tx: &mut Tx, id: &str) -> Result<Option<StoredKey>, Fault> {
    let row = sqlx::query_as!(
        KeyRow,
        "select id, private_sealed, public_jwk, created_at, retires_at
         from identity.signing_key
         where id = $1",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(StoredKey::from))
}

/// Lets one node at a time decide whether a new key is due.
pub async fn lock_keys(tx: &mut Tx) -> Result<(), Fault> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('identity.signing_key', 0))")
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// Stores a new key.
pub async fn insert_key(tx: &mut Tx, key: &StoredKey) -> Result<(), Fault> {
    sqlx::query!(
        "insert into identity.signing_key (id, private_sealed, public_jwk, created_at, retires_at)
         values ($1, $2, $3, $4, $5)",
        key.id,
        key.private_sealed,
        key.public_jwk,
        key.created_at.to_sqlx(),
        key.retires_at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A refresh token, as it is stored.
pub struct StoredRefreshToken {
    /// Which.
    pub id: uuid::Uuid,
    /// The session that it renews.
    pub session: SessionId,
    /// Whether it is the one that renews it now.
    pub is_live: bool,
    /// Whether it renewed it once.
    pub is_rotated: bool,
}

/// Finds a refresh token by its secret. Lock its session before believing its state.
pub async fn find_refresh_token(tx: &mut Tx, secret: &Secret) -> Result<Option<StoredRefreshToken>, Fault> {
    let row = sqlx::query!(
        "select id, session_id, state
         from identity.refresh_token
         where token_hash = $1",
        secret.hash()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| StoredRefreshToken {
        id: row.id,
        session: row.session_id.into(),
        is_live: row.state == "live",
        is_rotated: row.state == "rotated",
    }))
}

/// Stores the refresh token that renews a session from now on.
pub async fn insert_live(tx: &mut Tx, session: SessionId, secret: &Secret) -> Result<(), Fault> {
    let now = tx.now();
    let id = tx.random().uuid_v7(now);
    sqlx::query!(
        "insert into identity.refresh_token (id, session_id, token_hash, state, created_at)
         values ($1, $2, $3, 'live', $4)",
        id,
        session.uuid(),
        secret.hash(),
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that a refresh token has been used; from now on its use betrays a thief.
pub async fn mark_rotated(tx: &mut Tx, id: uuid::Uuid) -> Result<(), Fault> {
    let now = tx.now();
    sqlx::query!(
        "update identity.refresh_token
         set state = 'rotated', rotated_at = $2
         where id = $1 and state = 'live'",
        id,
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
