//! Admissions that are taken back.

use serde_json::json;
use testkit::{Client, Response};

use crate::support::{first_list, house, log, nonce, qr, result, scan};

async fn undo(client: &Client, number: u128) -> Response {
    client.post(&format!("/api/v1/door/scans/{}/undo", nonce(number)), json!({})).await
}

#[tokio::test]
async fn an_admission_taken_back_lets_the_ticket_in_again() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let phone = house.phone(&team, &show, "North").await;
    let order = house.order(&show, 0, &["Grace"]).await;
    let first = scan(&phone.client, &qr(&order, 0), 1).await.expect(200);
    house.app.advance(5);
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let client = phone.client.clone();
        tries.spawn(async move { undo(&client, 1).await.expect(200) });
    }
    let undone = json!({ "nonce": nonce(1), "result": "undone", "undone_at": "2026-12-01T10:00:05Z" });
    assert!(tries.join_all().await.iter().all(|answer| *answer == undone));
    house.app.advance(5);
    assert_eq!(undo(&phone.client, 1).await.expect(200), undone, "a second undo is harmless");
    assert_eq!(scan(&phone.client, &qr(&order, 0), 1).await.expect(200), first, "the scan keeps its answer");
    assert_eq!(result(&phone.client, &qr(&order, 0), 2).await, "admitted");
    assert_eq!(undo(&phone.client, 1).await.expect(200), undone, "an old undo does not take a new admission back");
    assert_eq!(result(&phone.client, &qr(&order, 0), 3).await, "already_in");
    assert_eq!(log(&phone).await, ["already_in", "admitted", "undone", "admitted"]);
    house.app.check().await;
}

#[tokio::test]
async fn only_an_admission_of_its_own_is_taken_back_by_a_device_and_soon() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let (phone, other) = (house.phone(&team, &show, "North").await, house.phone(&team, &show, "South").await);
    let order = house.order(&show, 0, &["Grace"]).await;
    assert_eq!(result(&phone.client, &qr(&order, 0), 1).await, "admitted");
    assert_eq!(result(&phone.client, &qr(&order, 0), 2).await, "already_in");
    assert_eq!(undo(&phone.client, 2).await.expect(409)["code"], "not_admitted");
    assert_eq!(undo(&phone.client, 3).await.expect(404)["code"], "not_found");
    assert_eq!(undo(&other.client, 1).await.expect(404)["code"], "not_found");
    house.app.advance(601);
    assert_eq!(undo(&phone.client, 1).await.expect(409)["code"], "undo_too_late");

    // A member may at any time, at the list where it was.
    let list = first_list(&team, &show).await;
    let path = team.path(&format!("/check-in-lists/{list}/scans/{}/undo", nonce(1)));
    team.viewer.post(&path, json!({})).await.expect(403);
    house.team().manager.post(&path, json!({})).await.expect(404);
    team.door.post(&path, json!({})).await.expect(200);
    assert_eq!(result(&phone.client, &qr(&order, 0), 4).await, "admitted");
    house.app.check().await;
}
