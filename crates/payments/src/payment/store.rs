//! All SQL about payments.

use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use kernel::{Currency, Money, OrderId, OrganisationId, PaymentId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::{CancelReason, Checkout, FailureReason, Payment, PaymentState};
use crate::provider::ProviderName;

/// The most payments one order's listing shows: each new try of a buyer makes one.
const PAYMENTS_PER_ORDER_MAX: i64 = 100;

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    order_id: Uuid,
    description: String,
    provider: Option<String>,
    provider_ref: Option<String>,
    state: String,
    amount: i64,
    currency: String,
    checkout_url: Option<String>,
    failure: Option<String>,
    created_at: SqlTimestamp,
    expires_at: SqlTimestamp,
    succeeded_at: Option<SqlTimestamp>,
}

impl Row {
    fn state(&self) -> Result<PaymentState, Fault> {
        let checkout =
            self.provider_ref.clone().map(|reference| Checkout { reference, url: self.checkout_url.clone() });
        let known = || {
            checkout
                .clone()
                .ok_or_else(|| Fault::corrupt(format!("payment {} is {} without a reference", self.id, self.state)))
        };
        let word = || {
            self.failure
                .clone()
                .ok_or_else(|| Fault::corrupt(format!("payment {} is {} without a reason", self.id, self.state)))
        };
        match self.state.as_str() {
            "created" => Ok(PaymentState::Created),
            "pending" => Ok(PaymentState::Pending(known()?)),
            "failed" => Ok(PaymentState::Failed { checkout: known()?, reason: FailureReason::from_word(word()?) }),
            "succeeded" => {
                let at = self
                    .succeeded_at
                    .ok_or_else(|| Fault::corrupt(format!("payment {} succeeded at no time", self.id)))?;
                Ok(PaymentState::Succeeded { checkout: known()?, at: at.to_jiff() })
            }
            "cancelled" => {
                let reason = CancelReason::from_word(&word()?)
                    .ok_or_else(|| Fault::corrupt(format!("payment {} has an unknown reason", self.id)))?;
                Ok(PaymentState::Cancelled { checkout, reason })
            }
            other => Err(Fault::corrupt(format!("payment {} is in state {other}", self.id))),
        }
    }

    fn payment(self) -> Result<Payment, Fault> {
        let state = self.state()?;
        let provider = self.provider.map(|name| name.parse::<ProviderName>()).transpose().map_err(Fault::corrupt)?;
        Ok(Payment {
            id: PaymentId::from(self.id),
            organisation: OrganisationId::from(self.organisation_id),
            order: OrderId::from(self.order_id),
            amount: Money::new(self.amount, Currency::parse(&self.currency).map_err(Fault::corrupt)?),
            description: self.description,
            created_at: self.created_at.to_jiff(),
            expires_at: self.expires_at.to_jiff(),
            provider,
            state,
        })
    }
}

/// Inserts a payment that was just begun.
pub(crate) async fn insert(tx: &mut Tx, payment: &Payment) -> Result<(), Fault> {
    sqlx::query!(
        "insert into payments.payment (organisation_id, id, order_id, description, state, amount, currency, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        payment.organisation.uuid(),
        payment.id.uuid(),
        payment.order.uuid(),
        payment.description,
        payment.state.name().as_str(),
        payment.amount.amount,
        payment.amount.currency.code(),
        payment.created_at.to_sqlx(),
        payment.expires_at.to_sqlx()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Finds a payment and keeps everyone else from changing it until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, organisation: OrganisationId, id: PaymentId) -> Result<Option<Payment>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select organisation_id, id, order_id, description, provider, provider_ref, state, amount, currency, checkout_url, failure,
                created_at, expires_at, succeeded_at
         from payments.payment
         where organisation_id = $1 and id = $2
         for update",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::payment).transpose()
}

/// Finds a payment.
pub(crate) async fn find(tx: &mut Tx, organisation: OrganisationId, id: PaymentId) -> Result<Option<Payment>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select organisation_id, id, order_id, description, provider, provider_ref, state, amount, currency, checkout_url, failure,
                created_at, expires_at, succeeded_at
         from payments.payment
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::payment).transpose()
}

/// The payments of one order, the first one first.
pub(crate) async fn list_of_order(
    tx: &mut Tx,
    organisation: OrganisationId,
    order: OrderId,
) -> Result<Vec<Payment>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select organisation_id, id, order_id, description, provider, provider_ref, state, amount, currency, checkout_url, failure,
                created_at, expires_at, succeeded_at
         from payments.payment
         where organisation_id = $1 and order_id = $2
         order by created_at, id
         limit $3",
        organisation.uuid(),
        order.uuid(),
        PAYMENTS_PER_ORDER_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::payment).collect()
}

/// Whose payment a provider's notice is about, by the provider's reference or by ours; for transactions of the system.
pub(crate) async fn find_owner(
    tx: &mut Tx,
    provider: ProviderName,
    reference: &str,
    payment: Option<PaymentId>,
) -> Result<Option<(OrganisationId, PaymentId)>, Fault> {
    let row = sqlx::query!(
        "select organisation_id, id
         from payments.payment
         where provider = $1 and (provider_ref = $2 or (provider_ref is null and id = $3))
         limit 1",
        provider.as_str(),
        reference,
        payment.map(PaymentId::uuid)
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (OrganisationId::from(row.organisation_id), PaymentId::from(row.id))))
}

/// Writes what changed in a payment that is locked.
pub(crate) async fn update(tx: &mut Tx, payment: &Payment) -> Result<(), Fault> {
    let checkout = payment.state.checkout();
    let (failure, succeeded_at) = match &payment.state {
        PaymentState::Failed { reason, .. } => (Some(reason.as_str().to_owned()), None),
        PaymentState::Cancelled { reason, .. } => (Some(reason.as_str().to_owned()), None),
        PaymentState::Succeeded { at, .. } => (None, Some(*at)),
        PaymentState::Created | PaymentState::Pending(_) => (None, None),
    };
    sqlx::query!(
        "update payments.payment
         set provider = $3, provider_ref = $4, state = $5, checkout_url = $6, failure = $7, expires_at = $8, succeeded_at = $9,
             version = version + 1
         where organisation_id = $1 and id = $2",
        payment.organisation.uuid(),
        payment.id.uuid(),
        payment.provider.map(ProviderName::as_str),
        checkout.map(|checkout| checkout.reference.as_str()),
        payment.state.name().as_str(),
        checkout.and_then(|checkout| checkout.url.as_deref()),
        failure,
        payment.expires_at.to_sqlx(),
        succeeded_at.map(|at| at.to_sqlx()) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
