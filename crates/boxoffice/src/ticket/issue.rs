//! Issuing the tickets of an order, in the transaction that pays it.

use jiff_sqlx::ToSqlx;
use kernel::{EventId, OrderId, OrganisationId, TicketId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::key;
use super::model::Plan;

/// Writes the planned tickets as valid ones, each with a random serial of 63 bits.
pub async fn issue(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    order: OrderId,
    plans: &[Plan],
) -> Result<Vec<TicketId>, Fault> {
    key::ensure(tx, organisation).await?;
    let ids: Vec<TicketId> = plans.iter().map(|_| tx.new_id()).collect();
    let uuids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let types: Vec<Uuid> = plans.iter().map(|plan| plan.ticket_type.uuid()).collect();
    let numbers: Vec<i32> = plans.iter().map(|plan| plan.number).collect();
    let serials: Vec<i64> = plans.iter().map(|_| i64::from_be_bytes(tx.random().bytes()) & i64::MAX).collect();
    let holders: Vec<String> = plans.iter().map(|plan| plan.holder_name.clone()).collect();
    let prices: Vec<i64> = plans.iter().map(|plan| plan.price.amount).collect();
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into boxoffice.ticket (organisation_id, id, event_id, order_id, ticket_type_id, number, serial, state, holder_name, price, created_at)
         select $1, t.id, $2, $3, t.ticket_type_id, t.number, t.serial, 'valid', t.holder_name, t.price, $4
         from unnest($5::uuid[], $6::uuid[], $7::int[], $8::bigint[], $9::text[], $10::bigint[])
           as t (id, ticket_type_id, number, serial, holder_name, price)",
        organisation.uuid(),
        event.uuid(),
        order.uuid(),
        now,
        &uuids,
        &types,
        &numbers,
        &serials,
        &holders,
        &prices
    )
    .execute(tx.conn())
    .await?;
    Ok(ids)
}
