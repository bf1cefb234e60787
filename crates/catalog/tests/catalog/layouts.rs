//! Layouts: drawn, exported, replaced, fenced, and as large as they may be.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Response};

use crate::support::{Team, complaints, house, pair};

fn studio(name: &str) -> Value {
    json!({
        "name": name,
        "categories": [{"key": "A", "name": "Stalls"}],
        "sections": [{
            "key": "S", "name": "Stalls",
            "rows": [{"label": "1", "category": "A", "seats": [{"id": "S-1-1", "label": "1", "x": 0, "y": 0}, {"id": "S-1-2", "label": "2", "x": 5, "y": 0}]}],
            "standing": [{"key": "PIT", "name": "Pit", "category": "A", "capacity": 50}],
        }],
    })
}

async fn replace(client: &Client, path: &str, version: Option<i64>, body: &Value) -> Response {
    let request = client.request(Method::PUT, path).json(body);
    let request = match version {
        Some(version) => request.header("If-Match", format!("\"{version}\"")),
        None => request,
    };
    client.send(request).await
}

async fn create(team: &Team, body: Value) -> Value {
    team.editor.post(&team.path("/layouts"), body).await.expect(201)
}

#[tokio::test]
async fn a_layout_is_exported_as_it_was_imported() {
    let house = house().await;
    let team = house.team("northside").await;
    let answer = team.editor.post(&team.path("/layouts"), studio("Studio")).await;
    let made = answer.expect(201);
    assert_eq!(
        (made["version"].as_i64(), made["seats"].as_i64(), made["standing_places"].as_i64()),
        (Some(1), Some(2), Some(50))
    );
    let path = team.path(&format!("/layouts/{}", made["id"].as_str().unwrap()));
    assert_eq!(answer.header("location"), path);
    let shown = team.viewer.get(&path).await;
    assert_eq!(shown.header("etag"), "\"1\"");
    assert_eq!(shown.expect(200)["document"], studio("Studio"));
    assert_eq!(team.viewer.get(&team.path("/layouts")).await.expect(200)["items"][0]["name"], "Studio");
    team.viewer.post(&team.path("/layouts"), studio("Mine")).await.expect(403);
    house.app.check().await;
}

#[tokio::test]
async fn a_replaced_layout_keeps_its_versions() {
    let house = house().await;
    let team = house.team("northside").await;
    let made = create(&team, studio("Studio")).await;
    let path = team.path(&format!("/layouts/{}", made["id"].as_str().unwrap()));
    let mut larger = studio("Studio, larger");
    larger["sections"][0]["standing"][0]["capacity"] = json!(80);

    replace(&team.editor, &path, None, &larger).await.expect(428);
    let second = replace(&team.editor, &path, Some(1), &larger).await;
    assert_eq!((second.header("etag"), &second.expect(200)["standing_places"]), ("\"2\"", &json!(80)));
    let stale = replace(&team.editor, &path, Some(1), &studio("Other")).await.expect(412);
    assert_eq!((stale["code"].as_str(), stale["version"].as_i64()), (Some("stale"), Some(2)), "{stale}");
    let same = replace(&team.editor, &path, Some(2), &larger).await.expect(200);
    assert_eq!(same["version"], 2, "a document that changes nothing makes no version");

    let first = team.viewer.get(&format!("{path}/versions/1")).await;
    assert_eq!(first.expect(200)["document"], studio("Studio"));
    assert_eq!(first.header("cache-control"), "private, max-age=31536000, immutable");
    assert_eq!(team.viewer.get(&path).await.expect(200)["document"], larger);
    team.viewer.get(&format!("{path}/versions/3")).await.expect(404);
    house.app.check().await;
}

#[tokio::test]
async fn layouts_of_others_are_not_there() {
    let house = house().await;
    let (team, other) = (house.team("northside").await, house.team("southside").await);
    let made = create(&team, studio("Studio")).await;
    let path = other.path(&format!("/layouts/{}", made["id"].as_str().unwrap()));
    other.viewer.get(&path).await.expect(404);
    other.viewer.get(&format!("{path}/versions/1")).await.expect(404);
    replace(&other.editor, &path, Some(1), &studio("Ours")).await.expect(404);
    assert_eq!(other.viewer.get(&other.path("/layouts")).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let house = house().await;
    let team = house.team("northside").await;
    let refused = async |body: Value| complaints(&team.editor.post(&team.path("/layouts"), body).await.expect(422));
    let mut unknown = studio("Studio");
    unknown["sections"][0]["rows"][0]["seats"][1]["colour"] = json!("red");
    assert_eq!(refused(unknown).await, [pair("sections.0.rows.0.seats.1.colour", "unknown_field")]);
    let mut wrong = studio("Studio");
    wrong["sections"][0]["rows"][0]["seats"][1]["x"] = json!("far");
    assert_eq!(refused(wrong).await, [pair("sections.0.rows.0.seats.1.x", "invalid")]);
    let mut twice = studio("Studio");
    twice["sections"][0]["rows"][0]["seats"][1]["label"] = json!("1");
    twice["sections"][0]["standing"][0]["category"] = json!("Z");
    let expected =
        [pair("sections.0.rows.0.seats.1.label", "repeated"), pair("sections.0.standing.0.category", "unknown")];
    assert_eq!(refused(twice).await, expected);
    team.viewer.get(&team.path("/layouts?cursor=lay_x")).await.expect(422);
}

/// A hall of so many seats, `C-1` and on, in rows of a hundred.
fn hall(seats: usize) -> Value {
    let row = |row: usize| {
        let seats: Vec<Value> = (0..100)
            .map(|at| json!({"id": format!("H-{row}-{}", at + 1), "label": (at + 1).to_string(), "x": at * 5, "y": row * 9}))
            .collect();
        json!({"label": row.to_string(), "category": "A", "seats": seats})
    };
    let rows: Vec<Value> = (0..seats / 100).map(row).collect();
    json!({"name": "Arena", "categories": [{"key": "A", "name": "All"}], "sections": [{"key": "H", "name": "Hall", "rows": rows}]})
}

#[tokio::test]
async fn a_hall_of_100_000_seats_comes_back_as_it_went_in() {
    let house = house().await;
    let team = house.team("northside").await;
    let arena = hall(100_000);
    let made = create(&team, arena.clone()).await;
    assert_eq!(made["seats"], 100_000);
    let path = team.path(&format!("/layouts/{}", made["id"].as_str().unwrap()));
    assert_eq!(team.viewer.get(&path).await.expect(200)["document"], arena);

    let larger = hall(100_100);
    assert_eq!(
        complaints(&team.editor.post(&team.path("/layouts"), larger).await.expect(422)),
        [pair("sections", "too_many")]
    );
    let huge = json!({"name": "x".repeat(13_000_000), "categories": [], "sections": []});
    team.editor.post(&team.path("/layouts"), huge).await.expect(413);
    house.app.check().await;
}
