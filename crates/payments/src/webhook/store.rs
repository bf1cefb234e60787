//! All SQL about the inbox of webhooks.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::{Fault, Tx};

use crate::provider::{ProviderName, WebhookEvent};

/// A notice that waits in the inbox.
pub(crate) struct Waiting {
    pub payload: serde_json::Value,
    pub received_at: Timestamp,
}

/// Keeps a notice; false when it came before.
pub(crate) async fn insert(tx: &mut Tx, provider: ProviderName, event: &WebhookEvent) -> Result<bool, Fault> {
    let now = tx.now();
    let done = sqlx::query!(
        "insert into payments.webhook_inbox (provider, event_id, payload, received_at)
         values ($1, $2, $3, $4)
         on conflict (provider, event_id) do nothing",
        provider.as_str(),
        event.id,
        event.payload,
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Finds a notice that nobody has worked on.
pub(crate) async fn find_waiting(
    tx: &mut Tx,
    provider: ProviderName,
    event_id: &str,
) -> Result<Option<Waiting>, Fault> {
    let row = sqlx::query!(
        "select payload, received_at
         from payments.webhook_inbox
         where provider = $1 and event_id = $2 and processed_at is null",
        provider.as_str(),
        event_id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Waiting { payload: row.payload, received_at: row.received_at.to_jiff() }))
}

/// Notes what a notice led to; the first note stays.
pub(crate) async fn mark_processed(
    tx: &mut Tx,
    provider: ProviderName,
    event_id: &str,
    outcome: &str,
) -> Result<(), Fault> {
    let now = tx.now();
    sqlx::query!(
        "update payments.webhook_inbox
         set processed_at = $3, outcome = $4
         where provider = $1 and event_id = $2 and processed_at is null",
        provider.as_str(),
        event_id,
        now.to_sqlx(),
        outcome
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
