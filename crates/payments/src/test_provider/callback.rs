//! The far side's notices: signed, over HTTP, repeated until the shop says 2xx.

use http::header::CONTENT_TYPE;
use platform::jobs::{JobFailure, Payload, When};
use platform::{Failure, Never, Platform, Scope, Tx};
use serde::{Deserialize, Serialize};

use super::checkout::{load, wire};
use super::model::TestState;
use super::webhook_key;
use super::wire::{CHECKOUT_NOTICES, WireNotice, WireState};

/// The job: deliver one notice about one checkout. Two jobs with one event id are two deliveries of one notice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TestCallback {
    /// The checkout.
    pub checkout: String,
    /// The provider's name for the notice.
    pub event_id: String,
}

impl Payload for TestCallback {
    const NAME: &'static str = "payments.test_callback";
}

/// Runs the job. The bytes that are signed are the bytes that are sent.
pub async fn call_back(platform: Platform, job: TestCallback) -> Result<(), JobFailure> {
    let Some(checkout) = load(&platform, job.checkout.clone()).await? else { return Ok(()) };
    let now = platform.clock.now();
    if let TestState::Paid { settles_at } = checkout.state
        && now < settles_at
    {
        return Ok(platform.db.write(Scope::Nobody, "delay_test_callback", (job, settles_at), delay).await?);
    }
    let data = wire(&platform, &checkout);
    let word = match data.state {
        WireState::Open => "open",
        WireState::Processing => "processing",
        WireState::Paid => "paid",
        WireState::Declined => "declined",
        WireState::Expired => "expired",
    };
    let notice = WireNotice {
        kind: format!("{CHECKOUT_NOTICES}{word}"),
        timestamp: now,
        data: serde_json::to_value(data).map_err(JobFailure::lasting)?,
    };
    let body = serde_json::to_vec(&notice).map_err(JobFailure::lasting)?;
    let signed = webhook_key(&platform).sign(&job.event_id, now, &body);
    let request = platform.http.post(&checkout.webhook_url).header(CONTENT_TYPE, "application/json");
    let request = signed.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    let response = request.body(body).send().await.map_err(|error| JobFailure::passing(error.without_url()))?;
    if response.status().is_success() {
        return Ok(());
    }
    Err(JobFailure::passing(format!("the shop answered {}", response.status())))
}

async fn delay(tx: &mut Tx, (job, settles_at): (TestCallback, jiff::Timestamp)) -> Result<(), Failure<Never>> {
    Ok(tx.enqueue(&job, When::At(settles_at)).await?)
}
