//! All SQL about refunds.

use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use kernel::{Currency, Money, OrderId, OrganisationId, PaymentId, RefundId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{Refund, RefundState};

/// The most refunds one order's listing shows.
const REFUNDS_PER_ORDER_MAX: i64 = 200;

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    payment_id: Uuid,
    amount: i64,
    currency: String,
    reason: String,
    state: String,
    provider_ref: Option<String>,
    failure: Option<String>,
    created_at: SqlTimestamp,
    settled_at: Option<SqlTimestamp>,
}

impl Row {
    fn refund(self) -> Result<Refund, Fault> {
        let torn = || Fault::corrupt(format!("refund {} is {} and lacks what belongs to that", self.id, self.state));
        let settled_at = self.settled_at.map(|at| at.to_jiff());
        let state = match (self.state.as_str(), settled_at) {
            ("requested", _) => RefundState::Requested,
            ("sent", _) => RefundState::Sent { reference: self.provider_ref.clone() },
            ("succeeded", Some(at)) => {
                RefundState::Succeeded { reference: self.provider_ref.clone().ok_or_else(torn)?, at }
            }
            ("failed", Some(at)) => RefundState::Failed { reason: self.failure.clone().ok_or_else(torn)?, at },
            _ => return Err(torn()),
        };
        Ok(Refund {
            id: RefundId::from(self.id),
            organisation: OrganisationId::from(self.organisation_id),
            payment: PaymentId::from(self.payment_id),
            amount: Money::new(self.amount, Currency::parse(&self.currency).map_err(Fault::corrupt)?),
            reason: self.reason,
            created_at: self.created_at.to_jiff(),
            state,
        })
    }
}

/// Inserts a refund that was just requested.
pub(crate) async fn insert(tx: &mut Tx, refund: &Refund) -> Result<(), Fault> {
    sqlx::query!(
        "insert into payments.refund (organisation_id, id, payment_id, amount, currency, reason, state, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        refund.organisation.uuid(),
        refund.id.uuid(),
        refund.payment.uuid(),
        refund.amount.amount,
        refund.amount.currency.code(),
        refund.reason,
        refund.state.name().as_str(),
        refund.created_at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The sum of a payment's refunds that have not failed. The payment must be locked, or the sum is old when it arrives.
pub(crate) async fn sum_not_failed(
    tx: &mut Tx,
    organisation: OrganisationId,
    payment: PaymentId,
) -> Result<i64, Fault> {
    let row = sqlx::query!(
        "select coalesce(sum(amount), 0)::bigint as \"sum!\"
         from payments.refund
         where organisation_id = $1 and payment_id = $2 and state <> 'failed'",
        organisation.uuid(),
        payment.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.sum)
}

/// The sums of refunds that have not failed, for each payment of one order that has any.
pub(crate) async fn sums_of_order(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: OrderId,
) -> Result<Vec<(PaymentId, i64)>, Fault> {
    let rows = sqlx::query!(
        "select r.payment_id, sum(r.amount)::bigint as \"sum!\"
         from payments.refund r
         join payments.payment p on p.organisation_id = r.organisation_id and p.id = r.payment_id
         where r.organisation_id = $1 and p.order_id = $2 and r.state <> 'failed'
         group by r.payment_id
         limit $3",
        organisation.uuid(),
        order.uuid(),
        REFUNDS_PER_ORDER_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (PaymentId::from(row.payment_id), row.sum)).collect())
}

/// Finds a refund and keeps everyone else from changing it until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, organisation: OrganisationId, id: RefundId) -> Result<Option<Refund>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select organisation_id, id, payment_id, amount, currency, reason, state, provider_ref, failure, created_at, settled_at
         from payments.refund
         where organisation_id = $1 and id = $2
         for update",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::refund).transpose()
}

/// The refunds of all payments of one order, the first one first.
pub(crate) async fn list_of_order(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: OrderId,
) -> Result<Vec<Refund>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select r.organisation_id, r.id, r.payment_id, r.amount, r.currency, r.reason, r.state, r.provider_ref, r.failure,
                r.created_at, r.settled_at
         from payments.refund r
         join payments.payment p on p.organisation_id = r.organisation_id and p.id = r.payment_id
         where r.organisation_id = $1 and p.order_id = $2
         order by r.created_at, r.id
         limit $3",
        organisation.uuid(),
        order.uuid(),
        REFUNDS_PER_ORDER_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::refund).collect()
}

/// Writes what changed in a refund that is locked.
pub(crate) async fn update(tx: &mut Tx, refund: &Refund) -> Result<(), Fault> {
    let (reference, failure, settled_at) = match &refund.state {
        RefundState::Requested => (None, None, None),
        RefundState::Sent { reference } => (reference.as_deref(), None, None),
        RefundState::Succeeded { reference, at } => (Some(reference.as_str()), None, Some(*at)),
        RefundState::Failed { reason, at } => (None, Some(reason.as_str()), Some(*at)),
    };
    sqlx::query!(
        "update payments.refund
         set state = $3, provider_ref = coalesce($4, provider_ref), failure = $5, settled_at = $6, version = version + 1
         where organisation_id = $1 and id = $2",
        refund.organisation.uuid(),
        refund.id.uuid(),
        refund.state.name().as_str(),
        reference,
        failure,
        settled_at.map(|at| at.to_sqlx()) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
