//! Sign-in attempts in PostgreSQL.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Email, SignInId};
use platform::{Fault, Tx};

use super::model::{ReturnTo, SignIn};

/// Old attempts deleted each time a new one begins: more than one, so that they cannot pile up.
const FORGOTTEN_AT_ONCE: i64 = 20;

/// A new attempt.
pub struct NewSignIn<'a> {
    /// Which.
    pub id: SignInId,
    /// Who it would be.
    pub email: &'a Email,
    /// What the right code gives; bytes that no code gives when no mail goes out.
    pub code_hash: Vec<u8>,
    /// What the right link gives.
    pub link_hash: Vec<u8>,
    /// Which browser asked.
    pub browser_hash: Vec<u8>,
    /// Where to afterwards.
    pub return_to: &'a ReturnTo,
    /// Whether a mail goes out.
    pub is_mailed: bool,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Lets one attempt for an address begin at a time, so that its limit holds under concurrency.
pub async fn lock_address(tx: &mut Tx, email: &Email) -> Result<(), Fault> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('identity.sign_in:' || $1, 0))", email.normalised())
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// Counts the mails that went to an address since an instant.
pub async fn count_mailed_since(tx: &mut Tx, email: &Email, since: Timestamp) -> Result<i64, Fault> {
    let row = sqlx::query!(
        r#"select count(*) as "mailed!"
         from identity.sign_in
         where email_normalised = $1 and created_at > $2 and is_mailed"#,
        email.normalised(),
        since.to_sqlx()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.mailed)
}

/// Stores a new attempt.
pub async fn insert(tx: &mut Tx, new: NewSignIn<'_>) -> Result<(), Fault> {
    let now = tx.now();
    sqlx::query!(
        "insert into identity.sign_in
           (id, email, email_normalised, code_hash, link_hash, browser_hash, return_to, is_mailed, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.id.uuid(),
        new.email.as_str(),
        new.email.normalised(),
        new.code_hash,
        new.link_hash,
        new.browser_hash,
        new.return_to.as_str(),
        new.is_mailed,
        now.to_sqlx(),
        new.expires_at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes some attempts that ended before an instant: addresses are not kept longer than they serve.
pub async fn forget_before(tx: &mut Tx, instant: Timestamp) -> Result<(), Fault> {
    sqlx::query!(
        "delete from identity.sign_in
         where id in (
           select id from identity.sign_in
           where expires_at < $1
           order by expires_at
           limit $2
           for update skip locked)",
        instant.to_sqlx(),
        FORGOTTEN_AT_ONCE
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

struct Row {
    id: uuid::Uuid,
    email: String,
    code_hash: Vec<u8>,
    browser_hash: Vec<u8>,
    return_to: String,
    attempts: i16,
    expires_at: jiff_sqlx::Timestamp,
    used_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for SignIn {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            email: Email::parse(&row.email).map_err(Fault::corrupt)?,
            code_hash: row.code_hash,
            browser_hash: row.browser_hash,
            return_to: ReturnTo::parse(&row.return_to).map_err(Fault::corrupt)?,
            attempts: u8::try_from(row.attempts).map_err(Fault::corrupt)?,
            expires_at: row.expires_at.to_jiff(),
            is_used: row.used_at.is_some(),
        })
    }
}

/// Finds an attempt and keeps others from using it until the transaction ends.
pub async fn find_for_update(tx: &mut Tx, id: SignInId) -> Result<Option<SignIn>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, email, code_hash, browser_hash, return_to, attempts, expires_at, used_at
         from identity.sign_in
         where id = $1
         for update",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(SignIn::try_from).transpose()
}

/// Finds an attempt by the hash of its link's token.
pub async fn find_by_link(tx: &mut Tx, link_hash: &[u8]) -> Result<Option<SignIn>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, email, code_hash, browser_hash, return_to, attempts, expires_at, used_at
         from identity.sign_in
         where link_hash = $1",
        link_hash
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(SignIn::try_from).transpose()
}

/// Counts one wrong code.
pub async fn count_wrong_code(tx: &mut Tx, id: SignInId) -> Result<(), Fault> {
    sqlx::query!("update identity.sign_in set attempts = attempts + 1 where id = $1", id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Notes that the attempt has succeeded and cannot again.
pub async fn mark_used(tx: &mut Tx, id: SignInId) -> Result<(), Fault> {
    let now = tx.now();
    sqlx::query!("update identity.sign_in set used_at = $2 where id = $1", id.uuid(), now.to_sqlx())
        .execute(tx.conn())
        .await?;
    Ok(())
}
