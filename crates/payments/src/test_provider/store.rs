//! All SQL of the test provider's far side.

use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use kernel::{Currency, Money, PaymentId};
use platform::{Fault, Tx};

use super::model::{TestCheckout, TestState};

struct Row {
    id: String,
    idempotency_key: String,
    amount: i64,
    currency: String,
    description: String,
    metadata: serde_json::Value,
    return_url: String,
    webhook_url: String,
    state: String,
    created_at: SqlTimestamp,
    expires_at: SqlTimestamp,
    settles_at: Option<SqlTimestamp>,
}

impl Row {
    fn checkout(self) -> Result<TestCheckout, Fault> {
        let state = match (self.state.as_str(), self.settles_at) {
            ("open", _) => TestState::Open,
            ("paid", Some(at)) => TestState::Paid { settles_at: at.to_jiff() },
            ("declined", _) => TestState::Declined,
            (other, _) => return Err(Fault::corrupt(format!("test checkout {} is in state {other}", self.id))),
        };
        let payment = self.metadata.get("payment").and_then(serde_json::Value::as_str).unwrap_or_default();
        Ok(TestCheckout {
            payment: payment.parse::<PaymentId>().map_err(Fault::corrupt)?,
            amount: Money::new(self.amount, Currency::parse(&self.currency).map_err(Fault::corrupt)?),
            id: self.id,
            idempotency_key: self.idempotency_key,
            description: self.description,
            return_url: self.return_url,
            webhook_url: self.webhook_url,
            created_at: self.created_at.to_jiff(),
            expires_at: self.expires_at.to_jiff(),
            state,
        })
    }
}

/// Inserts a checkout, unless its key was used before.
pub(super) async fn insert(tx: &mut Tx, checkout: &TestCheckout) -> Result<(), Fault> {
    sqlx::query!(
        "insert into payments.test_checkout
           (id, idempotency_key, amount, currency, description, metadata, return_url, webhook_url, state, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (idempotency_key) do nothing",
        checkout.id,
        checkout.idempotency_key,
        checkout.amount.amount,
        checkout.amount.currency.code(),
        checkout.description,
        serde_json::json!({ "payment": checkout.payment }),
        checkout.return_url,
        checkout.webhook_url,
        checkout.state.as_str(),
        checkout.created_at.to_sqlx(),
        checkout.expires_at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Finds a checkout by the key it was opened with.
pub(super) async fn find_by_key(tx: &mut Tx, key: &str) -> Result<Option<TestCheckout>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, idempotency_key, amount, currency, description, metadata, return_url, webhook_url, state, created_at, expires_at,
                settles_at
         from payments.test_checkout
         where idempotency_key = $1",
        key
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::checkout).transpose()
}

/// Finds a checkout.
pub(super) async fn find(tx: &mut Tx, id: &str) -> Result<Option<TestCheckout>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, idempotency_key, amount, currency, description, metadata, return_url, webhook_url, state, created_at, expires_at,
                settles_at
         from payments.test_checkout
         where id = $1",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::checkout).transpose()
}

/// Finds a checkout and keeps everyone else from changing it until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: &str) -> Result<Option<TestCheckout>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, idempotency_key, amount, currency, description, metadata, return_url, webhook_url, state, created_at, expires_at,
                settles_at
         from payments.test_checkout
         where id = $1
         for update",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::checkout).transpose()
}

/// Writes a checkout's state.
pub(super) async fn update(tx: &mut Tx, checkout: &TestCheckout) -> Result<(), Fault> {
    let settles_at = match checkout.state {
        TestState::Paid { settles_at } => Some(settles_at),
        TestState::Open | TestState::Declined => None,
    };
    sqlx::query!(
        "update payments.test_checkout
         set state = $2, settles_at = $3
         where id = $1",
        checkout.id,
        checkout.state.as_str(),
        settles_at.map(|at| at.to_sqlx()) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A refund as the test provider keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TestRefund {
    pub id: String,
    pub checkout: String,
    pub amount: i64,
}

/// Inserts a refund. Its checkout must be locked.
pub(super) async fn insert_refund(tx: &mut Tx, refund: &TestRefund, key: &str) -> Result<(), Fault> {
    let now = tx.now();
    sqlx::query!(
        "insert into payments.test_refund (id, idempotency_key, checkout_id, amount, created_at)
         values ($1, $2, $3, $4, $5)",
        refund.id,
        key,
        refund.checkout,
        refund.amount,
        now.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Finds a refund by the key it was asked for with.
pub(super) async fn find_refund_by_key(tx: &mut Tx, key: &str) -> Result<Option<TestRefund>, Fault> {
    let row = sqlx::query!(
        "select id, checkout_id, amount
         from payments.test_refund
         where idempotency_key = $1",
        key
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| TestRefund { id: row.id, checkout: row.checkout_id, amount: row.amount }))
}

/// Finds a refund.
pub(super) async fn find_refund(tx: &mut Tx, id: &str) -> Result<Option<TestRefund>, Fault> {
    let row = sqlx::query!(
        "select id, checkout_id, amount
         from payments.test_refund
         where id = $1",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| TestRefund { id: row.id, checkout: row.checkout_id, amount: row.amount }))
}

/// What a checkout has given back already. It must be locked, or the sum is old when it arrives.
pub(super) async fn sum_refunds(tx: &mut Tx, checkout: &str) -> Result<i64, Fault> {
    let row = sqlx::query!(
        "select coalesce(sum(amount), 0)::bigint as \"sum!\"
         from payments.test_refund
         where checkout_id = $1",
        checkout
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.sum)
}
