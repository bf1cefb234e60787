//! The built-in test provider: our side, which speaks HTTP like to any other, and the far side, which plays one and moves no money.

mod callback;
mod checkout;
mod client;
mod far;
mod model;
mod page;
mod refund;
mod store;
mod wire;

use platform::Platform;
use secrecy::ExposeSecret;
use web::{AppState, OpenApiRouter};

use crate::provider::standard_webhooks::WebhookKey;

pub use callback::{TestCallback, call_back};
pub use client::TestProviderClient;

/// The far side's addresses. They are not part of Turnout's API and stand in no document of it.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    use axum::routing::{get, post};
    OpenApiRouter::new()
        .route("/pay/test/{checkout}", get(page::show).post(page::act))
        .route("/pay/test/api/checkouts", post(checkout::open).get(checkout::find))
        .route("/pay/test/api/checkouts/{checkout}", get(checkout::show))
        .route("/pay/test/api/refunds", post(refund::create))
        .route("/pay/test/api/refunds/{refund}", get(refund::show))
}

/// The secret with which our side proves itself to the far side.
fn api_key(platform: &Platform) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(platform.vault.mac("payments.test-provider.api-key", b"1"))
}

/// The key that signs the far side's notices: the configured one, else one that the vault derives.
pub fn webhook_key(platform: &Platform) -> WebhookKey {
    match &platform.config.payments.test_webhook_secret {
        Some(secret) => WebhookKey::of_text(secret.expose_secret()),
        None => WebhookKey::of_bytes(&platform.vault.mac("payments.test-provider.webhooks", b"1")),
    }
}
