//! Accounts in PostgreSQL.

use jiff_sqlx::ToSqlx;
use kernel::{AccountId, Email};
use platform::{Fault, Tx};

use super::model::{Account, Locale};

struct Row {
    id: uuid::Uuid,
    email: String,
    name: String,
    locale: String,
}

impl TryFrom<Row> for Account {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            email: Email::parse(&row.email).map_err(Fault::corrupt)?,
            name: row.name,
            locale: Locale::parse(&row.locale).map_err(Fault::corrupt)?,
        })
    }
}

/// Finds the account of an address, or makes it.
pub async fn find_or_insert(tx: &mut Tx, email: &Email) -> Result<Account, Fault> {
    let (id, now) = (tx.new_id::<AccountId>(), tx.now());
    sqlx::query!(
        "insert into identity.account (id, email, email_normalised, created_at)
         values ($1, $2, $3, $4)
         on conflict (email_normalised) do nothing",
        id.uuid(),
        email.as_str(),
        email.normalised(),
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    let row = sqlx::query_as!(
        Row,
        "select id, email, name, locale
         from identity.account
         where email_normalised = $1",
        email.normalised()
    )
    .fetch_one(tx.conn())
    .await?;
    row.try_into()
}

/// Finds an account.
pub async fn find(tx: &mut Tx, id: AccountId) -> Result<Option<Account>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, email, name, locale
         from identity.account
         where id = $1",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Account::try_from).transpose()
}

/// Changes what a person is called or the language they read; what is `None` stays.
pub async fn update(tx: &mut Tx, id: AccountId, name: Option<&str>, locale: Option<&Locale>) -> Result<(), Fault> {
    sqlx::query!(
        "update identity.account
         set name = coalesce($2, name), locale = coalesce($3, locale)
         where id = $1",
        id.uuid(),
        name,
        locale.map(Locale::as_str)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
