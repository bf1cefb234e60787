//! Rate limits and their headers.

use std::sync::Arc;

use axum::Router;
use web::AppState;

use crate::support::{FakeAuthenticator, fetch, module, platform, post_json};

fn app() -> Router {
    let settings = [
        ("limits.requests_per_caller_per_minute", "3"),
        ("limits.holds_per_address_per_minute", "1"),
        ("http.trusted_proxies", "127.0.0.1"),
    ];
    let state =
        AppState::new(platform(&settings, "http://localhost:3000", None), Arc::new(FakeAuthenticator::default()));
    web::router(state, vec![module()], Router::new())
}

#[tokio::test]
async fn callers_are_told_how_they_stand_until_they_are_refused() {
    let app = app();
    let answer = fetch(&app, "/api/v1/maybe", &[]).await;
    assert_eq!(
        (answer.header("ratelimit"), answer.header("ratelimit-policy")),
        ("\"api\";r=2;t=20", "\"api\";q=3;w=60")
    );
    for _ in 0..2 {
        fetch(&app, "/api/v1/maybe", &[]).await;
    }
    let refused = fetch(&app, "/api/v1/maybe", &[]).await;
    assert_eq!(refused.problem(429), "too_many_requests");
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert!(refused.header("ratelimit").starts_with("\"api\";r=0;t="));
}

#[tokio::test]
async fn people_and_addresses_are_counted_apart() {
    let app = app();
    for _ in 0..4 {
        fetch(&app, "/api/v1/maybe", &[]).await;
    }
    assert_eq!(fetch(&app, "/api/v1/maybe", &[]).await.status, 429);
    assert_eq!(fetch(&app, "/api/v1/maybe", &[("authorization", "Bearer alice")]).await.status, 200);
    assert_eq!(
        fetch(&app, "/api/v1/maybe", &[("authorization", "Bearer wrong")]).await.status,
        429,
        "a wrong token is no way out"
    );
    assert_eq!(fetch(&app, "/api/v1/maybe", &[("x-forwarded-for", "198.51.100.7")]).await.status, 200);
    assert_eq!(fetch(&app, "/livez", &[]).await.status, 200);
}

#[tokio::test]
async fn holds_have_a_limit_of_their_own() {
    let app = app();
    let first = post_json(&app, "/api/v1/events/jazz/holds", &[], "{}").await;
    assert_eq!((first.status.as_u16(), first.header("ratelimit")), (204, "\"api\";r=2;t=20, \"holds\";r=0;t=60"));
    assert_eq!(
        post_json(&app, "/api/v1/events/other/holds", &[("authorization", "Bearer alice")], "{}").await.problem(429),
        "too_many_requests"
    );
}
