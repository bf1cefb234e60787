//! Keys of organisations' own programs.

use serde_json::json;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_and_does_what_its_scopes_say() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let path = organisation(&ada, "Blue Harbour").await;
    let body = json!({ "name": "cash desk", "scopes": ["manage_members", "view_organisation", "view_organisation"] });
    let made = ada.client.post(&format!("{path}/api-keys"), body).await.expect(201);
    let secret = text(&made["secret"]);
    let suffix = path.rsplit_once("org_").unwrap().1;
    assert!(secret.starts_with(&format!("tk_{suffix}_")) && secret.ends_with(&text(&made["hint"])), "{made}");
    assert_eq!(made["scopes"], json!(["view_organisation", "manage_members"]));

    let key = app.client.with_bearer(&secret);
    assert_eq!(key.get(&path).await.expect(200)["role"], json!(null));
    key.get(&format!("{path}/members")).await.expect(200);
    let refused = key.get(&format!("{path}/api-keys")).await;
    assert_eq!((code(&refused, 403), refused.json()["right"].clone()), ("forbidden".to_owned(), json!("manage_keys")));
    assert_eq!(code(&key.get("/api/v1/me").await, 403), "person_required");
    // It invites in the name of its maker, but is no owner.
    let invite = |role: &str| json!({ "email": "eve@example.org", "role": role });
    key.post(&format!("{path}/invitations"), invite("door")).await.expect(201);
    assert_eq!(code(&key.post(&format!("{path}/invitations"), invite("owner")).await, 403), "owners_only");

    let listed = ada.client.get(&format!("{path}/api-keys")).await.expect(200);
    let item = &listed["items"][0];
    assert_eq!((item.get("secret"), &item["last_used_at"]), (None, &json!("2026-12-01T10:00:00Z")));
    ada.client.delete(&format!("{path}/api-keys/{}", text(&made["id"]))).await.expect(204);
    assert_eq!(code(&key.get(&path).await, 401), "unauthenticated");
    assert_eq!(ada.client.get(&format!("{path}/api-keys")).await.expect(200)["items"], json!([]));
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_one_organisation_and_makes_no_keys() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let (path, other) = (organisation(&ada, "Blue Harbour").await, organisation(&ada, "Red Harbour").await);
    let scopes = ["view_organisation", "manage_keys"];
    let body = json!({ "name": "robot", "scopes": scopes });
    let made = ada.client.post(&format!("{path}/api-keys"), body.clone()).await.expect(201);
    let secret = text(&made["secret"]);
    let key = app.client.with_bearer(&secret);
    assert_eq!(code(&key.get(&other).await, 404), "not_found");
    assert_eq!(code(&key.post(&format!("{path}/api-keys"), body).await, 403), "person_required");
    // The same secret under another organisation's name opens nothing.
    let (own, foreign) = (path.rsplit_once("org_").unwrap().1, other.rsplit_once("org_").unwrap().1);
    let moved = app.client.with_bearer(&secret.replace(own, foreign));
    assert_eq!(code(&moved.get(&other).await, 401), "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_when_it_says() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let path = organisation(&ada, "Blue Harbour").await;
    let create = async |body| ada.client.post(&format!("{path}/api-keys"), body).await;
    let scopes = ["view_organisation"];
    let past = json!({ "name": "k", "scopes": scopes, "expires_at": "2026-12-01T10:00:00Z" });
    assert_eq!(create(past).await.expect(422)["errors"][0]["field"], "expires_at");
    assert_eq!(create(json!({ "name": "k", "scopes": [] })).await.expect(422)["errors"][0]["field"], "scopes");
    assert_eq!(code(&create(json!({ "name": "k", "scopes": ["everything"] })).await, 422), "invalid_fields");
    let soon = json!({ "name": "k", "scopes": scopes, "expires_at": "2026-12-01T10:01:00Z" });
    let key = app.client.with_bearer(&text(&create(soon).await.expect(201)["secret"]));
    app.advance(59);
    key.get(&path).await.expect(200);
    app.advance(1);
    assert_eq!(code(&key.get(&path).await, 401), "unauthenticated");
}
