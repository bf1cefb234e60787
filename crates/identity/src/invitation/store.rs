//! Invitations in PostgreSQL.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{AccountId, Email, InvitationId, OrganisationId, Role};
use platform::{Fault, Tx};

use super::model::{Invitation, InvitationState};
use crate::secret::Secret;

struct Row {
    organisation_id: uuid::Uuid,
    id: uuid::Uuid,
    email: String,
    role: String,
    invited_by: uuid::Uuid,
    created_at: jiff_sqlx::Timestamp,
    expires_at: jiff_sqlx::Timestamp,
    accepted_at: Option<jiff_sqlx::Timestamp>,
    revoked_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for Invitation {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        let state = match (row.accepted_at, row.revoked_at) {
            (Some(_), _) => InvitationState::Accepted,
            (None, Some(_)) => InvitationState::Revoked,
            (None, None) => InvitationState::Open,
        };
        Ok(Self {
            id: row.id.into(),
            organisation: row.organisation_id.into(),
            email: Email::parse(&row.email).map_err(Fault::corrupt)?,
            role: row.role.parse().map_err(Fault::corrupt)?,
            invited_by: row.invited_by.into(),
            created_at: row.created_at.to_jiff(),
            expires_at: row.expires_at.to_jiff(),
            state,
        })
    }
}

/// Stores a new invitation.
pub async fn insert(tx: &mut Tx, new: &Invitation, secret: &Secret) -> Result<(), Fault> {
    sqlx::query!(
        "insert into identity.invitation
           (organisation_id, id, email, email_normalised, role, token_hash, invited_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.organisation.uuid(),
        new.id.uuid(),
        new.email.as_str(),
        new.email.normalised(),
        new.role.as_str(),
        secret.hash(),
        new.invited_by.uuid(),
        new.created_at.to_sqlx(),
        new.expires_at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets one invitation of an organisation be sent at a time, so that there is one for each address and the daily limit holds.
pub async fn lock_sending(tx: &mut Tx, organisation: OrganisationId) -> Result<(), Fault> {
    let name = format!("identity.invitation:{}", organisation.uuid());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).fetch_one(tx.conn()).await?;
    Ok(())
}

/// Counts the invitations that an organisation sent since an instant.
pub async fn count_since(tx: &mut Tx, organisation: OrganisationId, since: Timestamp) -> Result<i64, Fault> {
    let row = sqlx::query!(
        r#"select count(*) as "sent!"
         from identity.invitation
         where organisation_id = $1 and created_at > $2"#,
        organisation.uuid(),
        since.to_sqlx()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.sent)
}

/// Withdraws the open invitation of an address, so that a new one can take its place.
pub async fn revoke_open_to(tx: &mut Tx, organisation: OrganisationId, email: &Email) -> Result<(), Fault> {
    let now = tx.now();
    sqlx::query!(
        "update identity.invitation
         set revoked_at = $3
         where organisation_id = $1 and email_normalised = $2 and accepted_at is null and revoked_at is null",
        organisation.uuid(),
        email.normalised(),
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Withdraws the open invitations that someone sent, all of them or those to one role.
pub async fn revoke_sent_by(
    tx: &mut Tx,
    organisation: OrganisationId,
    inviter: AccountId,
    only: Option<Role>,
) -> Result<(), Fault> {
    let now = tx.now();
    sqlx::query!(
        "update identity.invitation
         set revoked_at = $4
         where organisation_id = $1 and invited_by = $2 and ($3::text is null or role = $3)
           and accepted_at is null and revoked_at is null",
        organisation.uuid(),
        inviter.uuid(),
        only.map(Role::as_str),
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Withdraws an open invitation; false when there is none.
pub async fn revoke(tx: &mut Tx, organisation: OrganisationId, id: InvitationId) -> Result<bool, Fault> {
    let now = tx.now();
    let done = sqlx::query!(
        "update identity.invitation
         set revoked_at = $3
         where organisation_id = $1 and id = $2 and accepted_at is null and revoked_at is null",
        organisation.uuid(),
        id.uuid(),
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lists the invitations that wait for an answer, the newest first, behind the one named.
pub async fn list_open(
    tx: &mut Tx,
    organisation: OrganisationId,
    behind: Option<InvitationId>,
    rows: i64,
) -> Result<Vec<Invitation>, Fault> {
    let now = tx.now();
    let found = sqlx::query_as!(
        Row,
        "select organisation_id, id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at
         from identity.invitation
         where organisation_id = $1 and accepted_at is null and revoked_at is null and expires_at > $2
           and ($3::uuid is null or id < $3)
         order by id desc
         limit $4",
        organisation.uuid(),
        now.to_sqlx(),
        behind.map(InvitationId::uuid),
        rows
    )
    .fetch_all(tx.conn())
    .await?;
    found.into_iter().map(Invitation::try_from).collect()
}

/// Finds an invitation by its secret and keeps others from accepting it until the transaction ends.
pub async fn find_by_secret(
    tx: &mut Tx,
    organisation: OrganisationId,
    secret: &Secret,
) -> Result<Option<Invitation>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select organisation_id, id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at
         from identity.invitation
         where organisation_id = $1 and token_hash = $2
         for update",
        organisation.uuid(),
        secret.hash()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Invitation::try_from).transpose()
}

/// Notes that an invitation was accepted.
pub async fn mark_accepted(tx: &mut Tx, organisation: OrganisationId, id: InvitationId) -> Result<(), Fault> {
    let now = tx.now();
    sqlx::query!(
        "update identity.invitation
         set accepted_at = $3
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        id.uuid(),
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
