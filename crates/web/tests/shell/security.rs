//! What browsers are told, and what other sites cannot make them do.

use std::sync::Arc;

use axum::Router;
use http::{Method, StatusCode};
use web::{AppState, RateLimits};

use crate::support::{FakeAuthenticator, app, fetch, module, platform, request, send, state};

#[tokio::test]
async fn pages_may_load_only_what_is_ours() {
    let answer = fetch(&app(), "/page", &[]).await;
    let policy = answer.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self' 'nonce-",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe") && answer.header("permissions-policy").contains("camera=()"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let again = fetch(&app(), "/page", &[]).await;
    assert_ne!(again.header("content-security-policy"), policy, "each answer has a nonce of its own");
}

#[tokio::test]
async fn only_the_door_may_open_the_camera() {
    let answer = fetch(&app(), "/app/door", &[]).await;
    assert!(answer.header("content-security-policy").contains("'wasm-unsafe-eval'"));
    assert!(answer.header("permissions-policy").contains("camera=(self)"));
}

#[tokio::test]
async fn every_answer_has_the_headers_errors_too() {
    let app = app();
    for path in [
        "/page",
        "/api/v1/maybe",
        "/api/v1/nothing",
        "/api/v1/broken",
        "/api/v1/panicking",
        "/livez",
        "/assets/nothing.js",
    ] {
        let answer = fetch(&app, path, &[]).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "strict-origin-when-cross-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: not over TLS");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn over_tls_browsers_are_told_to_stay_there_and_cookies_are_bound() {
    let platform = platform(&[], "https://tickets.example.org", None);
    let cookie = web::cookie::session_cookie(&platform, "token", std::time::Duration::from_secs(60));
    let set = axum::response::IntoResponse::into_response(cookie);
    assert_eq!(
        set.headers()["set-cookie"],
        "__Host-turnout_session=token; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
    );
    let state = AppState::new(platform, Arc::new(FakeAuthenticator::default())).with_limits(RateLimits::unlimited());
    let app = web::router(state, vec![module()], Router::new());
    assert_eq!(fetch(&app, "/livez", &[]).await.header("strict-transport-security"), "max-age=31536000");
    assert_eq!(fetch(&app, "/api/v1/me", &[("cookie", "turnout_session=alice")]).await.problem(401), "unauthenticated");
    assert_eq!(fetch(&app, "/api/v1/me", &[("cookie", "__Host-turnout_session=alice")]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_site_cannot_use_the_session_of_a_browser() {
    let app = app();
    let post = |headers: &'static [(&'static str, &'static str)]| {
        let headers = [&[("host", "localhost:3000")], headers].concat();
        let request = request(Method::POST, "/api/v1/maybe", &headers, "");
        let app = app.clone();
        async move { send(&app, request).await }
    };
    let session = ("cookie", "turnout_session=alice");
    assert_eq!(
        send(&app, request(Method::POST, "/api/v1/maybe", &[session, ("sec-fetch-site", "cross-site")], ""))
            .await
            .problem(403),
        "cross_origin"
    );
    assert_eq!(
        post(&[("cookie", "turnout_session=alice"), ("origin", "https://evil.example")]).await.problem(403),
        "cross_origin"
    );
    assert_eq!(
        post(&[("cookie", "turnout_session=alice"), ("sec-fetch-site", "same-origin")]).await.status,
        StatusCode::OK
    );
    assert_eq!(
        post(&[("cookie", "turnout_session=alice"), ("origin", "http://localhost:3000")]).await.status,
        StatusCode::OK
    );
    assert_eq!(
        post(&[("authorization", "Bearer alice"), ("sec-fetch-site", "cross-site")]).await.status,
        StatusCode::OK
    );
    assert_eq!(
        post(&[("sec-fetch-site", "cross-site")]).await.status,
        StatusCode::OK,
        "without a session there is nothing to abuse"
    );
}

#[tokio::test]
async fn another_site_cannot_post_our_forms() {
    let app = app();
    let form = |site: &'static str| {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", site)];
        let (app, request) = (app.clone(), request(Method::POST, "/form", &headers, "limit=1"));
        async move { send(&app, request).await }
    };
    assert_eq!(form("cross-site").await.problem(403), "cross_origin");
    assert_eq!(form("same-site").await.problem(403), "cross_origin");
    assert_eq!(form("same-origin").await.status, StatusCode::OK);
}

#[tokio::test]
async fn listed_origins_may_call_the_api_without_cookies() {
    let app = web::router(state(&[("http.cors_origins", "https://shop.example.org")]), vec![module()], Router::new());
    let preflight = |path: &'static str, origin: &'static str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "idempotency-key"),
        ];
        let (app, request) = (app.clone(), request(Method::OPTIONS, path, &headers, ""));
        async move { send(&app, request).await }
    };
    let allowed = preflight("/api/v1/things", "https://shop.example.org").await;
    assert_eq!(allowed.header("access-control-allow-origin"), "https://shop.example.org");
    assert!(allowed.header("access-control-allow-headers").contains("idempotency-key"));
    assert_eq!(allowed.header("access-control-allow-credentials"), "");
    assert_eq!(preflight("/api/v1/things", "https://evil.example").await.header("access-control-allow-origin"), "");
    assert_eq!(preflight("/form", "https://shop.example.org").await.header("access-control-allow-origin"), "");
    let answer = fetch(&app, "/api/v1/maybe", &[("origin", "https://shop.example.org")]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://shop.example.org");
    assert!(answer.header("access-control-expose-headers").contains("etag"));
}
