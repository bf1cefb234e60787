//! What the organiser does with a waiting room.

use serde_json::json;

use crate::support::sale;

#[tokio::test]
async fn a_paused_room_lets_nobody_in_and_keeps_everyone() {
    let sale = sale(1000).await;
    sale.arm_with(2, json!({"shoppers_min": 3, "shoppers_max": 3})).await.expect(200);
    let people = sale.people(8).await;
    sale.ticks(3).await;
    assert_eq!(sale.figures().await["shopping"], 3);
    assert_eq!(sale.steer("pause").await.expect(200)["state"], "paused");
    assert_eq!(sale.steer("pause").await.expect(200)["state"], "paused");
    sale.wait(&people, 200).await;
    let figures = sale.figures().await;
    assert_eq!((figures["admitted"].as_i64(), figures["waiting"].as_i64()), (Some(3), Some(5)));
    assert_eq!(sale.steer("resume").await.expect(200)["state"], "open");
    assert_eq!(sale.steer("resume").await.expect(409)["code"], "waiting_room_running");
    // The three have turned to something else by now.
    assert_eq!(sale.tick().await, 3);
}

#[tokio::test]
async fn a_pause_before_the_opening_puts_the_draw_off() {
    let sale = sale(1000).await;
    sale.arm(10).await;
    let people = sale.people(3).await;
    sale.steer("pause").await.expect(200);
    sale.wait(&people, 30).await;
    assert_eq!(sale.positions(&people).await, [None, None, None]);
    assert_eq!(sale.steer("resume").await.expect(200)["state"], "armed");
    sale.tick().await;
    assert_eq!(sale.look().await["state"], "open");
}

#[tokio::test]
async fn an_emergency_stop_voids_every_admission_and_forgets_nobody() {
    let sale = sale(1000).await;
    sale.arm_with(2, json!({"shoppers_min": 2, "shoppers_max": 2})).await.expect(200);
    let people = sale.people(5).await;
    sale.ticks(3).await;
    let mut inside = Vec::new();
    for person in &people {
        if sale.place(person).await["state"] == "admitted" {
            inside.push(person.clone());
        }
    }
    assert_eq!(inside.len(), 2);
    let presented = sale.presented(&inside[0]).await;
    assert!(sale.check(&presented).await.is_ok());
    let token = &presented.admissions[0];
    let held = sale.hold(&inside[0], token, 1).await.expect(201);
    assert_eq!(sale.steer("stop").await.expect(200)["state"], "stopped");
    let refused = sale.check(&presented).await.unwrap_err();
    assert!(refused.to_string().contains("stopped the sale"), "{refused}");
    sale.refresh(&sale.app.platform).await;
    // Whoever was in is back at the head of the line.
    let mut places: Vec<_> = sale.positions(&inside).await.into_iter().flatten().collect();
    places.sort_unstable();
    assert_eq!(places, [1, 2]);
    assert_eq!(sale.order(&held, "ada@example.org").await.expect(409)["code"], "sale_stopped");
    sale.steer("resume").await.expect(200);
    sale.tick().await;
    assert_eq!(sale.place(&inside[0]).await["state"], "admitted");
    // The admission of before the stop is still void.
    let refused = sale.check(&presented).await.unwrap_err();
    assert!(refused.to_string().contains("Your turn is over"), "{refused}");
    // What was held before the stop and is still held can be ordered now.
    sale.order(&held, "ada@example.org").await.expect(201);
    sale.app.check().await;
}

#[tokio::test]
async fn a_closed_room_is_in_nobodys_way_and_can_be_armed_anew() {
    let sale = sale(1000).await;
    let first = sale.arm(2).await;
    let ada = sale.join().await;
    sale.steer("close").await.expect(200);
    assert!(sale.check(&Default::default()).await.unwrap().is_none());
    assert_eq!(sale.join_again(&ada).await.expect(409)["code"], "waiting_room_closed");
    assert_eq!(sale.steer("pause").await.expect(409)["code"], "waiting_room_closed");
    let second = sale.arm(60).await;
    assert_ne!(first["seed_hash"], second["seed_hash"]);
    assert_eq!((second["waiting"].as_i64(), second["state"].as_str()), (Some(0), Some("armed")));
}

#[tokio::test]
async fn the_opening_moves_before_the_draw_and_not_after_it() {
    let sale = sale(1000).await;
    let first = sale.arm(60).await;
    let moved = sale.arm(30).await;
    assert_ne!(first["opens_at"], moved["opens_at"]);
    assert_eq!(first["seed_hash"], moved["seed_hash"]);
    sale.wait(&[], 35).await;
    assert_eq!(sale.arm_with(60, json!({})).await.expect(409)["code"], "line_is_drawn");
    let wrong =
        sale.arm_with(60, json!({"shoppers_min": 9, "shoppers_max": 5, "admission_seconds": 5})).await.expect(422);
    let fields: Vec<_> =
        wrong["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["admission_seconds", "shoppers_min"]);
}

#[tokio::test]
async fn people_who_wait_are_told_that_the_last_place_is_sold() {
    let sale = sale(2).await;
    // Two are ordered before there is a waiting room.
    let lines = json!({"lines": [{"ticket_type_id": sale.kind, "quantity": 2}]});
    let held = sale.app.client.post(&format!("/api/v1/events/{}/holds", sale.slug), lines).await.expect(201);
    sale.arm_with(2, json!({"shoppers_min": 1, "shoppers_max": 1})).await.expect(200);
    let people = sale.people(3).await;
    sale.ticks(3).await;
    // All held, none sold: nobody is let in, and nothing is promised or denied.
    let place = sale.place(&people[0]).await;
    assert_eq!((place["is_sold_out"].as_bool(), place["state"].as_str()), (Some(false), Some("waiting")));
    let order = format!("/api/v1/holds/{}/order", held["id"].as_str().unwrap());
    let buyer = json!({"secret": held["secret"], "buyer": {"name": "Ada", "email": "ada@example.org"}});
    sale.app.client.post(&order, buyer).await.expect(201);
    sale.tick().await;
    for person in &people {
        assert_eq!(sale.place(person).await["is_sold_out"], true);
    }
    assert_eq!(sale.figures().await["admitted"], 0);
    // They may stay: a place that comes back lets the first of them in.
    sale.wait(&people, 90).await;
    assert_eq!(sale.figures().await["waiting"], 3);
    sale.organiser
        .patch(&format!("{}/pools/{}", sale.path, pool(&sale).await), 1, json!({"capacity": 3}))
        .await
        .expect(200);
    assert_eq!(sale.tick().await, 1);
    assert_eq!(sale.look().await["is_sold_out"], false);
}

async fn pool(sale: &crate::support::Sale) -> String {
    let pools = sale.organiser.get(&format!("{}/pools", sale.path)).await.expect(200);
    pools["items"][0]["id"].as_str().unwrap().to_owned()
}
