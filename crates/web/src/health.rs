//! Is the process alive, can it serve, how is it doing.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use platform::failure::RETRY_AFTER_SECONDS;
use platform::{Failure, Never, Scope, Tx};

use crate::{AppState, Json, Problem};

/// A database that takes longer than this to say hello is not ready.
const READY_SECONDS_MAX: u64 = 2;

/// The process runs. Depends on nothing else.
pub(crate) async fn live() -> Response {
    Json(serde_json::json!({"status": "alive"})).into_response()
}

/// The process can serve: the database answers, and no drain has begun.
pub(crate) async fn ready(State(app): State<AppState>) -> Result<Response, Problem> {
    if app.shutdown.is_cancelled() {
        return Err(not_ready("draining", "This server is about to stop."));
    }
    let greeting = app.platform.db.read(Scope::Nobody, "greet_database", (), greet);
    match tokio::time::timeout(Duration::from_secs(READY_SECONDS_MAX), greeting).await {
        Ok(Ok(())) => Ok(Json(serde_json::json!({"status": "ready"})).into_response()),
        Ok(Err(_)) | Err(_) => Err(not_ready("database_unreachable", "The database does not answer.")),
    }
}

async fn greet(tx: &mut Tx, (): ()) -> Result<(), Failure<Never>> {
    sqlx::query!("select 1 as one").fetch_one(tx.conn()).await?;
    Ok(())
}

fn not_ready(code: &str, detail: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).with_retry_after(RETRY_AFTER_SECONDS)
}

/// Figures for Prometheus.
pub(crate) async fn metrics(State(app): State<AppState>) -> Result<Response, Problem> {
    let render = app.render_metrics.as_ref().ok_or_else(Problem::not_found)?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render()).into_response())
}
