//! Writing down what the provider's object says of a payment, whoever made us look: a webhook or the poll.

use kernel::events::{PaymentFailed, PaymentSucceeded};
use kernel::{Money, OrganisationId, PaymentId};
use platform::{Failure, Fault, Never, Tx};

use super::model::{Payment, PaymentState, PaymentStateName};
use super::store;
use crate::provider::ProviderState;

/// A look at the provider's object.
#[derive(Debug, Clone)]
pub struct Settle {
    /// The tenant.
    pub organisation: OrganisationId,
    /// The payment it was a look for.
    pub payment: PaymentId,
    /// What was seen.
    pub seen: ProviderState,
    /// The amount that a notice claimed. A notice and an object of which one does not fit are believed in the worse.
    pub claimed: Option<Money>,
}

/// What a look led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The payment's state now.
    pub state: PaymentStateName,
    /// The word for why a person must look at it, when the figures did not fit this time.
    pub review: Option<String>,
}

/// Folds a look into the payment and tells the journal when its fate changed.
pub async fn settle(tx: &mut Tx, command: Settle) -> Result<Settled, Failure<Never>> {
    let before = store::lock(tx, command.organisation, command.payment)
        .await?
        .ok_or_else(|| Fault::corrupt("a payment went away"))?;
    let now = tx.now();
    let amount = command.claimed.filter(|claimed| *claimed != before.amount).unwrap_or(command.seen.amount);
    let seen = ProviderState { amount, ..command.seen };
    let after = before.clone().fold(&seen, now);
    // The same look at a payment that is new tells whether the figures fit, whatever the payment has become since.
    let review = match (Payment { state: PaymentState::Created, ..before.clone() }).fold(&seen, now).state {
        PaymentState::Failed { reason, .. } if reason.needs_review() => Some(reason.as_str().to_owned()),
        _ => None,
    };
    if let Some(reason) = &review {
        metrics::counter!("turnout_payments_to_review_total").increment(1);
        tracing::error!(payment = %before.id, %reason, "the provider's figures are not ours; a person must look at this payment");
    }
    let state = after.state.name();
    write(tx, &before, &after).await?;
    Ok(Settled { state, review })
}

/// Writes a payment's new state and records its new fate; does nothing when nothing changed.
pub(super) async fn write(tx: &mut Tx, before: &Payment, after: &Payment) -> Result<(), Fault> {
    if before == after {
        return Ok(());
    }
    store::update(tx, after).await?;
    let (organisation, payment, order) = (Some(after.organisation), after.id, after.order);
    match &after.state {
        PaymentState::Succeeded { .. } => {
            tx.record(organisation, &PaymentSucceeded { payment, order, amount: after.amount }).await
        }
        PaymentState::Failed { reason, .. } => {
            tx.record(organisation, &PaymentFailed { payment, order, reason: reason.as_str().to_owned() }).await
        }
        PaymentState::Cancelled { reason, .. } => {
            tx.record(organisation, &PaymentFailed { payment, order, reason: reason.as_str().to_owned() }).await
        }
        PaymentState::Created | PaymentState::Pending(_) => Ok(()),
    }
}
