//! Beginning a payment.

use jiff::Timestamp;
use kernel::events::PaymentCreated;
use kernel::{Money, OrderId, OrganisationId, PaymentId};
use platform::jobs::When;
use platform::{Fault, Tx};

use super::model::{Payment, PaymentState};
use super::poll::Poll;
use super::store;

/// Money to be asked for.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// The tenant.
    pub organisation: OrganisationId,
    /// What it pays.
    pub order: OrderId,
    /// How much; more than nothing, as the database insists.
    pub amount: Money,
    /// What the buyer reads on the provider's page: `2 tickets for Blue Harbour Jazz`.
    pub description: String,
    /// When the buyer's time to pay ends.
    pub expires_at: Timestamp,
}

/// Begins a payment. Nobody is asked yet: that is `open_checkout`, after the transaction. From here on the payment is looked after, even if
/// the process dies in the next instant.
pub async fn create(tx: &mut Tx, new: NewPayment) -> Result<PaymentId, Fault> {
    let payment = Payment {
        id: tx.new_id(),
        organisation: new.organisation,
        order: new.order,
        amount: new.amount,
        description: new.description,
        created_at: tx.now(),
        expires_at: new.expires_at,
        provider: None,
        state: PaymentState::Created,
    };
    store::insert(tx, &payment).await?;
    let created = PaymentCreated { payment: payment.id, order: payment.order, amount: payment.amount };
    tx.record(Some(payment.organisation), &created).await?;
    if let Some(at) = payment.next_poll(tx.now()) {
        tx.enqueue(&Poll { organisation: payment.organisation, payment: payment.id }, When::At(at)).await?;
    }
    Ok(payment.id)
}
