//! What the public finds.

use kernel::Role;
use platform::{Failure, Never, Scope, Tx};
use serde_json::json;

use crate::support::{House, complaints, house, pair, titles};

async fn found(house: &House, query: &str) -> Vec<String> {
    titles(&house.app.client.get(&format!("/api/v1/events{query}")).await.expect(200))
}

#[tokio::test]
async fn events_are_found_by_words_city_kind_and_dates() {
    let house = house().await;
    let (north, south) = (house.team("northside").await, house.team("southside").await);
    house.published(&north, json!({ "title": "Jazz", "description": "With a saxophone." })).await;
    assert_eq!(found(&house, "").await, ["Jazz"]);
    let april = json!({ "title": "Rust Meetup", "city": "Delft", "category": "meetup", "starts_local": "2027-04-01T19:00", "ends_local": "2027-04-01T22:00" });
    house.published(&south, april).await;
    let weekend = json!({ "title": "Conference", "category": "conference", "starts_local": "2027-03-13T09:00", "ends_local": "2027-03-14T17:00" });
    house.published(&south, weekend).await;

    assert_eq!(
        found(&house, "").await,
        ["Jazz", "Conference", "Rust Meetup"],
        "the earliest first, of all organisations"
    );
    assert_eq!(found(&house, "?q=saxophone").await, ["Jazz"]);
    assert_eq!(found(&house, "?q=rust+or+jazz").await, ["Jazz", "Rust Meetup"]);
    assert_eq!(found(&house, "?q=rotterdam+-jazz").await, ["Conference"]);
    assert_eq!(found(&house, "?q=%22meetup+rust%22").await, Vec::<String>::new());
    assert_eq!(found(&house, "?city=delft").await, ["Rust Meetup"]);
    assert_eq!(found(&house, "?category=music&q=&city=&from=&to=").await, ["Jazz"]);
    assert_eq!(found(&house, "?from=2027-03-14&to=2027-03-14").await, ["Conference"], "the second day counts");
    assert_eq!(found(&house, "?from=2027-03-15").await, ["Rust Meetup"]);
    assert_eq!(found(&house, "?to=2027-03-12").await, ["Jazz"]);
    let problem = house.app.client.get("/api/v1/events?category=opera&from=x").await.expect(422);
    assert_eq!(complaints(&problem), [pair("category", "unknown"), pair("from", "not_a_date")]);
}

#[tokio::test]
async fn a_list_is_walked_page_by_page_also_when_events_start_together() {
    let house = house().await;
    let team = house.team("northside").await;
    for title in ["One", "Two", "Three", "Four"] {
        house.published(&team, json!({ "title": title })).await;
        house.app.advance(1);
    }
    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = house.app.client.get(&format!("/api/v1/events{query}")).await.expect(200);
        seen.extend(titles(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["One", "Two", "Three", "Four"]);
}

#[tokio::test]
async fn an_event_that_has_begun_is_listed_until_its_end() {
    let house = house().await;
    let team = house.team("northside").await;
    // The clock stands at 2026-12-01T10:00Z.
    house
        .published(
            &team,
            json!({ "title": "Now", "starts_local": "2026-12-01T10:00", "ends_local": "2026-12-01T12:00" }),
        )
        .await;
    house
        .published(
            &team,
            json!({ "title": "Over", "starts_local": "2026-12-01T09:00", "ends_local": "2026-12-01T11:00" }),
        )
        .await;
    assert_eq!(found(&house, "").await, ["Now"]);
    house.app.advance(3_600);
    assert_eq!(found(&house, "").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_public_event_names_its_organiser() {
    let house = house().await;
    let team = house.team("northside").await;
    house.published(&team, json!({})).await;
    let event = house.app.client.get("/api/v1/events/blue-harbour-jazz").await.expect(200);
    let organiser = json!({
        "id": team.organisation.to_string(),
        "slug": "northside",
        "name": "northside events",
        "contact_email": "hello@northside.example",
        "url": format!("{}/@northside", team.editor.base()),
    });
    assert_eq!(event["organiser"], organiser);
    assert_eq!(event["when"], "Fri 12 March 2027, 19:00–01:00 CET");
    assert_eq!(event["place"], json!(["Pakhuis 14", "Rijnhaven 14", "Rotterdam, Netherlands"]));
    for private in ["version", "created_at", "organisation_id", "online_url"] {
        assert!(event.get(private).is_none(), "{private}");
    }
    house.app.client.get("/api/v1/events/no-such-event").await.expect(404);
    house.app.client.get("/api/v1/events/NOT%20A%20SLUG").await.expect(404);
}

async fn count_events(tx: &mut Tx, (): ()) -> Result<i64, Failure<Never>> {
    Ok(sqlx::query_scalar("select count(*) from catalog.event").fetch_one(tx.conn()).await?)
}

#[tokio::test]
async fn the_database_itself_hides_drafts_and_foreign_events() {
    let house = house().await;
    let (north, south) = (house.team("northside").await, house.team("southside").await);
    north.create(json!({ "title": "Draft" })).await;
    house.published(&north, json!({ "title": "Public" })).await;
    let count = async |scope: Scope| house.app.platform.db.read(scope, "count_events", (), count_events).await.unwrap();
    assert_eq!(count(Scope::Tenant(north.organisation)).await, 2);
    assert_eq!(count(Scope::Tenant(south.organisation)).await, 0);
    assert_eq!(count(Scope::Public).await, 1);
    assert_eq!(count(Scope::Nobody).await, 0, "without a scope there is nothing");
    let outsider = house.person(south.organisation, Role::Owner);
    assert_eq!(titles(&outsider.get(&south.path("/events")).await.expect(200)), Vec::<String>::new());
}
