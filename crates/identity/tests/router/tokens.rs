//! Access tokens, refresh tokens, and the keys behind them.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use testkit::{Response, TestApp};

use crate::support::*;

async fn refresh(app: &TestApp, token: &str) -> Response {
    stranger(app).post("/api/v1/auth/tokens/refresh", json!({ "refresh_token": token })).await
}

async fn jwks(app: &TestApp) -> JwkSet {
    serde_json::from_value(app.client.get("/.well-known/jwks.json").await.expect(200)).unwrap()
}

fn key_id(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_verifies_with_the_published_key() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let header = jsonwebtoken::decode_header(&ada.access_token).unwrap();
    assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), Algorithm::RS256));
    let set = jwks(&app).await;
    let key = DecodingKey::from_jwk(set.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["turnout-api"]);
    validation.set_issuer(&[app.client.base()]);
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(&ada.access_token, &key, &validation).unwrap().claims;
    assert_eq!(claims["sub"], json!(ada.id));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    let published = app.client.get("/.well-known/jwks.json").await;
    assert_eq!(published.header("cache-control"), "public, max-age=300");
    assert!(!published.text().contains("\"d\""), "no private part is published");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_ends_after_fifteen_minutes() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    app.advance(890);
    ada.client.get("/api/v1/me").await.expect(200);
    app.advance(10);
    let answer = ada.client.get("/api/v1/me").await;
    assert_eq!(code(&answer, 401), "unauthenticated");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_rotate_and_a_second_use_ends_the_session() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let other = person(&app, "ada@example.org").await;
    let second = refresh(&app, &ada.refresh_token).await.expect(200);
    assert_eq!(second["account"]["id"], json!(ada.id));
    let third = refresh(&app, &text(&second["refresh_token"])).await.expect(200);
    let client = app.client.with_bearer(&text(&third["access_token"]));
    client.get("/api/v1/me").await.expect(200);

    assert_eq!(code(&refresh(&app, &ada.refresh_token).await, 401), "refresh_token_reused");
    assert_eq!(code(&refresh(&app, &text(&third["refresh_token"])).await, 401), "refresh_token_invalid");
    app.advance(30);
    client.get("/api/v1/me").await.expect(401);
    // The person's other sessions go on.
    refresh(&app, &other.refresh_token).await.expect(200);
    for nonsense in ["", "x", &"A".repeat(43)] {
        assert_eq!(code(&refresh(&app, nonsense).await, 401), "refresh_token_invalid");
    }
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_uses_at_once_one_wins_and_the_session_ends() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let (one, two) =
        futures_util::future::join(refresh(&app, &ada.refresh_token), refresh(&app, &ada.refresh_token)).await;
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    let winner = if one.status == 200 { one } else { two };
    let successor = text(&winner.json()["refresh_token"]);
    assert_eq!(code(&refresh(&app, &successor).await, 401), "refresh_token_invalid");
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_signs_after_thirty_days_and_the_old_one_is_published_a_day_longer() {
    let app = app().await;
    let first = key_id(&person(&app, "ada@example.org").await.access_token);
    app.advance(30 * 24 * 3600 - 1);
    let last_of_first = person(&app, "ada@example.org").await;
    assert_eq!(key_id(&last_of_first.access_token), first);
    app.advance(1);
    let second = key_id(&person(&app, "ada@example.org").await.access_token);
    assert_ne!(first, second);
    last_of_first.client.get("/api/v1/me").await.expect(200);
    let published = |set: JwkSet| set.keys.into_iter().map(|key| key.common.key_id.unwrap()).collect::<Vec<_>>();
    assert_eq!(published(jwks(&app).await), [second.clone(), first]);
    app.advance(24 * 3600);
    assert_eq!(published(jwks(&app).await), [second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_sign_in_at_once_share_one_new_key() {
    let app = app().await;
    let emails = ["ada@example.org", "eve@example.org", "joe@example.org", "may@example.org"];
    let people = futures_util::future::join_all(emails.map(|email| person(&app, email))).await;
    let mut ids: Vec<String> = people.iter().map(|person| key_id(&person.access_token)).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(jwks(&app).await.keys.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_other_servers_and_broken_tokens_get_the_same_answer() {
    let (app, other) = (app().await, app_elsewhere().await);
    let foreign = person(&other, "ada@example.org").await.access_token;
    let ada = person(&app, "ada@example.org").await;
    let (message, _) = ada.access_token.rsplit_once('.').unwrap();
    let mut bodies = Vec::new();
    for token in [
        foreign,
        format!("{message}."),
        message.to_owned(),
        "tk_01h455vb4pex5vsknk084sn02q_x".to_owned(),
        format!("tk_01h455vb4pex5vsknk084sn02q_{}", "A".repeat(43)),
        ada.refresh_token.clone(),
        "A".repeat(6000),
    ] {
        let answer = app.client.with_bearer(&token).get("/api/v1/me").await;
        let mut body = answer.expect(401);
        body["trace_id"] = json!("");
        bodies.push(body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:#?}");
}

async fn app_elsewhere() -> TestApp {
    app().await
}
