//! The line: the draw, coming after it, leaving.

use serde_json::json;

use crate::support::sale;

#[tokio::test]
async fn those_present_at_the_opening_are_drawn_and_those_after_them_follow_in_order() {
    let sale = sale(1000).await;
    sale.arm_with(30, json!({"shoppers_min": 1, "shoppers_max": 1})).await.expect(200);
    let early = sale.people(12).await;
    assert_eq!(sale.positions(&early).await, vec![None; 12]);
    sale.wait(&early, 25).await;
    assert_eq!(sale.look().await["state"], "armed");
    sale.wait(&early, 10).await;
    assert_eq!(sale.look().await["state"], "open");

    // One of the twelve is shopping; the others have the places behind, each once.
    let mut places: Vec<i64> = sale.positions(&early).await.into_iter().flatten().collect();
    places.sort_unstable();
    assert_eq!(places, (1..=11).collect::<Vec<_>>());
    let late = sale.people(3).await;
    assert_eq!(sale.positions(&late).await, [Some(12), Some(13), Some(14)]);
    sale.app.check().await;
}

#[tokio::test]
async fn whoever_leaves_or_stays_away_loses_the_place() {
    let sale = sale(1000).await;
    sale.arm_with(5, json!({"shoppers_min": 1, "shoppers_max": 1})).await.expect(200);
    sale.wait(&[], 10).await;
    let people = sale.people(5).await;
    // The first of them is let in.
    sale.tick().await;
    assert_eq!(sale.positions(&people).await, [None, Some(1), Some(2), Some(3), Some(4)]);

    sale.leave(&people[1]).await;
    assert_eq!(sale.place(&people[1]).await["state"], "left");
    assert_eq!(sale.positions(&people[2..]).await, [Some(1), Some(2), Some(3)]);

    // The third neither asks nor streams for a minute.
    let there = [people[3].clone(), people[4].clone()];
    sale.wait(&there, 70).await;
    assert_eq!(sale.positions(&there).await, [Some(1), Some(2)]);
    assert_eq!(sale.place(&people[2]).await["state"], "left");
    // Coming back means coming last.
    let again = sale.join_again(&people[2]).await.expect(201);
    assert_eq!(again["place"]["position"], 3);
    assert_eq!(sale.figures().await["left"], 2);
}

#[tokio::test]
async fn whoever_left_before_the_opening_is_not_drawn() {
    let sale = sale(1000).await;
    sale.arm(120).await;
    let people = sale.people(4).await;
    sale.leave(&people[0]).await;
    // The second closes the browser.
    sale.wait(&people[2..], 130).await;
    let figures = sale.figures().await;
    assert_eq!((figures["drawn"].as_i64(), figures["left"].as_i64()), (Some(2), Some(2)));
}

#[tokio::test]
async fn a_reconnect_within_a_minute_keeps_the_place() {
    let sale = sale(1000).await;
    sale.arm_with(5, json!({"shoppers_min": 1, "shoppers_max": 1})).await.expect(200);
    sale.wait(&[], 10).await;
    let people = sale.people(3).await;
    sale.tick().await;
    sale.wait(&people[2..], 50).await;
    assert_eq!(sale.place(&people[1]).await["position"], 1);
    sale.wait(&people[1..], 50).await;
    assert_eq!(sale.positions(&people[1..]).await, [Some(1), Some(2)]);
}

#[tokio::test]
async fn asking_again_gives_the_same_place_and_an_account_waits_once() {
    let sale = sale(1000).await;
    sale.arm_with(60, json!({"requires_account": true})).await.expect(200);
    let place = format!("/api/v1/events/{}/waiting-room/place", sale.slug);
    assert_eq!(sale.app.client.post(&place, json!({})).await.expect(401)["code"], "account_required");
    let joined = sale.organiser.post(&place, json!({})).await.expect(201);
    let secret = joined["browser_secret"].as_str().unwrap();
    let request = sale.organiser.request(reqwest::Method::POST, &place).header("Turnout-Browser", secret);
    let again = sale.organiser.send(request.json(&json!({}))).await.expect(201);
    assert_eq!((&again["token"], again["browser_secret"].is_null()), (&joined["token"], true));
    // Another browser of the same account.
    assert_eq!(sale.organiser.post(&place, json!({})).await.expect(409)["code"], "waits_elsewhere");
    assert_eq!(sale.figures().await["waiting"], 1);
}
