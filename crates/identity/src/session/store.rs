//! Sessions in PostgreSQL.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{AccountId, SessionId};
use platform::{Fault, Tx};

use super::model::{SESSIONS_PER_ACCOUNT_MAX, Session, idle_since};

struct Row {
    id: uuid::Uuid,
    account_id: uuid::Uuid,
    kind: String,
    user_agent: String,
    created_at: jiff_sqlx::Timestamp,
    last_seen_at: jiff_sqlx::Timestamp,
    expires_at: jiff_sqlx::Timestamp,
    revoked_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for Session {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            account: row.account_id.into(),
            kind: row.kind.parse().map_err(Fault::corrupt)?,
            user_agent: row.user_agent,
            created_at: row.created_at.to_jiff(),
            last_seen_at: row.last_seen_at.to_jiff(),
            expires_at: row.expires_at.to_jiff(),
            revoked_at: row.revoked_at.map(|at| at.to_jiff()),
        })
    }
}

/// Stores a session that begins.
pub async fn insert(tx: &mut Tx, session: &Session, token_hash: Option<Vec<u8>>) -> Result<(), Fault> {
    sqlx::query!(
        "insert into identity.session
           (id, account_id, kind, token_hash, user_agent, created_at, last_seen_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        session.id.uuid(),
        session.account.uuid(),
        session.kind.as_str(),
        token_hash,
        session.user_agent,
        session.created_at.to_sqlx(),
        session.last_seen_at.to_sqlx(),
        session.expires_at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Finds the session of a cookie.
pub async fn find_by_token(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<Session>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, account_id, kind, user_agent, created_at, last_seen_at, expires_at, revoked_at
         from identity.session
         where token_hash = $1",
        token_hash
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Session::try_from).transpose()
}

/// Finds a session.
pub async fn find(tx: &mut Tx, id: SessionId) -> Result<Option<Session>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, account_id, kind, user_agent, created_at, last_seen_at, expires_at, revoked_at
         from identity.session
         where id = $1",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Session::try_from).transpose()
}

/// Finds a session and keeps others from changing it until the transaction ends. It is locked before its refresh tokens, always.
pub async fn find_for_update(tx: &mut Tx, id: SessionId) -> Result<Option<Session>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, account_id, kind, user_agent, created_at, last_seen_at, expires_at, revoked_at
         from identity.session
         where id = $1
         for update",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Session::try_from).transpose()
}

/// Lists the live sessions of an account, the newest first, behind the one named.
pub async fn list_live(
    tx: &mut Tx,
    account: AccountId,
    behind: Option<SessionId>,
    rows: i64,
) -> Result<Vec<Session>, Fault> {
    let now = tx.now();
    let found = sqlx::query_as!(
        Row,
        "select id, account_id, kind, user_agent, created_at, last_seen_at, expires_at, revoked_at
         from identity.session
         where account_id = $1 and revoked_at is null and expires_at > $2 and last_seen_at > $3
           and ($4::uuid is null or id < $4)
         order by id desc
         limit $5",
        account.uuid(),
        now.to_sqlx(),
        idle_since(now).to_sqlx(),
        behind.map(SessionId::uuid),
        rows
    )
    .fetch_all(tx.conn())
    .await?;
    found.into_iter().map(Session::try_from).collect()
}

/// Finds the live sessions of an account beyond the number it may have, those unused for longest.
pub async fn list_too_many(tx: &mut Tx, account: AccountId) -> Result<Vec<SessionId>, Fault> {
    let now = tx.now();
    let rows = sqlx::query!(
        "select id
         from identity.session
         where account_id = $1 and revoked_at is null and expires_at > $2 and last_seen_at > $3
         order by last_seen_at desc, id desc
         offset $4
         limit 100",
        account.uuid(),
        now.to_sqlx(),
        idle_since(now).to_sqlx(),
        SESSIONS_PER_ACCOUNT_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Writes down that a session was used.
pub async fn touch(tx: &mut Tx, id: SessionId, at: Timestamp) -> Result<(), Fault> {
    sqlx::query!(
        "update identity.session
         set last_seen_at = greatest(last_seen_at, $2)
         where id = $1 and revoked_at is null",
        id.uuid(),
        at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends a session and every refresh token of it; false when it had ended before.
pub async fn revoke(tx: &mut Tx, id: SessionId) -> Result<bool, Fault> {
    let now = tx.now();
    let done = sqlx::query!(
        "update identity.session
         set revoked_at = $2
         where id = $1 and revoked_at is null",
        id.uuid(),
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update identity.refresh_token
         set state = 'revoked'
         where session_id = $1 and state = 'live'",
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}
