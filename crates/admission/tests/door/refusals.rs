//! Who is kept out, and what the door is told.

use serde_json::{Value, json};

use crate::support::{first_list, house, log, nonce, qr, result, scan, text};

/// A signed code with one character in the middle of its signature exchanged for another, so that it always differs.
fn forge(code: &str) -> String {
    let (head, tail) = code.split_at(80);
    let other = if tail.starts_with('0') { "1" } else { "0" };
    format!("{head}{other}{}", &tail[1..])
}

#[tokio::test]
async fn tickets_that_are_not_for_here_are_kept_out_with_the_reason() {
    let house = house().await;
    let team = house.team();
    let (show, other_show) = (team.show("Tonight").await, team.show("Tomorrow").await);
    let elsewhere = house.team();
    let foreign_show = elsewhere.show("Elsewhere").await;
    let body = json!({ "name": "Seats", "ticket_type_ids": [show.types[1]] });
    let seats = text(&team.manager.post(&format!("{}/check-in-lists", show.path), body).await.expect(201)["id"]);
    let phone = house.phone_of(&team, &show, &seats, "North").await;

    let standing = house.order(&show, 0, &["Grace"]).await;
    let cancelled = house.order(&show, 1, &["Edsger"]).await;
    let tomorrow = house.order(&other_show, 1, &["Barbara"]).await;
    let foreign = house.order(&foreign_show, 1, &["Niklaus"]).await;
    house.app.advance(1);
    team.cancel(&show, &text(&cancelled["code"])).await;

    let human = |order: &Value| text(&order["tickets"][0]["code"]);
    let (standing_code, foreign_code) = (human(&standing), human(&foreign));
    let forged = forge(&qr(&standing, 0));
    let cases = [
        (qr(&standing, 0), "wrong_list"),
        (standing_code, "wrong_list"),
        (qr(&cancelled, 0), "cancelled"),
        (human(&cancelled), "cancelled"),
        (qr(&tomorrow, 0), "wrong_event"),
        (human(&tomorrow), "wrong_event"),
        (qr(&foreign, 0), "unknown_ticket"),
        (foreign_code, "unknown_ticket"),
        ("PK8DH2XQ-1".to_owned(), "unknown_ticket"),
        ("https://example.org/".to_owned(), "unknown_ticket"),
        (forged, "forged"),
        ("T1:HELLO".to_owned(), "forged"),
    ];
    for (number, (code, expected)) in cases.iter().enumerate() {
        let answer = scan(&phone.client, code, u128::try_from(number).unwrap()).await.expect(200);
        assert_eq!(answer["result"], *expected, "{code}");
        assert_eq!((&answer["admitted_at"], &answer["undo_until"]), (&json!(null), &json!(null)), "{code}");
        let is_shown = ["wrong_list", "cancelled"].contains(expected);
        assert_eq!(answer["ticket"].is_object(), is_shown, "{code}");
    }
    let expected: Vec<&str> = cases.iter().rev().take(10).map(|(_, result)| *result).collect();
    assert_eq!(log(&phone).await, expected, "every try is in the log");
    house.app.check().await;
}

#[tokio::test]
async fn a_ticket_cancelled_after_it_came_in_is_not_let_in_again() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let phone = house.phone(&team, &show, "North").await;
    let order = house.order(&show, 0, &["Grace"]).await;
    assert_eq!(result(&phone.client, &qr(&order, 0), 1).await, "admitted");
    house.app.advance(1);
    team.cancel(&show, &text(&order["code"])).await;
    assert_eq!(result(&phone.client, &qr(&order, 0), 2).await, "cancelled");
    assert_eq!(result(&phone.client, &qr(&order, 0), 1).await, "admitted", "the same scan keeps its answer");
    house.app.check().await;
}

#[tokio::test]
async fn what_is_no_scan_is_a_problem() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let phone = house.phone(&team, &show, "North").await;
    let post = |body: Value| phone.client.post("/api/v1/door/scans", body);
    assert_eq!(post(json!({ "code": "", "nonce": nonce(1) })).await.expect(422)["errors"][0]["field"], "code");
    assert_eq!(
        post(json!({ "code": "X".repeat(1001), "nonce": nonce(1) })).await.expect(422)["errors"][0]["field"],
        "code"
    );
    assert_eq!(post(json!({ "code": "X", "nonce": "1" })).await.expect(422)["errors"][0]["field"], "nonce");
    assert_eq!(
        post(json!({ "code": "X", "nonce": nonce(1), "list": "x" })).await.expect(422)["errors"][0]["code"],
        "unknown_field"
    );
    assert!(log(&phone).await.is_empty());
}

#[tokio::test]
async fn search_shows_the_tickets_of_this_list_and_whether_they_are_in() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let body = json!({ "name": "Seats", "ticket_type_ids": [show.types[1]] });
    let seats = text(&team.manager.post(&format!("{}/check-in-lists", show.path), body).await.expect(201)["id"]);
    let phone = house.phone_of(&team, &show, &seats, "North").await;
    let order = house.order(&show, 1, &["Grace Hopper", "Edsger Dijkstra"]).await;
    house.order(&show, 0, &["Grace Kelly"]).await;
    assert_eq!(result(&phone.client, &qr(&order, 0), 1).await, "admitted");
    let names = |page: &Value| -> Vec<(String, bool)> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| (text(&item["holder_name"]), item["admitted_at"].is_string())).collect()
    };
    let one = |name: &str, is_in: bool| (name.to_owned(), is_in);
    let search = async |q: &str| phone.client.get(&format!("/api/v1/door/search?q={q}")).await;
    assert_eq!(names(&search("grace").await.expect(200)), [one("Grace Hopper", true)]);
    let both = [one("Edsger Dijkstra", false), one("Grace Hopper", true)];
    assert_eq!(names(&search("ada@example.org").await.expect(200)), both);
    assert_eq!(names(&search(&text(&order["code"])).await.expect(200)), both);
    assert_eq!(names(&search("nobody").await.expect(200)), []);
    search("g").await.expect(422);
    let everyone = first_list(&team, &show).await;
    let path = team.path(&format!("/check-in-lists/{everyone}/search?q=hopper"));
    let by_list = team.door.get(&path).await.expect(200);
    assert_eq!(by_list["items"].as_array().unwrap().len(), 1);
}
