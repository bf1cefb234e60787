//! Invitations by mail.

use serde_json::json;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_mailed_and_makes_its_reader_a_member() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let path = organisation(&ada, "Blue Harbour").await;
    patch(&ada.client, "/api/v1/me", json!({ "name": "Ada Lovelace" })).await.expect(200);
    let body = json!({ "email": "Eve@example.org", "role": "box_office" });
    let sent = ada.client.post(&format!("{path}/invitations"), body).await.expect(201);
    assert_eq!(sent["expires_at"], "2026-12-08T10:00:00Z");
    assert_eq!(sent.get("token"), None);
    let letter = letters(&app, "Eve@example.org").await.pop().unwrap();
    assert_eq!(
        (letter.template.as_str(), &letter.data["organisation_name"], &letter.data["role"], &letter.data["inviter"]),
        ("invitation", &json!("Blue Harbour"), &json!("box office"), &json!("Ada Lovelace"))
    );
    let listed = ada.client.get(&format!("{path}/invitations")).await.expect(200);
    assert_eq!(listed["items"], json!([sent]));

    let token = json!({ "token": invitation_token(&app, "Eve@example.org").await });
    let eve = person(&app, "eve@example.org").await;
    let joined = eve.client.post("/api/v1/invitations/accept", token.clone()).await.expect(200);
    assert_eq!((&joined["name"], &joined["role"]), (&json!("Blue Harbour"), &json!("box_office")));
    eve.client.get(&path).await.expect(200);
    assert_eq!(code(&eve.client.post("/api/v1/invitations/accept", token).await, 410), "invitation_used");
    assert_eq!(ada.client.get(&format!("{path}/invitations")).await.expect(200)["items"], json!([]));
    let again = json!({ "email": "eve@example.org", "role": "owner" });
    assert_eq!(code(&ada.client.post(&format!("{path}/invitations"), again).await, 409), "already_member");
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_good_for_one_address_and_seven_days() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let path = organisation(&ada, "Blue Harbour").await;
    let body = json!({ "email": "eve@example.org", "role": "manager" });
    ada.client.post(&format!("{path}/invitations"), body).await.expect(201);
    let token = invitation_token(&app, "eve@example.org").await;
    let accept = json!({ "token": token });
    let joe = person(&app, "joe@example.org").await;
    assert_eq!(code(&joe.client.post("/api/v1/invitations/accept", accept.clone()).await, 403), "other_address");
    assert_eq!(code(&app.client.post("/api/v1/invitations/accept", accept.clone()).await, 401), "unauthenticated");
    let elsewhere = organisation(&joe, "Red Harbour").await;
    let other = elsewhere.rsplit_once("org_").unwrap().1;
    let own = path.rsplit_once("org_").unwrap().1;
    for nonsense in [String::new(), "x".to_owned(), token.replace(own, other), token.replace("ti_", "tk_")] {
        let answer = joe.client.post("/api/v1/invitations/accept", json!({ "token": nonsense })).await;
        assert_eq!(code(&answer, 404), "not_found");
    }
    app.advance(7 * 24 * 3600);
    let eve = person(&app, "eve@example.org").await;
    assert_eq!(code(&eve.client.post("/api/v1/invitations/accept", accept).await, 410), "invitation_expired");
    assert_eq!(code(&eve.client.get(&path).await, 404), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_invitation_takes_the_place_of_an_earlier_and_can_be_withdrawn() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let path = organisation(&ada, "Blue Harbour").await;
    let eve = person(&app, "eve@example.org").await;
    let invite = async |role: &str| {
        let body = json!({ "email": "eve@example.org", "role": role });
        let sent = ada.client.post(&format!("{path}/invitations"), body).await.expect(201);
        (text(&sent["id"]), json!({ "token": invitation_token(&app, "eve@example.org").await }))
    };
    let (_, first) = invite("manager").await;
    let (id, second) = invite("door").await;
    assert_eq!(code(&eve.client.post("/api/v1/invitations/accept", first).await, 410), "invitation_revoked");
    ada.client.delete(&format!("{path}/invitations/{id}")).await.expect(204);
    ada.client.delete(&format!("{path}/invitations/{id}")).await.expect(404);
    assert_eq!(code(&eve.client.post("/api/v1/invitations/accept", second).await, 410), "invitation_revoked");
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_takes_the_invitations_they_sent_along() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let path = organisation(&ada, "Blue Harbour").await;
    let manager = join(&app, &ada, &path, "manager@example.org", "manager").await;
    let accomplice = person(&app, "accomplice@example.org").await;
    let body = json!({ "email": "accomplice@example.org", "role": "manager" });
    manager.client.post(&format!("{path}/invitations"), body).await.expect(201);
    let token = json!({ "token": invitation_token(&app, "accomplice@example.org").await });
    patch(&ada.client, &format!("{path}/members/{}", manager.id), json!({ "role": "viewer" })).await.expect(200);
    assert_eq!(code(&accomplice.client.post("/api/v1/invitations/accept", token).await, 410), "invitation_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_mails_a_hundred_strangers_a_day_at_most() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let path = format!("{}/invitations", organisation(&ada, "Blue Harbour").await);
    for number in 0..100 {
        let body = json!({ "email": format!("x{number}@example.org"), "role": "viewer" });
        ada.client.post(&path, body).await.expect(201);
    }
    let one_more = json!({ "email": "y@example.org", "role": "viewer" });
    let answer = ada.client.post(&path, one_more).await;
    assert_eq!((code(&answer, 429), answer.header("retry-after")), ("too_many_invitations".to_owned(), "3600"));
}
