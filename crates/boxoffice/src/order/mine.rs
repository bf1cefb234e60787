//! The orders of a signed-in person, across organisations.

use jiff::Timestamp;
use kernel::{AccountId, EventId, OrderId, OrganisationId};
use platform::{Failure, Never, Tx};

use super::place::ORDER_SECRET;

/// How many orders the page of a person shows.
const ORDERS_SHOWN_MAX: i64 = 100;

/// An order of mine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyOrder {
    /// Whose event it is.
    pub organisation: OrganisationId,
    /// Which event.
    pub event: EventId,
    /// What people call it.
    pub code: String,
    /// Its address below the server's own; whoever has it owns the order.
    pub path: String,
    /// `awaiting_payment`, `paid`, `cancelled`, `expired` or `unfulfilled`.
    pub state: String,
    /// When it was placed.
    pub created_at: Timestamp,
}

/// Reads the orders of an account, newest first. Behind `Scope::Account`, which shows a person their own orders and nothing else.
pub async fn mine(tx: &mut Tx, account: AccountId) -> Result<Vec<MyOrder>, Failure<Never>> {
    let rows = sqlx::query!(
        "select organisation_id, id, event_id, code, state, created_at
         from boxoffice.orders
         where account_id = $1
         order by created_at desc, id desc
         limit $2",
        account.uuid(),
        ORDERS_SHOWN_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| MyOrder {
            organisation: OrganisationId::from(row.organisation_id),
            event: EventId::from(row.event_id),
            path: format!("/o/{}/{}", row.code, tx.vault().secret_of(ORDER_SECRET, OrderId::from(row.id).uuid())),
            code: row.code,
            state: row.state,
            created_at: row.created_at.to_jiff(),
        })
        .collect())
}
