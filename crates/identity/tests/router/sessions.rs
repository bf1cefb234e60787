//! Where a person is signed in, and how that ends.

use identity::api::{Client as SignInClient, Secret, SessionKind, VerifyCode};
use reqwest::Method;
use serde_json::json;
use testkit::{Response, TestApp};

use crate::support::*;

/// Signs in as a page does and gives the session's cookie.
async fn browser(app: &TestApp, email: &str) -> String {
    let begun = begin(app, email).await;
    let command = VerifyCode {
        sign_in: begun.id.parse().unwrap(),
        code: identity::api::Code::parse(&begun.code).unwrap(),
        browser: Secret::parse(&begun.secret),
        client: SignInClient { kind: SessionKind::Browser, user_agent: "Firefox".to_owned() },
    };
    let signed_in = identity::api::verify_code(&app.platform, command).await.unwrap();
    format!("turnout_session={}", signed_in.secret.as_str())
}

async fn with_cookie(app: &TestApp, method: Method, path: &str, cookie: &str) -> Response {
    let client = stranger(app);
    client.send(client.request(method, path).header("Cookie", cookie)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_session_stops_its_cookie_at_once_and_its_token_within_half_a_minute() {
    let app = app().await;
    let here = person(&app, "ada@example.org").await;
    app.advance(1);
    let there = person(&app, "ada@example.org").await;
    app.advance(1);
    let cookie = browser(&app, "ada@example.org").await;
    there.client.get("/api/v1/me").await.expect(200);
    with_cookie(&app, Method::GET, "/api/v1/me", &cookie).await.expect(200);

    let listed = here.client.get("/api/v1/me/sessions").await.expect(200);
    let items = listed["items"].as_array().unwrap();
    let kinds: Vec<_> = items.iter().map(|item| (text(&item["kind"]), item["current"].as_bool().unwrap())).collect();
    let (api, page) = ("api".to_owned(), "browser".to_owned());
    assert_eq!(kinds, [(page, false), (api.clone(), false), (api, true)]);
    assert_eq!(items[0]["user_agent"], "Firefox");

    for item in [&items[0], &items[1]] {
        let path = format!("/api/v1/me/sessions/{}", text(&item["id"]));
        here.client.delete(&path).await.expect(204);
        here.client.delete(&path).await.expect(204);
    }
    assert_eq!(code(&with_cookie(&app, Method::GET, "/api/v1/me", &cookie).await, 401), "unauthenticated");
    let body = json!({ "refresh_token": there.refresh_token });
    assert_eq!(code(&app.client.post("/api/v1/auth/tokens/refresh", body).await, 401), "refresh_token_invalid");
    app.advance(30);
    assert_eq!(code(&there.client.get("/api/v1/me").await, 401), "unauthenticated");
    here.client.get("/api/v1/me").await.expect(200);
    let left = here.client.get("/api/v1/me/sessions").await.expect(200);
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_the_session_of_another() {
    let app = app().await;
    let (ada, eve) = (person(&app, "ada@example.org").await, person(&app, "eve@example.org").await);
    let listed = ada.client.get("/api/v1/me/sessions").await.expect(200);
    let path = format!("/api/v1/me/sessions/{}", text(&listed["items"][0]["id"]));
    let missing = "/api/v1/me/sessions/ses_01h455vb4pex5vsknk084sn02q";
    let (foreign, missing) = (eve.client.delete(&path).await, eve.client.delete(missing).await);
    let said = |answer: &Response| (answer.status, answer.json()["code"].clone(), answer.json()["detail"].clone());
    assert_eq!(said(&foreign), said(&missing));
    assert_eq!(code(&foreign, 404), "not_found");
    ada.client.get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_and_clears_its_cookie() {
    let app = app().await;
    let cookie = browser(&app, "ada@example.org").await;
    let answer = with_cookie(&app, Method::POST, "/api/v1/auth/sign-out", &cookie).await;
    answer.expect(204);
    assert!(answer.header("set-cookie").starts_with("turnout_session=; Path=/; Max-Age=0"));
    assert_eq!(code(&with_cookie(&app, Method::GET, "/api/v1/me", &cookie).await, 401), "unauthenticated");
    assert_eq!(code(&app.client.post("/api/v1/auth/sign-out", json!({})).await, 401), "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_slides_with_use_and_ends_after_thirty_days() {
    let app = app().await;
    let cookie = browser(&app, "ada@example.org").await;
    let idle = browser(&app, "ada@example.org").await;
    for _ in 0..5 {
        app.advance(5 * 24 * 3600);
        with_cookie(&app, Method::GET, "/api/v1/me", &cookie).await.expect(200);
    }
    with_cookie(&app, Method::GET, "/api/v1/me", &idle).await.expect(401);
    app.advance(5 * 24 * 3600 - 1);
    with_cookie(&app, Method::GET, "/api/v1/me", &cookie).await.expect(200);
    app.advance(1);
    with_cookie(&app, Method::GET, "/api/v1/me", &cookie).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_at_most_fifty_sessions() {
    let app = app_with(&[("limits.sign_in_per_email_per_hour", "100")]).await;
    let first = person(&app, "ada@example.org").await;
    for _ in 0..50 {
        app.advance(1);
        person(&app, "ada@example.org").await;
    }
    app.advance(31);
    first.client.get("/api/v1/me").await.expect(401);
    let last = person(&app, "ada@example.org").await;
    let first_page = last.client.get("/api/v1/me/sessions?limit=40").await.expect(200);
    let cursor = text(&first_page["next_cursor"]);
    let second_page = last.client.get(&format!("/api/v1/me/sessions?limit=40&cursor={cursor}")).await.expect(200);
    assert_eq!(first_page["items"].as_array().unwrap().len() + second_page["items"].as_array().unwrap().len(), 50);
    assert_eq!(second_page["next_cursor"], json!(null));
    assert_eq!(code(&last.client.get("/api/v1/me/sessions?cursor=x").await, 422), "invalid_fields");
    app.check().await;
}
