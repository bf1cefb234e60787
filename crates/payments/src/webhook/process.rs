//! Working on a notice: it says where to look, and the provider's object decides what is true.

use jiff::SignedDuration;
use kernel::{OrganisationId, PaymentId};
use platform::jobs::{JobFailure, Payload};
use platform::{Failure, Never, Platform, Scope, Tx};
use serde::{Deserialize, Serialize};

use super::store::{self, Waiting};
use crate::payment;
use crate::payment::settle::{Settle, settle};
use crate::provider::{Provider, ProviderError, ProviderName, ProviderState, Subject, find_provider};

/// How long a notice about a payment that nobody knows is tried again: it may be faster than our own commit.
const UNKNOWN_SECONDS_MAX: i64 = 600;

/// The job: work on one notice of the inbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProcessWebhook {
    /// Who sent it.
    pub provider: String,
    /// The provider's name for it.
    pub event_id: String,
}

impl Payload for ProcessWebhook {
    const NAME: &'static str = "payments.process_webhook";
}

#[derive(Clone)]
struct Notice {
    provider: ProviderName,
    event_id: String,
}

/// A notice that changes no payment, with the word that the inbox keeps.
#[derive(Clone)]
struct SetAside {
    notice: Notice,
    outcome: String,
}

#[derive(Clone)]
struct Apply {
    notice: Notice,
    command: Settle,
}

enum Found {
    Payment(OrganisationId, PaymentId),
    /// Not (yet) here.
    Nothing,
}

/// Runs the job. Doing it twice, or for two notices that say the same, changes nothing the second time.
pub async fn process(platform: Platform, job: ProcessWebhook) -> Result<(), JobFailure> {
    let name: ProviderName = job.provider.parse().map_err(JobFailure::lasting)?;
    let provider = find_provider(&platform, name)
        .ok_or_else(|| JobFailure::lasting(format!("the provider {name} is not configured")))?;
    let notice = Notice { provider: name, event_id: job.event_id };
    let Some(waiting) = platform.db.read(Scope::System, "load_webhook", notice.clone(), load).await? else {
        return Ok(());
    };
    let subject = match provider.subject(&waiting.payload) {
        Ok(Some(subject)) => subject,
        Ok(None) => return set_aside(&platform, notice, "ignored").await,
        Err(unreadable) => {
            tracing::error!(event = notice.event_id, %unreadable, "a webhook cannot be read; a person must look at it");
            return set_aside(&platform, notice, "review: unreadable").await;
        }
    };
    let found = platform.db.read(Scope::System, "find_payment", (name, subject.clone()), find).await?;
    let Found::Payment(organisation, payment) = found else {
        let is_late =
            platform.clock.now().duration_since(waiting.received_at) > SignedDuration::from_secs(UNKNOWN_SECONDS_MAX);
        if is_late {
            return set_aside(&platform, notice, "unknown_payment").await;
        }
        return Err(JobFailure::passing("no payment of this reference is known yet"));
    };
    let Some(seen) = look(provider.as_ref(), &subject, payment).await? else {
        tracing::error!(%payment, event = notice.event_id, "a webhook names a payment that its checkout is not for; a person must look at it");
        return set_aside(&platform, notice, "review: another_payment").await;
    };
    let command = Settle { organisation, payment, seen, claimed: subject.amount };
    platform.db.write(Scope::Tenant(organisation), "process_webhook", Apply { notice, command }, apply).await?;
    Ok(())
}

/// Looks at the provider's object; `None` when it is for another payment.
async fn look(
    provider: &dyn Provider,
    subject: &Subject,
    payment: PaymentId,
) -> Result<Option<ProviderState>, JobFailure> {
    let seen = provider.fetch(&subject.reference).await.map_err(|error| match error {
        ProviderError::Unavailable(_) => JobFailure::passing(error),
        ProviderError::Rejected(_) => JobFailure::lasting(error),
    })?;
    if seen.payment.or(subject.payment) != Some(payment) {
        return Ok(None);
    }
    Ok(Some(seen))
}

async fn load(tx: &mut Tx, notice: Notice) -> Result<Option<Waiting>, Failure<Never>> {
    Ok(store::find_waiting(tx, notice.provider, &notice.event_id).await?)
}

async fn find(tx: &mut Tx, (provider, subject): (ProviderName, Subject)) -> Result<Found, Failure<Never>> {
    let owner = payment::store::find_owner(tx, provider, &subject.reference, subject.payment).await?;
    Ok(owner.map_or(Found::Nothing, |(organisation, payment)| Found::Payment(organisation, payment)))
}

async fn set_aside(platform: &Platform, notice: Notice, outcome: &str) -> Result<(), JobFailure> {
    let command = SetAside { notice, outcome: outcome.to_owned() };
    Ok(platform.db.write(Scope::System, "set_webhook_aside", command, mark).await?)
}

async fn mark(tx: &mut Tx, command: SetAside) -> Result<(), Failure<Never>> {
    Ok(store::mark_processed(tx, command.notice.provider, &command.notice.event_id, &command.outcome).await?)
}

async fn apply(tx: &mut Tx, command: Apply) -> Result<(), Failure<Never>> {
    let settled = settle(tx, command.command).await?;
    let outcome = settled.review.map_or_else(|| settled.state.to_string(), |reason| format!("review: {reason}"));
    store::mark_processed(tx, command.notice.provider, &command.notice.event_id, &outcome).await?;
    Ok(())
}
