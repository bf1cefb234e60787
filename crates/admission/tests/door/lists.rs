//! Check-in lists.

use serde_json::json;

use crate::support::{house, qr, result, text};

#[tokio::test]
async fn an_event_gets_one_first_list_however_many_ask() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (client, path) = (team.viewer.clone(), format!("{}/check-in-lists", show.path));
        asked.spawn(async move { client.get(&path).await.expect(200) });
    }
    let pages = asked.join_all().await;
    assert!(pages.iter().all(|page| *page == pages[0]));
    let items = pages[0]["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(
        (&items[0]["name"], &items[0]["ticket_type_ids"], &items[0]["admitted"]),
        (&json!("Everyone"), &json!([]), &json!(0))
    );
}

#[tokio::test]
async fn lists_have_names_of_their_own_and_types_of_their_event() {
    let house = house().await;
    let team = house.team();
    let (show, other) = (team.show("Tonight").await, team.show("Tomorrow").await);
    let path = format!("{}/check-in-lists", show.path);
    team.manager.get(&path).await.expect(200);
    house.app.advance(1);
    let made =
        team.manager.post(&path, json!({ "name": "Seats", "ticket_type_ids": [show.types[1], show.types[1]] })).await;
    assert_eq!(made.header("location"), format!("{path}/{}", text(&made.expect(201)["id"])));
    assert_eq!(made.json()["ticket_type_ids"], json!([show.types[1]]));
    let refused = [
        (json!({ "name": "Seats" }), "name", "taken"),
        (json!({ "name": "" }), "name", "invalid"),
        (json!({ "name": "Other", "ticket_type_ids": [other.types[0]] }), "ticket_type_ids", "unknown"),
    ];
    for (body, field, code) in refused {
        let problem = team.manager.post(&path, body).await.expect(422);
        assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!(field), &json!(code)));
    }
    team.door.post(&path, json!({ "name": "Mine" })).await.expect(403);
    let page = team.viewer.get(&path).await.expect(200);
    let names: Vec<String> = page["items"].as_array().unwrap().iter().map(|list| text(&list["name"])).collect();
    assert_eq!(names, ["Everyone", "Seats"]);
}

#[tokio::test]
async fn a_list_is_edited_by_whoever_read_it_last() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let phone = house.phone(&team, &show, "North").await;
    let order = house.order(&show, 0, &["Grace", "Edsger"]).await;
    assert_eq!(result(&phone.client, &qr(&order, 0), 1).await, "admitted");
    let lists = format!("{}/check-in-lists", show.path);
    let page = team.manager.get(&lists).await.expect(200);
    let path = format!("{lists}/{}", text(&page["items"][0]["id"]));
    assert_eq!(team.viewer.get(&path).await.header("etag"), "\"1\"");
    let edited = team.manager.patch(&path, 1, json!({ "name": "Seats", "ticket_type_ids": [show.types[1]] })).await;
    assert_eq!(edited.header("etag"), "\"2\"");
    assert_eq!((&edited.json()["name"], &edited.json()["admitted"]), (&json!("Seats"), &json!(1)));
    let stale = team.manager.patch(&path, 1, json!({ "name": "Late" })).await.expect(412);
    assert_eq!((&stale["code"], &stale["version"]), (&json!("stale"), &json!(2)));
    team.manager
        .send(team.manager.request(reqwest::Method::PATCH, &path).json(&json!({ "name": "Late" })))
        .await
        .expect(428);
    assert_eq!(
        team.manager.patch(&path, 2, json!({ "name": "Seats" })).await.header("etag"),
        "\"2\"",
        "nothing changed"
    );
    team.manager.post(&lists, json!({ "name": "Everyone" })).await.expect(201);
    assert_eq!(
        team.manager.patch(&path, 2, json!({ "name": "Everyone" })).await.expect(422)["errors"][0]["code"],
        "taken"
    );
    team.door.patch(&path, 2, json!({ "name": "Mine" })).await.expect(403);
    // Who is in stays in; the next is looked at by the new rule.
    assert_eq!(result(&phone.client, &qr(&order, 1), 2).await, "wrong_list");
    house.app.check().await;
}

#[tokio::test]
async fn lists_of_missing_and_foreign_events_answer_alike() {
    let house = house().await;
    let (team, elsewhere) = (house.team(), house.team());
    let show = team.show("Tonight").await;
    let event = show.path.rsplit_once('/').unwrap().1;
    for event in [event, "evt_01h455vb4pex5vsknk084sn02q"] {
        let path = elsewhere.path(&format!("/events/{event}/check-in-lists"));
        let mut problem = elsewhere.manager.get(&path).await.expect(404);
        problem["trace_id"] = json!(null);
        let mut other = elsewhere.manager.post(&path, json!({ "name": "Mine" })).await.expect(404);
        other["trace_id"] = json!(null);
        assert_eq!(problem, other);
        elsewhere.manager.get(&elsewhere.path(&format!("/events/{event}/attendees"))).await.expect(404);
    }
    elsewhere.manager.get(&format!("{}/check-in-lists", show.path)).await.expect(404);
}
