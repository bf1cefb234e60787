//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): the first answer to a key is stored and given again.

mod answer;
mod batch;
mod key;
mod purge;
mod store;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode};
use platform::request::{IdempotencyRef, RequestContext};
use platform::{Failure, Scope};
use tracing::Instrument;

use crate::exchange::is_api;
use crate::problem::for_status;
use crate::{AppState, Exchange, Problem, limit};
use answer::StoredAnswer;
pub use purge::purge;
use store::{Claim, Claimed};

/// Answers of requests that are still running are asked for again after so long.
const RETRY_SECONDS: u32 = 1;

/// Runs a POST of the API that carries a key at most once for each caller and key.
pub(crate) async fn once<N, F>(app: AppState, exchange: Exchange, request: Request, next: N) -> Response
where
    N: FnOnce(Request) -> F + Send + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let is_covered = *request.method() == Method::POST && is_api(request.uri().path());
    let key = if is_covered { key::of(request.headers()) } else { Ok(None) };
    match key {
        Ok(None) => next(request).await,
        Err(problem) => problem.into_response(),
        Ok(Some(key)) => {
            let reference = IdempotencyRef { caller: limit::caller(&exchange, request.headers()), key };
            // Boxed: without a key, which is most of the time, nobody pays for the room it takes.
            Box::pin(with_key(app, exchange, reference, request, next))
                .await
                .unwrap_or_else(IntoResponse::into_response)
        }
    }
}

async fn with_key<N, F>(
    app: AppState,
    exchange: Exchange,
    reference: IdempotencyRef,
    request: Request,
    next: N,
) -> Result<Response, Problem>
where
    N: FnOnce(Request) -> F + Send + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let (parts, body) = request.into_parts();
    let http = &app.platform.config.http;
    let body = to_bytes(body, http.upload_bytes_max.max(http.body_bytes_max))
        .await
        .map_err(|_| for_status(StatusCode::PAYLOAD_TOO_LARGE))?;
    let address = parts.uri.path_and_query().map_or(parts.uri.path(), |address| address.as_str());
    let fingerprint = key::fingerprint(&parts.method, address, &body);
    let claim = Claim::new(app.platform.random.bytes(), reference.clone(), fingerprint);
    match batch::claim(&app.platform, claim).await? {
        Claimed::Ours => Ok(run(app, exchange, reference, Request::from_parts(parts, Body::from(body)), next).await),
        Claimed::Done(answer) => Ok(answer.open(&app.platform.vault, &reference)?.replayed()),
        Claimed::Running => Err(Problem::own("idempotency_in_progress").with_retry_after(RETRY_SECONDS)),
        Claimed::Unknown => Err(Problem::own("outcome_unknown")),
        Claimed::OtherRequest => Err(Problem::own("idempotency_key_reused")),
    }
}

/// Runs the handler in a task of its own: a client that hangs up finds the answer when it asks again.
async fn run<N, F>(app: AppState, exchange: Exchange, reference: IdempotencyRef, request: Request, next: N) -> Response
where
    N: FnOnce(Request) -> F + Send + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let mut context = RequestContext::current();
    context.idempotency = Some(reference.clone());
    let time_max = app.platform.config.http.request_timeout;
    let store = app.clone();
    let task = async move {
        let answered = tokio::time::timeout(time_max, next(request)).await;
        let response = answered.unwrap_or_else(|_| for_status(StatusCode::GATEWAY_TIMEOUT).into_response());
        keep(&store, &reference, response).await
    };
    match tokio::spawn(exchange.run(context.run(task)).in_current_span()).await {
        Ok(response) => response,
        Err(stopped) => Problem::from(platform::Fault::Interrupted(stopped.to_string())).into_response(),
    }
}

/// Stores the answer, and hands it on. When it cannot be stored, the client has it all the same; the next try will be told the truth.
async fn keep(app: &AppState, reference: &IdempotencyRef, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return for_status(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    };
    let stored = StoredAnswer::seal(&app.platform.vault, reference, &parts, &bytes);
    if let Err(fault) = store_answer(app, reference, parts.status, stored).await {
        tracing::warn!(%fault, "the answer to an idempotency key could not be stored");
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// A fault is forgotten, so that it can be tried again, unless something was committed before it happened.
async fn store_answer(
    app: &AppState,
    reference: &IdempotencyRef,
    status: StatusCode,
    stored: Option<StoredAnswer>,
) -> Result<(), platform::Fault> {
    if status.is_server_error() || stored.is_none() {
        // In a context of its own: this transaction must not mark the key as having had an effect.
        let apart = RequestContext::new(RequestContext::current().request_id);
        let db = &app.platform.db;
        let release = db.write_repeatable(Scope::Nobody, "release_idempotency_key", reference.clone(), store::release);
        apart.run(release).await.map_err(Failure::into_fault)?;
    }
    let Some(answer) = stored else { return Ok(()) };
    batch::finish(&app.platform, store::Finished { reference: reference.clone(), answer }).await
}

/// Marks an answer that was given before.
const REPLAYED: HeaderValue = HeaderValue::from_static("true");
