//! Asking the provider about payments whose webhook did not come.

use kernel::{OrganisationId, PaymentId};
use platform::jobs::{JobFailure, Payload, When};
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use serde::{Deserialize, Serialize};

use super::model::Payment;
use super::settle::{Settle, settle, write};
use super::store;
use crate::provider::{ProviderError, ProviderState, find_provider};

/// The job: look at one payment, and look again later while it is open.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Poll {
    /// The tenant.
    pub organisation: OrganisationId,
    /// The payment.
    pub payment: PaymentId,
}

impl Payload for Poll {
    const NAME: &'static str = "payments.poll";
}

/// Runs the job. A payment that is decided is left alone; money that comes even later is told by the provider's webhook.
pub async fn poll(platform: Platform, job: Poll) -> Result<(), JobFailure> {
    let scope = Scope::Tenant(job.organisation);
    let Some(payment) = platform.db.read(scope, "load_payment", job, load).await? else { return Ok(()) };
    if !payment.state.is_open() {
        return Ok(());
    }
    if let Some(seen) = ask(&platform, &payment).await? {
        let command = Settle { organisation: job.organisation, payment: job.payment, seen, claimed: None };
        platform.db.write(scope, "settle_payment", command, settle).await?;
    }
    platform.db.write(scope, "schedule_poll", job, schedule).await?;
    Ok(())
}

async fn load(tx: &mut Tx, job: Poll) -> Result<Option<Payment>, Failure<Never>> {
    Ok(store::find(tx, job.organisation, job.payment).await?)
}

/// What the provider has; `None` when it was never reached.
async fn ask(platform: &Platform, payment: &Payment) -> Result<Option<ProviderState>, JobFailure> {
    let Some(name) = payment.provider else { return Ok(None) };
    let provider = find_provider(platform, name)
        .ok_or_else(|| JobFailure::lasting(format!("the provider {name} is not configured")))?;
    let answer = match (payment.state.checkout(), provider.find_by_key()) {
        (Some(checkout), _) => provider.fetch(&checkout.reference).await.map(Some),
        (None, Some(lookup)) => lookup.find(payment.id).await,
        (None, None) => Ok(None),
    };
    answer.map_err(|error| match error {
        ProviderError::Unavailable(_) => JobFailure::passing(error),
        ProviderError::Rejected(_) => JobFailure::lasting(error),
    })
}

async fn schedule(tx: &mut Tx, job: Poll) -> Result<(), Failure<Never>> {
    let payment =
        store::lock(tx, job.organisation, job.payment).await?.ok_or_else(|| Fault::corrupt("a payment went away"))?;
    if !payment.state.is_open() {
        return Ok(());
    }
    match payment.next_poll(tx.now()) {
        Some(at) => tx.enqueue(&job, When::At(at)).await?,
        None => {
            let after = payment.clone().give_up();
            write(tx, &payment, &after).await?;
        }
    }
    Ok(())
}
