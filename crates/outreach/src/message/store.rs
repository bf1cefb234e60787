//! All SQL about messages. It runs as the system: messages without an organisation belong to nobody else.

use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use kernel::{MessageId, OrganisationId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{Message, MessageState};

struct Row {
    id: Uuid,
    organisation_id: Option<Uuid>,
    dedupe_key: String,
    template: String,
    recipient: String,
    subject: String,
    html: String,
    body: String,
    attachments: serde_json::Value,
    state: String,
    created_at: SqlTimestamp,
}

impl Row {
    fn message(self) -> Result<Message, Fault> {
        let state = MessageState::from_word(&self.state)
            .ok_or_else(|| Fault::corrupt(format!("message {} is in state {}", self.id, self.state)))?;
        Ok(Message {
            id: MessageId::from(self.id),
            organisation: self.organisation_id.map(OrganisationId::from),
            dedupe_key: self.dedupe_key,
            template: self.template,
            recipient: self.recipient,
            subject: self.subject,
            html: self.html,
            text: self.body,
            attachments: serde_json::from_value(self.attachments).map_err(Fault::corrupt)?,
            state,
            created_at: self.created_at.to_jiff(),
        })
    }
}

/// Inserts a message, unless one with its key is there.
pub(crate) async fn insert(tx: &mut Tx, message: &Message) -> Result<(), Fault> {
    sqlx::query!(
        "insert into outreach.message
           (id, organisation_id, dedupe_key, template, recipient, subject, html, body, attachments, state, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (dedupe_key) do nothing",
        message.id.uuid(),
        message.organisation.map(OrganisationId::uuid),
        message.dedupe_key,
        message.template,
        message.recipient,
        message.subject,
        message.html,
        message.text,
        serde_json::to_value(&message.attachments).map_err(Fault::corrupt)?,
        message.state.as_str(),
        message.created_at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Finds a message by what makes it one and the same.
pub(crate) async fn find_by_key(tx: &mut Tx, dedupe_key: &str) -> Result<Option<Message>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, organisation_id, dedupe_key, template, recipient, subject, html, body, attachments, state, created_at
         from outreach.message
         where dedupe_key = $1",
        dedupe_key
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::message).transpose()
}

/// Finds a message.
pub(crate) async fn find(tx: &mut Tx, id: MessageId) -> Result<Option<Message>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, organisation_id, dedupe_key, template, recipient, subject, html, body, attachments, state, created_at
         from outreach.message
         where id = $1",
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::message).transpose()
}

/// The newest messages to recipients whose address holds `recipient` (all, when it is empty), older than the message `before`.
pub(crate) async fn list(
    tx: &mut Tx,
    recipient: &str,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select id, organisation_id, dedupe_key, template, recipient, subject, html, body, attachments, state, created_at
         from outreach.message
         where position(lower($1) in lower(recipient)) > 0
           and ($2::uuid is null or (created_at, id) < (select m.created_at, m.id from outreach.message m where m.id = $2))
         order by created_at desc, id desc
         limit $3",
        recipient,
        before.map(MessageId::uuid),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::message).collect()
}

/// Notes that somebody has the message. What carries secrets is not kept once it has left.
pub(crate) async fn mark_delivered(
    tx: &mut Tx,
    id: MessageId,
    state: MessageState,
    is_kept_readable: bool,
) -> Result<(), Fault> {
    let now = tx.now();
    sqlx::query!(
        "update outreach.message
         set state = $2, attempts = attempts + 1, failure = null, sent_at = $3,
             subject = case when $4 then subject else template end,
             html = case when $4 then html else '' end,
             body = case when $4 then body else '' end
         where id = $1 and state in ('queued', 'failed')",
        id.uuid(),
        state.as_str(),
        now.to_sqlx(),
        is_kept_readable
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts a try that failed; answers how many there were.
pub(crate) async fn count_failure(tx: &mut Tx, id: MessageId, reason: &str) -> Result<i32, Fault> {
    let row = sqlx::query!(
        "update outreach.message
         set attempts = attempts + 1, failure = $2
         where id = $1
         returning attempts",
        id.uuid(),
        reason
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.attempts)
}

/// Writes a state.
pub(crate) async fn set_state(tx: &mut Tx, id: MessageId, state: MessageState) -> Result<(), Fault> {
    sqlx::query!(
        "update outreach.message
         set state = $2
         where id = $1 and state in ('queued', 'failed')",
        id.uuid(),
        state.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
