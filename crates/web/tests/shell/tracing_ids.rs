//! Ids of requests, and whom the journal will name.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::routing::get;
use platform::request::RequestContext;
use web::{AppState, Exchange, Json, Module, OpenApiRouter, RateLimits};

use crate::support::{FakeAuthenticator, fetch, platform};

async fn context() -> Json<serde_json::Value> {
    let (context, exchange) = (RequestContext::current(), Exchange::current().unwrap());
    Json(serde_json::json!({
        "request": context.request_id, "actor": context.actor().to_string(), "trace": exchange.trace_id(), "client": exchange.client().to_string()
    }))
}

fn app(authenticator: &Arc<FakeAuthenticator>) -> Router {
    let routes = OpenApiRouter::new().route("/api/v1/context", get(context));
    let platform = platform(&[("http.trusted_proxies", "127.0.0.0/8")], "http://localhost:3000", None);
    let authenticator: Arc<FakeAuthenticator> = Arc::clone(authenticator);
    let state = AppState::new(platform, authenticator).with_limits(RateLimits::unlimited());
    web::router(state, vec![Module { name: "tiny", routes, jobs: Vec::new(), subscribers: Vec::new() }], Router::new())
}

#[tokio::test]
async fn a_sane_request_id_is_taken_over_and_goes_into_transactions() {
    let app = app(&Arc::default());
    let answer =
        fetch(&app, "/api/v1/context", &[("x-request-id", "job-7"), ("x-forwarded-for", "198.51.100.7")]).await;
    assert_eq!((answer.header("x-request-id"), &answer.json()["request"]), ("job-7", &serde_json::json!("job-7")));
    assert_eq!(answer.json()["client"], "198.51.100.7");
    let answer = fetch(&app, "/api/v1/context", &[("x-request-id", "a b; drop table")]).await;
    assert_eq!(answer.header("x-request-id"), answer.json()["trace"].as_str().unwrap());
}

#[tokio::test]
async fn the_author_is_found_out_once() {
    let authenticator = Arc::new(FakeAuthenticator::default());
    let app = app(&authenticator);
    let answer = fetch(&app, "/api/v1/context", &[("authorization", "Bearer key")]).await;
    assert!(answer.json()["actor"].as_str().unwrap().starts_with("key_"));
    assert_eq!(authenticator.asked.load(Ordering::SeqCst), 1);
    assert_eq!(fetch(&app, "/api/v1/context", &[]).await.json()["actor"], "guest");
    fetch(&app, "/livez", &[("authorization", "Bearer broken")]).await;
    assert_eq!(authenticator.asked.load(Ordering::SeqCst), 1, "health asks nobody");
}
