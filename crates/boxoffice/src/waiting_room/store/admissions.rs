//! SQL of what people do with their admission: holds and orders are counted against it.

use jiff_sqlx::ToSqlx;
use kernel::{EventId, HoldId, OrganisationId, WaitingEntryId};
use platform::{Fault, Tx};

use crate::waiting_room::model::HOLDS_AN_ADMISSION_MAX;

/// Which admission is being used.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The tenant.
    pub organisation: OrganisationId,
    /// The event.
    pub event: EventId,
    /// Who was let in.
    pub entry: WaitingEntryId,
}

/// Takes one of the holds of an admission; answers whether there was one.
pub async fn spend_hold(tx: &mut Tx, key: Key) -> Result<bool, Fault> {
    let now = tx.now().to_sqlx();
    let spent = sqlx::query!(
        "update boxoffice.waiting_entry
         set holds = holds + 1
         where organisation_id = $1 and event_id = $2 and id = $3 and state = 'admitted' and expires_at > $4 and holds < $5",
        key.organisation.uuid(),
        key.event.uuid(),
        key.entry.uuid(),
        now,
        HOLDS_AN_ADMISSION_MAX
    )
    .execute(tx.conn())
    .await?;
    Ok(spent.rows_affected() == 1)
}

/// Gives a hold back that was not to be had.
pub async fn return_hold(tx: &mut Tx, key: Key) -> Result<(), Fault> {
    sqlx::query!(
        "update boxoffice.waiting_entry
         set holds = holds - 1
         where organisation_id = $1 and event_id = $2 and id = $3 and holds > 0",
        key.organisation.uuid(),
        key.event.uuid(),
        key.entry.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes which hold an admission took.
pub async fn link_hold(tx: &mut Tx, key: Key, hold: HoldId) -> Result<(), Fault> {
    sqlx::query!(
        "with linked as (
           insert into boxoffice.waiting_hold (organisation_id, hold_id, event_id, entry_id)
           values ($1, $4, $2, $3)
           on conflict do nothing)
         update boxoffice.waiting_entry
         set is_holding = true
         where organisation_id = $1 and event_id = $2 and id = $3 and state = 'admitted'",
        key.organisation.uuid(),
        key.event.uuid(),
        key.entry.uuid(),
        hold.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whose admission a hold was taken with, and whether its order was counted.
pub async fn entry_of_hold(
    tx: &mut Tx,
    organisation: OrganisationId,
    hold: HoldId,
) -> Result<Option<(Key, bool)>, Fault> {
    let row = sqlx::query!(
        "select event_id, entry_id, is_ordered
         from boxoffice.waiting_hold
         where organisation_id = $1 and hold_id = $2
         for update",
        organisation.uuid(),
        hold.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| {
        let key = Key { organisation, event: EventId::from(row.event_id), entry: WaitingEntryId::from(row.entry_id) };
        (key, row.is_ordered)
    }))
}

/// Notes whether the order of a hold counts against its admission.
pub async fn mark_hold_ordered(
    tx: &mut Tx,
    organisation: OrganisationId,
    hold: HoldId,
    is_ordered: bool,
) -> Result<(), Fault> {
    sqlx::query!(
        "update boxoffice.waiting_hold set is_ordered = $3 where organisation_id = $1 and hold_id = $2",
        organisation.uuid(),
        hold.uuid(),
        is_ordered
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes one of the orders of an admission; answers whether there was one. With the last one the admission has come to its end. An
/// admission that ran out meanwhile is good for what was held with it.
pub async fn spend_order(tx: &mut Tx, key: Key) -> Result<bool, Fault> {
    let now = tx.now().to_sqlx();
    let spent = sqlx::query!(
        "update boxoffice.waiting_entry e
         set orders = e.orders + 1, ordered_at = coalesce(e.ordered_at, $4), is_holding = false,
             state = case when e.orders + 1 >= r.orders_per_person or e.state = 'lapsed' then 'bought' else e.state end,
             ended_at = case when e.orders + 1 >= r.orders_per_person or e.state = 'lapsed' then coalesce(e.ended_at, $4) else e.ended_at end
         from boxoffice.waiting_room r
         where e.organisation_id = $1 and e.event_id = $2 and e.id = $3 and r.organisation_id = $1 and r.event_id = $2
           and e.state in ('admitted', 'lapsed', 'bought') and e.orders < r.orders_per_person",
        key.organisation.uuid(),
        key.event.uuid(),
        key.entry.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(spent.rows_affected() == 1)
}

/// Gives an order back that was refused.
pub async fn return_order(tx: &mut Tx, key: Key) -> Result<(), Fault> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update boxoffice.waiting_entry
         set orders = orders - 1, ordered_at = case when orders = 1 then null else ordered_at end,
             state = case when state <> 'bought' then state when expires_at > $4 then 'admitted' else 'lapsed' end,
             ended_at = case when state = 'bought' and expires_at > $4 then null else ended_at end
         where organisation_id = $1 and event_id = $2 and id = $3 and orders > 0",
        key.organisation.uuid(),
        key.event.uuid(),
        key.entry.uuid(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
