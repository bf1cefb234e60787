//! Every error is a problem, whoever noticed it.

use http::{Method, StatusCode};

use crate::support::{app, fetch, post_json, request, send};

#[tokio::test]
async fn what_is_not_there_is_a_problem_with_a_trace_id() {
    let answer =
        fetch(&app(), "/api/v1/nothing", &[("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")])
            .await;
    insta::assert_snapshot!(answer.text(), @r#"{"code":"not_found","detail":"There is nothing here, or you may not see it.","errors":[],"status":404,"title":"Not Found","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","type":"/docs/problems#not_found"}"#);
}

#[tokio::test]
async fn another_method_is_told_which_are_allowed() {
    let answer = send(&app(), request(Method::DELETE, "/api/v1/things", &[], "")).await;
    assert_eq!(answer.problem(405), "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST,GET,HEAD");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    assert_eq!(post_json(&app(), "/api/v1/things", &[], &large).await.problem(413), "body_too_large");
    let announced = [("content-length", "99999999"), ("content-type", "application/json")];
    assert_eq!(
        send(&app(), request(Method::POST, "/api/v1/things", &announced, "{}")).await.problem(413),
        "body_too_large"
    );
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let answer = send(&app(), request(Method::POST, "/api/v1/things", &[("content-type", "text/csv")], "a,b")).await;
    assert_eq!(answer.problem(415), "unsupported_media_type");
    assert_eq!(
        send(&app(), request(Method::POST, "/form", &[("content-type", "application/json")], "{}")).await.problem(415),
        "unsupported_media_type"
    );
}

#[tokio::test]
async fn a_head_that_no_honest_client_sends_is_refused() {
    let long = "x".repeat(40_000);
    assert_eq!(fetch(&app(), "/api/v1/me", &[("x-long", &long)]).await.problem(431), "headers_too_large");
    assert_eq!(fetch(&app(), &format!("/api/v1/me?{}", "x".repeat(9000)), &[]).await.problem(414), "uri_too_long");
}

#[tokio::test]
async fn a_fault_shows_an_apology_and_nothing_from_inside() {
    let answer = fetch(&app(), "/api/v1/broken", &[]).await;
    assert_eq!(answer.problem(500), "internal");
    assert!(!answer.text().contains("secret_table"));
    let answer = fetch(&app(), "/api/v1/me", &[("authorization", "Bearer broken")]).await;
    assert_eq!(answer.problem(500), "internal");
    assert!(!answer.text().contains("hunter2"));
}

#[tokio::test]
async fn a_database_that_is_away_is_not_now() {
    let answer = fetch(&app(), "/api/v1/unavailable", &[]).await;
    assert_eq!(answer.problem(503), "unavailable");
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn a_panic_is_an_apology_and_the_server_goes_on() {
    let app = app();
    let answer = fetch(&app, "/api/v1/panicking", &[]).await;
    assert_eq!(answer.problem(500), "internal");
    assert!(!answer.text().contains("secret words"));
    assert_eq!(fetch(&app, "/livez", &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_handler_that_does_not_answer_is_cut_off() {
    assert_eq!(fetch(&app(), "/api/v1/sleepy", &[]).await.problem(504), "timeout");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_a_timeout_of_the_request() {
    let never = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
    let request = http::Request::post("/api/v1/things")
        .header("content-type", "application/json")
        .body(axum::body::Body::from_stream(never))
        .unwrap();
    let answer = send(&app(), request).await;
    assert_eq!(answer.problem(408), "request_timeout");
    assert_eq!(answer.header("connection"), "close");
}

#[tokio::test]
async fn a_browser_sees_a_page_instead() {
    let html = [("accept", "text/html,application/xhtml+xml")];
    for (path, status, words) in
        [("/nothing", 404, "There is nothing here"), ("/broken-page", 500, "Something broke on our side")]
    {
        let answer = fetch(&app(), path, &html).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, "text/html; charset=utf-8"));
        assert!(
            answer.text().contains(words) && answer.header("content-security-policy").contains("script-src 'self'"),
            "{}",
            answer.text()
        );
    }
    assert_eq!(fetch(&app(), "/api/v1/nothing", &html).await.problem(404), "not_found");
}

#[tokio::test]
async fn the_application_draws_its_own_error_page() {
    let state = crate::support::state(&[])
        .with_error_page(|problem, frame| web::Html::new(format!("own {} {}", problem.code(), frame.path)));
    let answer =
        fetch(&web::router(state, Vec::new(), axum::Router::new()), "/nothing", &[("accept", "text/html")]).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (404, "own not_found /nothing"));
}

#[tokio::test]
async fn the_page_of_problems_explains_each() {
    let answer = fetch(&app(), "/docs/problems", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    for code in ["not_found", "idempotency_key_reused", "headers_too_large"] {
        assert!(answer.text().contains(&format!("id=\"{code}\"")), "{code}");
    }
}
