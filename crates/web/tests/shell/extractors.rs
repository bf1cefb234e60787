//! What handlers ask of requests.

use http::{Method, StatusCode};
use serde_json::json;

use crate::support::{app, fetch, organisation, post_json, request, send};

#[track_caller]
fn first_error(answer: &crate::support::Answer) -> (String, String, String) {
    assert_eq!(answer.problem(422), "invalid_fields");
    let error = answer.json()["errors"][0].clone();
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    (text("field"), text("code"), text("message"))
}

fn error(field: &str, code: &str, message: &str) -> (String, String, String) {
    (field.to_owned(), code.to_owned(), message.to_owned())
}

#[tokio::test]
async fn json_that_does_not_fit_names_the_field() {
    let app = app();
    let cases = [
        (r#"{}"#, error("name", "missing", "This is needed.")),
        (r#"{"name":"x","price":1}"#, error("price", "unknown_field", "There is no such field here.")),
        (r#"{"name":"x","lines":[{"quantity":1},{}]}"#, error("lines.1.quantity", "missing", "This is needed.")),
        (
            r#"{"name":"x","lines":[{"quantity":1,"price":2}]}"#,
            error("lines.0.price", "unknown_field", "There is no such field here."),
        ),
        (r#"{"name":7}"#, error("name", "invalid", "Invalid type: integer `7`, expected a string.")),
        (
            r#"{"name":"x","lines":[{"quantity":-1}]}"#,
            error("lines.0.quantity", "invalid", "Invalid value: integer `-1`, expected u32."),
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(first_error(&post_json(&app, "/api/v1/things", &[], body).await), expected, "{body}");
    }
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let app = app();
    for body in ["", "{", "{\"name\":\"x\"} {}"] {
        assert_eq!(post_json(&app, "/api/v1/things", &[], body).await.problem(400), "malformed_json");
    }
    let deep = format!("{{\"name\":\"x\",\"lines\":{}", "[".repeat(100_000));
    assert_eq!(post_json(&app, "/api/v1/things", &[], &deep).await.problem(422), "invalid_fields");
}

#[tokio::test]
async fn what_is_created_has_an_address() {
    let answer = post_json(&app(), "/api/v1/things", &[], r#"{"name":"x"}"#).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::CREATED, "/api/v1/things/1"));
    assert_eq!(answer.json(), json!({"name": "x", "lines": []}));
}

#[tokio::test]
async fn queries_and_forms_are_as_strict() {
    let app = app();
    assert_eq!(
        first_error(&fetch(&app, "/api/v1/things?page=2", &[]).await),
        error("page", "unknown_field", "There is no such field here.")
    );
    assert_eq!(first_error(&fetch(&app, "/api/v1/things?limit=x", &[]).await).0, "limit");
    assert_eq!(fetch(&app, "/api/v1/things?limit=3", &[]).await.json(), json!({"limit": 3}));
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(send(&app, request(Method::POST, "/form", &form, "limit=4")).await.json(), json!({"limit": 4}));
    assert_eq!(first_error(&send(&app, request(Method::POST, "/form", &form, "a=b")).await).1, "unknown_field");
}

#[tokio::test]
async fn an_id_that_is_none_names_nothing() {
    let app = app();
    assert_eq!(fetch(&app, "/api/v1/orders/ord_01h455vb4pex5vsknk084sn02q", &[]).await.status, StatusCode::OK);
    for id in ["7", "evt_01h455vb4pex5vsknk084sn02q", "%ff"] {
        assert_eq!(fetch(&app, &format!("/api/v1/orders/{id}"), &[]).await.problem(404), "not_found");
    }
}

#[tokio::test]
async fn people_sign_in_by_token_or_cookie() {
    let app = app();
    let alice = json!({"account": kernel::AccountId::from(uuid::Uuid::from_u128(crate::support::ALICE))});
    assert_eq!(fetch(&app, "/api/v1/me", &[("authorization", "bearer alice")]).await.json(), alice);
    assert_eq!(fetch(&app, "/api/v1/me", &[("cookie", "theme=dark; turnout_session=alice")]).await.json(), alice);
    for headers in [
        vec![],
        vec![("authorization", "Bearer nobody")],
        vec![("authorization", "Basic alice")],
        vec![("cookie", "turnout_session=nobody")],
    ] {
        let answer = fetch(&app, "/api/v1/me", &headers).await;
        assert_eq!(
            (answer.problem(401), answer.header("www-authenticate").to_owned()),
            ("unauthenticated".to_owned(), "Bearer".to_owned())
        );
    }
    assert_eq!(fetch(&app, "/api/v1/me", &[("authorization", "Bearer key")]).await.problem(403), "person_required");
}

#[tokio::test]
async fn device_tokens_are_left_to_the_door() {
    let answer =
        fetch(&app(), "/api/v1/maybe", &[("authorization", "Bearer td_x"), ("cookie", "turnout_session=alice")]).await;
    assert_eq!(answer.json(), json!({"account": null, "bearer": "td_x"}));
}

#[tokio::test]
async fn rights_are_checked_in_the_organisation_of_the_path() {
    let app = app();
    let of = |organisation: &str, page: &str| format!("/api/v1/organisations/{organisation}/{page}");
    let (ours, other) =
        (organisation().to_string(), kernel::OrganisationId::from(uuid::Uuid::from_u128(101)).to_string());
    let (alice, key) = ([("authorization", "Bearer alice")], [("authorization", "Bearer key")]);
    assert_eq!(fetch(&app, &of(&ours, "orders"), &alice).await.json(), json!({"organisation": ours, "role": "viewer"}));
    let refused = fetch(&app, &of(&ours, "events"), &alice).await;
    assert_eq!((refused.problem(403), refused.json()["right"].clone()), ("forbidden".to_owned(), json!("edit_events")));
    assert_eq!(fetch(&app, &of(&ours, "events"), &key).await.json(), json!({"organisation": ours, "role": null}));
    assert_eq!(fetch(&app, &of(&ours, "orders"), &key).await.problem(403), "forbidden");
    assert_eq!(fetch(&app, &of(&ours, "events"), &[]).await.problem(401), "unauthenticated");
    for headers in [&alice, &key] {
        for organisation in [other.as_str(), "org_x", "7"] {
            assert_eq!(fetch(&app, &of(organisation, "events"), headers).await.problem(404), "not_found");
        }
    }
}

#[tokio::test]
async fn edits_say_what_they_are_based_on() {
    let app = app();
    assert_eq!(fetch(&app, "/api/v1/versioned", &[]).await.header("etag"), "\"7\"");
    let patch = |headers: &'static [(&'static str, &'static str)]| {
        send(&app, request(Method::PATCH, "/api/v1/versioned", headers, ""))
    };
    assert_eq!(patch(&[]).await.problem(428), "if_match_required");
    assert_eq!(patch(&[("if-match", "\"abc\"")]).await.problem(412), "stale");
    assert_eq!(patch(&[("if-match", "\"7\"")]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(patch(&[("if-match", "W/\"7\"")]).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_page_knows_the_theme() {
    let answer = fetch(&app(), "/page?secret=1", &[("cookie", "theme=dark")]).await;
    assert!(answer.text().starts_with("<p>dark /page /assets/"), "{}", answer.text());
    assert!(fetch(&app(), "/page", &[("cookie", "theme=\"><script>")]).await.text().starts_with("<p> /page "));
}
