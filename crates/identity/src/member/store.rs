//! Members in PostgreSQL.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{AccountId, Email, OrganisationId, Role, Slug};
use platform::{Fault, Tx};

use super::model::Membership;
use crate::label::Label;

/// Organisations that `/me` lists at most.
const MEMBERSHIPS_MAX: i64 = 200;

/// A member and who they are.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// Who.
    pub account: AccountId,
    /// Their address.
    pub email: Email,
    /// What they are called; empty until they say.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

struct Row {
    id: uuid::Uuid,
    email: String,
    name: String,
    role: String,
    created_at: jiff_sqlx::Timestamp,
}

impl TryFrom<Row> for MemberRow {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            account: row.id.into(),
            email: Email::parse(&row.email).map_err(Fault::corrupt)?,
            name: row.name,
            role: role(&row.role)?,
            created_at: row.created_at.to_jiff(),
        })
    }
}

fn role(text: &str) -> Result<Role, Fault> {
    text.parse().map_err(Fault::corrupt)
}

/// Adds a member; false when they are one already, whose role stays.
pub async fn insert(tx: &mut Tx, organisation: OrganisationId, account: AccountId, role: Role) -> Result<bool, Fault> {
    let now = tx.now();
    let done = sqlx::query!(
        "insert into identity.member (organisation_id, account_id, role, created_at)
         values ($1, $2, $3, $4)
         on conflict (organisation_id, account_id) do nothing",
        organisation.uuid(),
        account.uuid(),
        role.as_str(),
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Finds what an account is in an organisation.
pub async fn find_role(tx: &mut Tx, organisation: OrganisationId, account: AccountId) -> Result<Option<Role>, Fault> {
    let row = sqlx::query!(
        "select role
         from identity.member
         where organisation_id = $1 and account_id = $2",
        organisation.uuid(),
        account.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| self::role(&row.role)).transpose()
}

/// Finds a member.
pub async fn find(tx: &mut Tx, organisation: OrganisationId, account: AccountId) -> Result<Option<MemberRow>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select a.id, a.email, a.name, m.role, m.created_at
         from identity.member m
         join identity.account a on a.id = m.account_id
         where m.organisation_id = $1 and m.account_id = $2",
        organisation.uuid(),
        account.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(MemberRow::try_from).transpose()
}

/// Lists members, the latest accounts first, behind the one named.
pub async fn list(
    tx: &mut Tx,
    organisation: OrganisationId,
    behind: Option<AccountId>,
    rows: i64,
) -> Result<Vec<MemberRow>, Fault> {
    let found = sqlx::query_as!(
        Row,
        "select a.id, a.email, a.name, m.role, m.created_at
         from identity.member m
         join identity.account a on a.id = m.account_id
         where m.organisation_id = $1 and ($2::uuid is null or m.account_id < $2)
         order by m.account_id desc
         limit $3",
        organisation.uuid(),
        behind.map(AccountId::uuid),
        rows
    )
    .fetch_all(tx.conn())
    .await?;
    found.into_iter().map(MemberRow::try_from).collect()
}

/// Whether an address belongs to a member.
pub async fn is_member_address(tx: &mut Tx, organisation: OrganisationId, email: &Email) -> Result<bool, Fault> {
    let row = sqlx::query!(
        r#"select exists (
             select from identity.member m
             join identity.account a on a.id = m.account_id
             where m.organisation_id = $1 and a.email_normalised = $2) as "is_member!""#,
        organisation.uuid(),
        email.normalised()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.is_member)
}

/// Counts the owners and keeps others from changing them until the transaction ends: what gets scarcer is locked, in id order.
pub async fn lock_owners(tx: &mut Tx, organisation: OrganisationId) -> Result<usize, Fault> {
    let rows = sqlx::query!(
        "select account_id
         from identity.member
         where organisation_id = $1 and role = 'owner'
         order by account_id
         limit 1000
         for update",
        organisation.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.len())
}

/// Makes a member something else.
pub async fn set_role(tx: &mut Tx, organisation: OrganisationId, account: AccountId, role: Role) -> Result<(), Fault> {
    sqlx::query!(
        "update identity.member
         set role = $3
         where organisation_id = $1 and account_id = $2",
        organisation.uuid(),
        account.uuid(),
        role.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes a member.
pub async fn delete(tx: &mut Tx, organisation: OrganisationId, account: AccountId) -> Result<(), Fault> {
    sqlx::query!(
        "delete from identity.member
         where organisation_id = $1 and account_id = $2",
        organisation.uuid(),
        account.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lists where an account is a member; run it in the scope of the account.
pub async fn memberships(tx: &mut Tx, account: AccountId) -> Result<Vec<Membership>, Fault> {
    let rows = sqlx::query!(
        "select o.organisation_id, o.slug, o.name, m.role
         from identity.member m
         join identity.organisation o on o.organisation_id = m.organisation_id
         where m.account_id = $1
         order by o.name, o.organisation_id
         limit $2",
        account.uuid(),
        MEMBERSHIPS_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = rows.into_iter().map(|row| {
        Ok(Membership {
            id: row.organisation_id.into(),
            slug: Slug::parse(&row.slug).map_err(Fault::corrupt)?,
            name: Label::parse(&row.name).map_err(Fault::corrupt)?,
            role: role(&row.role)?,
        })
    });
    rows.collect()
}
