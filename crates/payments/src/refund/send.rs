//! Telling the provider to give money back, once, however often the job runs.

use jiff::SignedDuration;
use kernel::events::{RefundFailed, RefundSucceeded};
use kernel::{OrganisationId, RefundId};
use platform::jobs::{JobFailure, Payload, When};
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use serde::{Deserialize, Serialize};

use super::model::{Refund, RefundState};
use super::store;
use crate::payment;
use crate::payment::model::Checkout;
use crate::provider::{ProviderError, ProviderName, RefundOutcome, RefundRequest, find_provider};

/// How long a provider that has a refund in hand is left alone before it is asked again.
const REFUND_LOOK_SECONDS: i64 = 600;
/// The word for refunds of a provider that gives no money back by itself.
const NOT_SUPPORTED: &str = "refunds_not_supported";

/// The job: bring one refund to its end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SendRefund {
    /// The tenant.
    pub organisation: OrganisationId,
    /// The refund.
    pub refund: RefundId,
}

impl Payload for SendRefund {
    const NAME: &'static str = "payments.send_refund";
}

struct Sending {
    refund: Refund,
    provider: ProviderName,
    checkout: Checkout,
}

#[derive(Clone)]
struct Settle {
    job: SendRefund,
    outcome: RefundOutcome,
}

/// Runs the job: writes down that the provider is being told, tells it under the refund's id, writes down the answer. A crash between two of
/// these repeats the telling with the same key, which pays back once.
pub async fn send(platform: Platform, job: SendRefund) -> Result<(), JobFailure> {
    let scope = Scope::Tenant(job.organisation);
    let Some(sending) = platform.db.write(scope, "send_refund", job, mark_sent).await? else { return Ok(()) };
    let outcome = match tell(&platform, &sending).await {
        Ok(outcome) => outcome,
        Err(ProviderError::Rejected(reason)) => RefundOutcome::Failed { reason },
        Err(error @ ProviderError::Unavailable(_)) => return Err(JobFailure::passing(error)),
    };
    platform.db.write(scope, "settle_refund", Settle { job, outcome }, settle).await?;
    Ok(())
}

async fn tell(platform: &Platform, sending: &Sending) -> Result<RefundOutcome, ProviderError> {
    let provider = find_provider(platform, sending.provider)
        .ok_or_else(|| ProviderError::Unavailable(format!("the provider {} is not configured", sending.provider)))?;
    let refunds = provider.refunds().ok_or_else(|| ProviderError::Rejected(NOT_SUPPORTED.to_owned()))?;
    if let RefundState::Sent { reference: Some(reference) } = &sending.refund.state {
        return refunds.fetch_refund(reference).await;
    }
    let request = RefundRequest {
        idempotency_key: sending.refund.id,
        reference: sending.checkout.reference.clone(),
        amount: sending.refund.amount,
    };
    refunds.refund(request).await
}

async fn mark_sent(tx: &mut Tx, job: SendRefund) -> Result<Option<Sending>, Failure<Never>> {
    let refund =
        store::lock(tx, job.organisation, job.refund).await?.ok_or_else(|| Fault::corrupt("a refund went away"))?;
    let Ok(refund) = refund.send() else { return Ok(None) };
    store::update(tx, &refund).await?;
    let payment = payment::store::find(tx, job.organisation, refund.payment)
        .await?
        .ok_or_else(|| Fault::corrupt("a payment went away"))?;
    let provider = payment.provider.ok_or_else(|| Fault::corrupt("a paid payment has no provider"))?;
    let checkout = payment.state.checkout().cloned().ok_or_else(|| Fault::corrupt("a paid payment has no checkout"))?;
    Ok(Some(Sending { refund, provider, checkout }))
}

async fn settle(tx: &mut Tx, command: Settle) -> Result<(), Failure<Never>> {
    let job = command.job;
    let refund =
        store::lock(tx, job.organisation, job.refund).await?.ok_or_else(|| Fault::corrupt("a refund went away"))?;
    let Ok(refund) = refund.settle(command.outcome, tx.now()) else { return Ok(()) };
    store::update(tx, &refund).await?;
    let (organisation, payment, amount) = (Some(refund.organisation), refund.payment, refund.amount);
    match &refund.state {
        RefundState::Succeeded { .. } => {
            tx.record(organisation, &RefundSucceeded { refund: refund.id, payment, amount }).await?
        }
        RefundState::Failed { reason, .. } => {
            tracing::error!(refund = %refund.id, %reason, "a refund failed; a person must look at it");
            tx.record(organisation, &RefundFailed { refund: refund.id, payment }).await?;
        }
        RefundState::Requested | RefundState::Sent { .. } => {
            let again = tx.now() + SignedDuration::from_secs(REFUND_LOOK_SECONDS);
            tx.enqueue(&job, When::At(again)).await?;
        }
    }
    Ok(())
}
