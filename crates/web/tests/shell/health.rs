//! Alive, ready, how it is doing.

use std::sync::Arc;

use axum::Router;
use testkit::Database;
use web::AppState;

use crate::support::{FakeAuthenticator, app, fetch, platform, state};

#[tokio::test]
async fn a_server_without_its_database_is_alive_and_not_ready() {
    let app = app();
    assert_eq!(fetch(&app, "/livez", &[]).await.status, 200);
    assert_eq!(fetch(&app, "/readyz", &[]).await.problem(503), "database_unreachable");
}

#[tokio::test]
async fn a_server_that_is_about_to_stop_is_not_ready() {
    let database = Database::fresh().await;
    let state =
        AppState::new(platform(&[], "http://localhost:3000", Some(&database)), Arc::new(FakeAuthenticator::default()));
    let shutdown = state.shutdown.clone();
    let app = web::router(state, Vec::new(), Router::new());
    assert_eq!(fetch(&app, "/readyz", &[]).await.status, 200);
    shutdown.cancel();
    let answer = fetch(&app, "/readyz", &[]).await;
    assert_eq!(answer.problem(503), "draining");
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(fetch(&app, "/livez", &[]).await.status, 200);
}

#[tokio::test]
async fn metrics_are_those_of_the_process() {
    assert_eq!(fetch(&app(), "/metrics", &[]).await.problem(404), "not_found");
    let metrics = platform::telemetry::Metrics::install().unwrap();
    let app =
        web::router(state(&[]).with_metrics(move || metrics.render()), vec![crate::support::module()], Router::new());
    fetch(&app, "/api/v1/orders/ord_01h455vb4pex5vsknk084sn02q?secret=1", &[]).await;
    let answer = fetch(&app, "/metrics", &[]).await;
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = answer.text();
    assert!(
        text.contains("route=\"/api/v1/orders/{order}\"")
            && !text.contains("ord_01h4")
            && text.contains("http_request_duration_seconds_bucket"),
        "{text}"
    );
}
