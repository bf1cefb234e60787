//! Taking a notice in: proven, kept once, queued, answered. The work is done by a job.

use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use platform::jobs::When;
use platform::{Failure, Never, Scope, Tx};
use web::{AppState, NoContent, Path, Problem};

use super::process::ProcessWebhook;
use super::store;
use crate::provider::{Forged, ProviderName, WebhookEvent, find_provider};

#[derive(Clone)]
struct Receive {
    provider: ProviderName,
    event: WebhookEvent,
}

/// Takes a payment provider's notice in
///
/// For payment providers only. The test provider signs as Standard Webhooks 1.0 says: HMAC-SHA256 over `webhook-id`, `webhook-timestamp` and the
/// body. The same notice may be sent any number of times, and in any order.
#[utoipa::path(
    post,
    path = "/webhooks/{provider}",
    tag = "payments",
    operation_id = "receive_webhook",
    params(("provider" = String, Path, description = "The provider's name: `test`")),
    request_body(content = serde_json::Value, content_type = "application/json"),
    responses(
        (status = 204, description = "Kept, now or before"),
        (status = 400, description = "Not signed, signed by somebody else, or older than 300 seconds"),
        (status = 404, description = "No such provider is configured"),
    ),
    extensions(
        ("x-access" = json!("public")),
        ("x-access-reason" = json!("Providers have no account; the signature over the raw body is the proof.")),
    )
)]
pub async fn receive_webhook(
    State(app): State<AppState>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<NoContent, Problem> {
    let name: ProviderName = name.parse().map_err(|_| Problem::not_found())?;
    let provider = find_provider(&app.platform, name).ok_or_else(Problem::not_found)?;
    let event = provider.verify_webhook(&headers, &body, app.platform.clock.now()).map_err(forged)?;
    app.platform.db.write(Scope::System, "receive_webhook", Receive { provider: name, event }, receive).await?;
    Ok(NoContent)
}

fn forged(refusal: Forged) -> Problem {
    metrics::counter!("turnout_webhooks_refused_total").increment(1);
    Problem::new(StatusCode::BAD_REQUEST, "webhook_not_proven", format!("This notice is not proven: {refusal}."))
}

async fn receive(tx: &mut Tx, command: Receive) -> Result<(), Failure<Never>> {
    if store::insert(tx, command.provider, &command.event).await? {
        let job = ProcessWebhook { provider: command.provider.to_string(), event_id: command.event.id };
        tx.enqueue(&job, When::Now).await?;
    }
    Ok(())
}
