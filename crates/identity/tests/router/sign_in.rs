//! Signing in by code and by link.

use identity::api::{Client as SignInClient, Secret, SessionKind, ShowLink, VerifyLink, VerifyRefusal};
use kernel::SignInId;
use platform::{Failure, Scope};
use serde_json::json;
use testkit::TestApp;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_code_from_the_mail_signs_in_and_makes_the_account() {
    let app = app().await;
    let begun = begin(&app, "Ada@Example.org").await;
    assert_eq!(begun.code.len(), 6);
    let client = stranger(&app);
    let answer = verify(&client, &begun, &begun.code).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.expect(200);
    assert_eq!(
        (&tokens["token_type"], &tokens["expires_in"], &tokens["account"]["email"], &tokens["account"]["name"]),
        (&json!("Bearer"), &json!(900), &json!("Ada@Example.org"), &json!(null))
    );
    let ada = app.client.with_bearer(&text(&tokens["access_token"]));
    let me = ada.get("/api/v1/me").await.expect(200);
    assert_eq!(
        me,
        json!({ "id": tokens["account"]["id"], "email": "Ada@Example.org", "name": null, "locale": "en", "organisations": [] })
    );
    // The same address in other letters is the same person.
    let again = person(&app, "ada@example.ORG").await;
    assert_eq!(json!(again.id), tokens["account"]["id"]);
    let edited = patch(&ada, "/api/v1/me", json!({ "name": "Ada Lovelace", "locale": "en-GB" })).await.expect(200);
    assert_eq!((&edited["name"], &edited["locale"]), (&json!("Ada Lovelace"), &json!("en-GB")));
    assert_eq!(code(&patch(&ada, "/api/v1/me", json!({ "email": "eve@example.org" })).await, 422), "invalid_fields");
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_exhaust_a_sign_in_even_all_at_once() {
    let app = app().await;
    let begun = begin(&app, "ada@example.org").await;
    let client = stranger(&app);
    let tries = (0..12).map(|_| verify(&client, &begun, wrong(&begun)));
    let answers = futures_util::future::join_all(tries).await;
    let mut left: Vec<i64> = answers.iter().filter_map(|answer| answer.json()["attempts_left"].as_i64()).collect();
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2, 3, 4]);
    let exhausted = answers.iter().filter(|answer| answer.json()["code"] == "attempts_exhausted").count();
    assert_eq!(exhausted, 7);
    assert_eq!(code(&verify(&client, &begun, &begun.code).await, 410), "attempts_exhausted");
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_for_ten_minutes_in_its_browser() {
    let app = app().await;
    let client = stranger(&app);
    let used = begin(&app, "ada@example.org").await;
    verify(&client, &used, &used.code).await.expect(200);
    assert_eq!(code(&verify(&client, &used, &used.code).await, 410), "sign_in_used");

    let mut stolen = begin(&app, "ada@example.org").await;
    let own = std::mem::replace(&mut stolen.secret, used.secret.clone());
    assert_eq!(code(&verify(&client, &stolen, &stolen.code).await, 403), "other_browser");
    let path = format!("/api/v1/auth/sign-ins/{}/verify", stolen.id);
    assert_eq!(code(&client.post(&path, json!({ "code": stolen.code })).await, 403), "other_browser");
    stolen.secret = own;
    verify(&client, &stolen, &stolen.code).await.expect(200);

    let late = begin(&app, "ada@example.org").await;
    app.advance(600);
    assert_eq!(code(&verify(&client, &late, &late.code).await, 410), "sign_in_expired");
    let unknown = begin(&app, "ada@example.org").await;
    let unknown = Begun { id: "sgn_01h455vb4pex5vsknk084sn02q".to_owned(), ..unknown };
    assert_eq!(code(&verify(&client, &unknown, &unknown.code).await, 404), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_code_sent_twice_at_once_signs_in_once() {
    let app = app().await;
    let begun = begin(&app, "ada@example.org").await;
    let client = stranger(&app);
    let answers = futures_util::future::join_all((0..6).map(|_| verify(&client, &begun, &begun.code))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410, 410, 410, 410, 410]);
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_may_leave_its_secret_to_its_cookie() {
    let app = app().await;
    let browser = stranger(&app);
    let answer = browser.post("/api/v1/auth/sign-ins", json!({ "email": "ada@example.org" })).await;
    assert!(answer.header("set-cookie").contains("HttpOnly; SameSite=Lax"), "{}", answer.header("set-cookie"));
    let first = answer.expect(202);
    // Asking again leaves the first mail good: the browser keeps its secret.
    let second = browser.post("/api/v1/auth/sign-ins", json!({ "email": "ada@example.org" })).await.expect(202);
    assert_eq!(first["browser_secret"], second["browser_secret"]);
    let code = text(&letters(&app, "ada@example.org").await[0].data["code"]);
    let path = format!("/api/v1/auth/sign-ins/{}/verify", text(&first["id"]));
    browser.post(&path, json!({ "code": code })).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_an_account_gets_the_answer_of_one_without() {
    let app = app().await;
    person(&app, "ada@example.org").await;
    let known = stranger(&app).post("/api/v1/auth/sign-ins", json!({ "email": "ada@example.org" })).await;
    let unknown = stranger(&app).post("/api/v1/auth/sign-ins", json!({ "email": "eve@example.org" })).await;
    assert_eq!(known.status, unknown.status);
    let names = |answer: &testkit::Response| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&known), names(&unknown));
    let shape = |answer: &testkit::Response| {
        let body = answer.json();
        body.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value).len())).collect::<Vec<_>>()
    };
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!(letters(&app, "ada@example.org").await.len(), 2);
    assert_eq!(letters(&app, "eve@example.org").await.len(), 1);
    // Nothing was made for an address that was never proven.
    let pool = app.database.superuser().await;
    let accounts: i64 = sqlx::query_scalar("select count(*) from identity.account").fetch_one(&pool).await.unwrap();
    assert_eq!(accounts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_its_hourly_limit_an_address_gets_no_mail_and_the_same_answer() {
    let app = app_with(&[("limits.sign_in_per_email_per_hour", "3")]).await;
    let client = stranger(&app);
    let first = stranger(&app).post("/api/v1/auth/sign-ins", json!({ "email": "ada@example.org" })).await.expect(202);
    let mut last = json!(null);
    for _ in 0..7 {
        last = stranger(&app).post("/api/v1/auth/sign-ins", json!({ "email": "ada@example.org" })).await.expect(202);
    }
    assert_eq!(letters(&app, "ada@example.org").await.len(), 3);
    let silent = Begun {
        id: text(&last["id"]),
        secret: text(&last["browser_secret"]),
        code: "123456".to_owned(),
        link: String::new(),
    };
    let refused = verify(&client, &silent, "123456").await.expect(422);
    assert_eq!((&refused["code"], &refused["attempts_left"]), (&json!("code_wrong"), &json!(4)));
    // What was not mailed holds no code at all, so that nobody can go on guessing beyond the limit.
    assert_eq!(codes_of(&app, &text(&first["id"])).await, 1);
    assert_eq!(codes_of(&app, &silent.id).await, 0);
    // An hour later mail goes out again, and the limit counts mails, not requests.
    app.advance(3601);
    begin(&app, "ada@example.org").await;
    assert_eq!(letters(&app, "ada@example.org").await.len(), 4);
}

/// How many of the million codes would be right for a sign-in.
async fn codes_of(app: &TestApp, id: &str) -> usize {
    let id: SignInId = id.parse().unwrap();
    let pool = app.database.superuser().await;
    let query = sqlx::query_scalar("select code_hash from identity.sign_in where id = $1").bind(id.uuid());
    let stored: Vec<u8> = query.fetch_one(&pool).await.unwrap();
    let code = |number: u32| identity::api::Code::parse(&format!("{number:06}")).unwrap();
    (0..1_000_000).filter(|number| code(*number).mac(&app.platform.vault, id) == stored).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_none_are_refused() {
    let app = app().await;
    for body in [
        json!({}),
        json!({ "email": "ada" }),
        json!({ "email": "ada@example.org", "return_to": "https://evil.example" }),
        json!({ "email": "ada@example.org", "return_to": "//evil.example" }),
        json!({ "email": "ada@example.org", "admin": true }),
    ] {
        let answer = app.client.post("/api/v1/auth/sign-ins", body.clone()).await;
        assert_eq!(code(&answer, 422), "invalid_fields", "{body}");
    }
    let begun = begin(&app, "ada@example.org").await;
    assert_eq!(code(&verify(&app.client, &begun, "12345").await, 422), "invalid_fields");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_without_being_used_and_signs_its_browser_in_once() {
    let app = app().await;
    let begun = begin(&app, "ada@example.org").await;
    let token = begun.link.strip_prefix(&app.platform.url("/login/link/")).unwrap().to_owned();
    let browser = Secret::parse(&begun.secret);
    let show = |browser: Option<Secret>, token: &str| {
        let command = ShowLink { token: token.to_owned(), browser };
        app.platform.db.read(Scope::Nobody, "show_link", command, identity::api::show_link)
    };
    let refusal = |failure: Failure<VerifyRefusal>| match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Fault(fault) => panic!("{fault}"),
    };
    for _ in 0..2 {
        assert_eq!(show(browser.clone(), &token).await.unwrap().email.as_str(), "ada@example.org");
    }
    let elsewhere = Some(Secret::new(&app.platform.random));
    assert_eq!(show(elsewhere, &token).await.map_err(refusal).unwrap_err(), VerifyRefusal::OtherBrowser);
    assert_eq!(show(None, "nonsense").await.map_err(refusal).unwrap_err(), VerifyRefusal::Unknown);

    let client = || SignInClient { kind: SessionKind::Browser, user_agent: "Firefox".to_owned() };
    let press = |browser: Option<Secret>| {
        let command = VerifyLink { token: token.clone(), browser, client: client() };
        identity::api::verify_link(&app.platform, command)
    };
    assert_eq!(press(None).await.map_err(refusal).unwrap_err(), VerifyRefusal::OtherBrowser);
    let signed_in = press(browser.clone()).await.unwrap();
    assert_eq!(press(browser.clone()).await.map_err(refusal).unwrap_err(), VerifyRefusal::Used);
    assert_eq!(show(browser, &token).await.map_err(refusal).unwrap_err(), VerifyRefusal::Used);
    assert_eq!(code(&verify(&app.client, &begun, &begun.code).await, 410), "sign_in_used");
    let cookie = format!("turnout_session={}", signed_in.secret.as_str());
    let me = app.client.request(reqwest::Method::GET, "/api/v1/me").header("Cookie", cookie);
    assert_eq!(app.client.send(me).await.expect(200)["email"], "ada@example.org");
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_old_sign_ins_are_forgotten() {
    let app = app().await;
    begin(&app, "ada@example.org").await;
    app.advance(26 * 3600);
    begin(&app, "eve@example.org").await;
    let pool = app.database.superuser().await;
    let kept: Vec<String> = sqlx::query_scalar("select email from identity.sign_in").fetch_all(&pool).await.unwrap();
    assert_eq!(kept, ["eve@example.org"]);
}
