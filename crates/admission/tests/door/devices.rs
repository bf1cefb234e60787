//! Door links.

use serde_json::json;

use crate::support::{first_list, house, nonce, qr, result, scan, text};

#[tokio::test]
async fn a_revoked_link_fails_with_the_next_request() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let phone = house.phone(&team, &show, "North").await;
    let order = house.order(&show, 0, &["Grace"]).await;
    assert_eq!(result(&phone.client, &qr(&order, 0), 1).await, "admitted");
    team.manager.delete(&phone.path).await.expect(204);
    scan(&phone.client, &qr(&order, 0), 1).await.expect(401);
    phone.client.get("/api/v1/door/status").await.expect(401);
    phone.client.get("/api/v1/door/search?q=grace").await.expect(401);
    phone.client.post(&format!("/api/v1/door/scans/{}/undo", nonce(1)), json!({})).await.expect(401);
    team.manager.delete(&phone.path).await.expect(204);
    let revoked = team.manager.get(phone.path.rsplit_once('/').unwrap().0).await.expect(200);
    assert_eq!(revoked["items"][0]["revoked_at"], "2026-12-01T10:00:00Z");
}

#[tokio::test]
async fn other_tokens_open_no_door() {
    let house = house().await;
    let (team, elsewhere) = (house.team(), house.team());
    let show = team.show("Tonight").await;
    let phone = house.phone(&team, &show, "North").await;
    let (head, secret) = phone.token.rsplit_once('_').unwrap();
    let other_organisation = elsewhere.organisation.to_string().replace("org_", "td_");
    let swapped = format!("{}{}", &secret[26..], &secret[..26]);
    for token in
        [format!("{other_organisation}_{secret}"), format!("{head}_{swapped}"), head.to_owned(), "td__".to_owned()]
    {
        scan(&house.app.client.with_bearer(&token), "X", 1).await.expect(401);
    }
    house.app.client.get("/api/v1/door/status").await.expect(401);
    team.manager.get("/api/v1/door/status").await.expect(401);
    // A door link opens nothing else.
    phone.client.get(&format!("{}/check-in-lists", show.path)).await.expect(401);
    phone.client.get(&team.path("/events")).await.expect(401);
}

#[tokio::test]
async fn a_device_of_another_organisation_sees_nothing_of_this_one() {
    let house = house().await;
    let (team, elsewhere) = (house.team(), house.team());
    let (show, foreign_show) = (team.show("Tonight").await, elsewhere.show("Elsewhere").await);
    let phone = house.phone(&elsewhere, &foreign_show, "Foreign").await;
    let order = house.order(&show, 0, &["Grace"]).await;
    assert_eq!(result(&phone.client, &qr(&order, 0), 1).await, "unknown_ticket");
    assert_eq!(result(&phone.client, &text(&order["tickets"][0]["code"]), 2).await, "unknown_ticket");
    let found = phone.client.get("/api/v1/door/search?q=grace").await.expect(200);
    assert_eq!(found["items"], json!([]));

    // Missing and foreign lists answer alike.
    let list = first_list(&team, &show).await;
    let missing = "lst_01h455vb4pex5vsknk084sn02q";
    for list in [list.as_str(), missing, "lst_1"] {
        let body = json!({ "code": "X", "nonce": nonce(3) });
        elsewhere.manager.post(&elsewhere.path(&format!("/check-in-lists/{list}/scans")), body).await.expect(404);
        elsewhere.manager.get(&elsewhere.path(&format!("/check-in-lists/{list}/status"))).await.expect(404);
        elsewhere.manager.get(&elsewhere.path(&format!("/check-in-lists/{list}/search?q=grace"))).await.expect(404);
        let devices = format!("{}/check-in-lists/{list}/devices", foreign_show.path);
        elsewhere.manager.get(&devices).await.expect(404);
        elsewhere.manager.post(&devices, json!({ "name": "Mine" })).await.expect(404);
    }
    house.app.check().await;
}

#[tokio::test]
async fn devices_are_listed_without_their_tokens_and_seen_once_a_minute() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let phone = house.phone(&team, &show, "  North  ").await;
    house.app.advance(1);
    house.phone(&team, &show, "South").await;
    let path = phone.path.rsplit_once('/').unwrap().0.to_owned();
    let devices = async || team.door.get(&path).await.expect(200);
    let page = devices().await;
    let names: Vec<String> = page["items"].as_array().unwrap().iter().map(|device| text(&device["name"])).collect();
    assert_eq!(names, ["North", "South"]);
    let mut fields: Vec<&String> = page["items"][0].as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["created_at", "id", "last_seen_at", "list_id", "name", "revoked_at"]);
    assert_eq!(page["items"][0]["last_seen_at"], json!(null));
    for (seconds, seen_at) in [(0, "2026-12-01T10:00:01Z"), (59, "2026-12-01T10:00:01Z"), (1, "2026-12-01T10:01:01Z")] {
        house.app.advance(seconds);
        phone.client.get("/api/v1/door/status").await.expect(200);
        assert_eq!(devices().await["items"][0]["last_seen_at"], seen_at);
    }
    let first = team.door.get(&format!("{path}?limit=1")).await.expect(200);
    let second = team.door.get(&format!("{path}?limit=1&cursor={}", text(&first["next_cursor"]))).await.expect(200);
    assert_eq!((&second["items"][0]["name"], &second["next_cursor"]), (&json!("South"), &json!(null)));
    team.door.post(&path, json!({ "name": "Mine" })).await.expect(403);
    team.viewer.get(&path).await.expect(403);
    assert_eq!(team.manager.post(&path, json!({ "name": " " })).await.expect(422)["errors"][0]["field"], "name");
}
