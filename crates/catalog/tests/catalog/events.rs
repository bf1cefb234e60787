//! Creating, reading, listing and editing events.

use serde_json::json;

use crate::support::{complaints, concert, house, pair, titles};

#[tokio::test]
async fn a_new_event_is_a_draft_and_reads_as_it_was_written() {
    let house = house().await;
    let team = house.team("northside").await;
    let description = "Three **nights** <script>alert(1)</script>";
    let answer =
        team.editor.post(&team.path("/events"), concert(json!({ "description": description, "hue": 12 }))).await;
    let event = answer.expect(201);
    assert_eq!(answer.header("location"), team.event_path(&event));
    assert_eq!((event["status"].as_str(), event["slug"].as_str()), (Some("draft"), Some("blue-harbour-jazz")));
    assert_eq!(
        (event["starts_at"].as_str(), event["starts_local"].as_str()),
        (Some("2027-03-12T18:00:00Z"), Some("2027-03-12T19:00:00"))
    );
    assert_eq!(
        (event["currency"].as_str(), event["category"].as_str()),
        (Some("EUR"), Some("music")),
        "the currency is the organisation's"
    );
    assert_eq!(event["url"], format!("{}/e/blue-harbour-jazz", team.editor.base()));
    let html = event["description_html"].as_str().unwrap();
    assert!(html.contains("<strong>nights</strong>") && !html.contains("<script"), "{html}");
    assert!(event["cover"].is_null() && event["online_url"].is_null() && event["published_at"].is_null());

    let read = team.viewer.get(&team.event_path(&event)).await;
    assert_eq!(read.expect(200), event);
    assert_eq!(read.header("etag"), "\"1\"");
    house.app.check().await;
}

#[tokio::test]
async fn everything_wrong_with_a_new_event_is_told_at_once() {
    let house = house().await;
    let team = house.team("northside").await;
    let body = json!({ "title": "", "zone": "Mars/Olympus", "attendance": "online", "hue": 400, "slug": "No Slug", "currency": "EURO", "online_url": "ftp://x" });
    let problem = team.editor.post(&team.path("/events"), body).await.expect(422);
    let expected = [
        pair("title", "required"),
        pair("hue", "out_of_range"),
        pair("zone", "not_a_zone"),
        pair("starts_local", "required"),
        pair("ends_local", "required"),
        pair("online_url", "not_a_link"),
        pair("slug", "not_a_slug"),
        pair("currency", "not_a_currency"),
    ];
    assert_eq!(complaints(&problem), expected);
    let unknown = team.editor.post(&team.path("/events"), concert(json!({ "status": "published" }))).await.expect(422);
    assert_eq!(complaints(&unknown), [pair("status", "unknown_field")]);
}

#[tokio::test]
async fn a_taken_address_gets_a_suffix_unless_it_was_asked_for() {
    let house = house().await;
    let (first, second) = (house.team("northside").await, house.team("southside").await);
    assert_eq!(first.create(json!({})).await["slug"], "blue-harbour-jazz");
    // Also when the other event is a foreign draft, which this organisation cannot see.
    let slug = second.create(json!({})).await["slug"].as_str().unwrap().to_owned();
    let suffix = slug.strip_prefix("blue-harbour-jazz-").unwrap();
    assert!(
        suffix.len() == 5 && suffix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
        "{slug}"
    );
    let problem =
        second.editor.post(&second.path("/events"), concert(json!({ "slug": "blue-harbour-jazz" }))).await.expect(422);
    assert_eq!(complaints(&problem), [pair("slug", "taken")]);
    let event = second.create(json!({ "title": "Other" })).await;
    let problem =
        second.editor.patch(&second.event_path(&event), 1, json!({ "slug": "blue-harbour-jazz" })).await.expect(422);
    assert_eq!(complaints(&problem), [pair("slug", "taken")]);
    house.app.check().await;
}

#[tokio::test]
async fn an_edit_needs_the_version_that_was_read() {
    let house = house().await;
    let team = house.team("northside").await;
    let event = team.create(json!({})).await;
    let path = team.event_path(&event);
    let request = team.editor.request(reqwest::Method::PATCH, &path).json(&json!({ "title": "Other" }));
    assert_eq!(team.editor.send(request).await.expect(428)["code"], "if_match_required");

    let answer = team.editor.patch(&path, 1, json!({ "title": "Blue Harbour Jazz 2027", "city": null })).await;
    let edited = answer.expect(200);
    assert_eq!((edited["title"].as_str(), edited["version"].as_i64()), (Some("Blue Harbour Jazz 2027"), Some(2)));
    assert!(edited["city"].is_null());
    assert_eq!(answer.header("etag"), "\"2\"");

    let stale = team.editor.patch(&path, 1, json!({ "title": "Too late" })).await.expect(412);
    assert_eq!((stale["code"].as_str(), stale["version"].as_i64()), (Some("stale"), Some(2)));
    assert_eq!(team.editor.patch(&path, 2, json!({})).await.expect(200)["version"], 2, "nothing changed");
    let problem = team.editor.patch(&path, 2, json!({ "title": " ", "zone": "X/Y" })).await.expect(422);
    assert_eq!(complaints(&problem), [pair("title", "required"), pair("zone", "not_a_zone")]);
    house.app.check().await;
}

#[tokio::test]
async fn two_editors_at_once_do_not_overwrite_each_other() {
    let house = house().await;
    let team = house.team("northside").await;
    let event = team.create(json!({})).await;
    let path = team.event_path(&event);
    let (left, right) = tokio::join!(
        team.editor.patch(&path, 1, json!({ "title": "Left" })),
        team.editor.patch(&path, 1, json!({ "title": "Right" }))
    );
    let mut statuses = [left.status.as_u16(), right.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    house.app.check().await;
}

#[tokio::test]
async fn a_foreign_event_is_not_there() {
    let house = house().await;
    let (mine, theirs) = (house.team("northside").await, house.team("southside").await);
    let event = theirs.create(json!({})).await;
    let through_mine = mine.path(&format!("/events/{}", event["id"].as_str().unwrap()));
    for path in [&through_mine, &theirs.event_path(&event)] {
        assert_eq!(mine.editor.get(path).await.expect(404)["code"], "not_found");
        assert_eq!(mine.editor.patch(path, 1, json!({ "title": "Mine" })).await.expect(404)["code"], "not_found");
        assert_eq!(mine.editor.post(&format!("{path}/cancel"), json!({})).await.expect(404)["code"], "not_found");
    }
    assert_eq!(mine.viewer.get(&mine.path("/events")).await.expect(200)["items"], json!([]));
    mine.editor.get(&mine.path("/events/evt_nonsense")).await.expect(404);
}

#[tokio::test]
async fn looking_and_editing_are_different_rights() {
    let house = house().await;
    let team = house.team("northside").await;
    let event = team.create(json!({})).await;
    team.viewer.get(&team.event_path(&event)).await.expect(200);
    team.viewer.post(&team.path("/events"), concert(json!({}))).await.expect(403);
    team.viewer.patch(&team.event_path(&event), 1, json!({ "title": "Mine" })).await.expect(403);
    team.viewer.post(&format!("{}/cancel", team.event_path(&event)), json!({})).await.expect(403);
    house.app.client.get(&team.event_path(&event)).await.expect(401);
}

#[tokio::test]
async fn an_organisation_lists_its_events_the_latest_first() {
    let house = house().await;
    let team = house.team("northside").await;
    assert_eq!(team.viewer.get(&team.path("/events")).await.expect(200), json!({ "items": [], "next_cursor": null }));
    let first = team.create(json!({ "title": "First" })).await;
    assert_eq!(titles(&team.viewer.get(&team.path("/events")).await.expect(200)), ["First"]);
    team.create(json!({ "title": "Third", "starts_local": "2027-05-01T10:00", "ends_local": "2027-05-01T12:00" }))
        .await;
    team.create(json!({ "title": "Second", "starts_local": "2027-04-01T10:00", "ends_local": "2027-04-01T12:00", "description": "With a saxophone." })).await;
    house.publish(&team, &first, false).await.unwrap();

    assert_eq!(titles(&team.viewer.get(&team.path("/events")).await.expect(200)), ["Third", "Second", "First"]);
    assert_eq!(titles(&team.viewer.get(&team.path("/events?status=draft")).await.expect(200)), ["Third", "Second"]);
    assert_eq!(
        titles(&team.viewer.get(&team.path("/events?q=THI")).await.expect(200)),
        ["Third"],
        "a part of the title"
    );
    assert_eq!(
        titles(&team.viewer.get(&team.path("/events?q=saxophone")).await.expect(200)),
        ["Second"],
        "a word of the text"
    );
    let page = team.viewer.get(&team.path("/events?limit=2")).await.expect(200);
    assert_eq!(titles(&page), ["Third", "Second"]);
    let next = team
        .viewer
        .get(&team.path(&format!("/events?limit=2&cursor={}", page["next_cursor"].as_str().unwrap())))
        .await
        .expect(200);
    assert_eq!((titles(&next), next["next_cursor"].is_null()), (vec!["First".to_owned()], true));
    let problem = team.viewer.get(&team.path("/events?cursor=x")).await.expect(422);
    assert_eq!(complaints(&problem), [pair("cursor", "not_a_cursor")]);
    team.viewer.get(&team.path("/events?status=archived")).await.expect(422);
}
