//! Our side of the test provider.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use http::StatusCode;
use jiff::Timestamp;
use kernel::{Money, PaymentId};
use platform::Platform;
use serde::de::DeserializeOwned;

use super::wire::{
    CHECKOUT_NOTICES, NewCheckout, NewRefund, WireCheckout, WireCheckouts, WireNotice, WireRefund, WireRefundState,
    WireState,
};
use super::{api_key, webhook_key};
use crate::provider::standard_webhooks::WebhookKey;
use crate::provider::{
    CheckoutRequest, FindByKey, Forged, OpenedCheckout, Provider, ProviderError, ProviderName, ProviderState,
    RefundOutcome, RefundRequest, Refunds, Standing, Subject, Unreadable, WebhookEvent,
};

/// Speaks to the test provider over HTTP.
pub struct TestProviderClient {
    http: reqwest::Client,
    base: String,
    api_key: String,
    webhook_url: String,
    webhook_key: WebhookKey,
}

impl TestProviderClient {
    /// A client of the far side that this server itself plays.
    pub fn new(platform: &Platform) -> Self {
        Self {
            http: platform.http.clone(),
            base: platform.url("/pay/test/api"),
            api_key: api_key(platform),
            webhook_url: platform.url("/webhooks/test"),
            webhook_key: webhook_key(platform),
        }
    }

    fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.api_key)
    }

    fn post(&self, path: &str, key: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.api_key).header("idempotency-key", key)
    }
}

/// Sends a request. Only an answer that says "no" for good is a rejection; silence, "not now" and "in progress" may have had an effect.
async fn call<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, ProviderError> {
    let response = request.send().await.map_err(|error| ProviderError::Unavailable(error.without_url().to_string()))?;
    let status = response.status();
    if status.is_success() {
        return response.json().await.map_err(|error| ProviderError::Unavailable(error.without_url().to_string()));
    }
    let is_passing =
        matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS);
    if status.is_client_error() && !is_passing {
        let word = response
            .json::<serde_json::Value>()
            .await
            .ok()
            .and_then(|body| body.get("code")?.as_str().map(str::to_owned));
        return Err(ProviderError::Rejected(word.unwrap_or_else(|| status.as_u16().to_string())));
    }
    Err(ProviderError::Unavailable(status.to_string()))
}

fn state_of(checkout: WireCheckout) -> ProviderState {
    let standing = match checkout.state {
        WireState::Open | WireState::Processing => Standing::Open,
        WireState::Paid => Standing::Paid,
        WireState::Declined => Standing::Declined("declined".to_owned()),
        WireState::Expired => Standing::Expired,
    };
    ProviderState {
        reference: checkout.id,
        payment: Some(checkout.payment),
        amount: Money::new(checkout.amount, checkout.currency),
        standing,
    }
}

fn outcome_of(refund: WireRefund) -> RefundOutcome {
    match refund.state {
        WireRefundState::Succeeded => RefundOutcome::Succeeded { reference: refund.id },
    }
}

/// Ids of the test provider are letters, digits and underscores; nothing else is put into an address.
fn path_of(collection: &str, id: &str) -> Result<String, ProviderError> {
    let is_plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain { Ok(format!("/{collection}/{id}")) } else { Err(ProviderError::Rejected("not_an_id".to_owned())) }
}

impl Provider for TestProviderClient {
    fn name(&self) -> ProviderName {
        ProviderName::Test
    }

    fn open_checkout(&self, request: CheckoutRequest) -> BoxFuture<'_, Result<OpenedCheckout, ProviderError>> {
        async move {
            let body = NewCheckout {
                amount: request.amount.amount,
                currency: request.amount.currency,
                description: request.description,
                payment: request.payment,
                return_url: request.return_url,
                webhook_url: self.webhook_url.clone(),
                expires_at: request.expires_at,
            };
            let checkout: WireCheckout =
                call(self.post("/checkouts", &request.payment.to_string()).json(&body)).await?;
            Ok(OpenedCheckout { reference: checkout.id, url: checkout.url, expires_at: checkout.expires_at })
        }
        .boxed()
    }

    fn fetch<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<ProviderState, ProviderError>> {
        async move { call(self.get(&path_of("checkouts", reference)?)).await.map(state_of) }.boxed()
    }

    fn verify_webhook(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<WebhookEvent, Forged> {
        let id = self.webhook_key.verify(headers, body, now)?;
        let payload = serde_json::from_slice(body).map_err(|_| Forged::Body)?;
        Ok(WebhookEvent { id, payload })
    }

    fn subject(&self, payload: &serde_json::Value) -> Result<Option<Subject>, Unreadable> {
        let unreadable = |error: serde_json::Error| Unreadable(error.to_string());
        let notice: WireNotice = serde_json::from_value(payload.clone()).map_err(unreadable)?;
        if !notice.kind.starts_with(CHECKOUT_NOTICES) {
            return Ok(None);
        }
        let checkout: WireCheckout = serde_json::from_value(notice.data).map_err(unreadable)?;
        Ok(Some(Subject {
            reference: checkout.id,
            payment: Some(checkout.payment),
            amount: Some(Money::new(checkout.amount, checkout.currency)),
        }))
    }

    fn find_by_key(&self) -> Option<&dyn FindByKey> {
        Some(self)
    }

    fn refunds(&self) -> Option<&dyn Refunds> {
        Some(self)
    }
}

impl FindByKey for TestProviderClient {
    fn find<'a>(&'a self, payment: PaymentId) -> BoxFuture<'a, Result<Option<ProviderState>, ProviderError>> {
        async move {
            let found: WireCheckouts =
                call(self.get("/checkouts").query(&[("idempotency_key", payment.to_string())])).await?;
            Ok(found.items.into_iter().next().map(state_of))
        }
        .boxed()
    }
}

impl Refunds for TestProviderClient {
    fn refund(&self, request: RefundRequest) -> BoxFuture<'_, Result<RefundOutcome, ProviderError>> {
        async move {
            let body = NewRefund { checkout: request.reference, amount: request.amount.amount };
            call(self.post("/refunds", &request.idempotency_key.to_string()).json(&body)).await.map(outcome_of)
        }
        .boxed()
    }

    fn fetch_refund<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<RefundOutcome, ProviderError>> {
        async move { call(self.get(&path_of("refunds", reference)?)).await.map(outcome_of) }.boxed()
    }
}
