//! The public page of an organisation, and how it follows identity.

use kernel::events::{OrganisationEdited, OrganisationProfile};
use platform::{Failure, Never, Scope, Tx};
use serde_json::json;

use crate::support::{complaints, house, pair, profile};

async fn record_edited(tx: &mut Tx, event: OrganisationEdited) -> Result<(), Failure<Never>> {
    tx.record(Some(event.organisation), &event).await?;
    Ok(())
}

#[tokio::test]
async fn a_page_is_there_as_soon_as_the_journal_was_read() {
    let house = house().await;
    let team = house.team("northside").await;
    let page = team.viewer.get(&team.path("/page")).await.expect(200);
    assert_eq!(
        (page["slug"].as_str(), page["name"].as_str(), page["version"].as_i64()),
        (Some("northside"), Some("northside events"), Some(1))
    );
    assert_eq!(house.app.client.get("/api/v1/pages/northside").await.expect(200), page);
    house.app.client.get("/api/v1/pages/southside").await.expect(404);
    house.app.client.get(&team.path("/page")).await.expect(401);
}

#[tokio::test]
async fn an_organisation_writes_its_page() {
    let house = house().await;
    let team = house.team("northside").await;
    let page = team
        .editor
        .put(
            &team.path("/page"),
            json!({ "about": "Concerts *by the water*.", "website": "https://northside.example", "hue": 200 }),
        )
        .await
        .expect(200);
    assert_eq!((page["hue"].as_i64(), page["version"].as_i64()), (Some(200), Some(2)));
    assert!(page["about_html"].as_str().unwrap().contains("<em>by the water</em>"));
    let problem = team
        .editor
        .put(&team.path("/page"), json!({ "about": "", "website": "northside", "hue": 400 }))
        .await
        .expect(422);
    assert_eq!(complaints(&problem), [pair("website", "not_a_link"), pair("hue", "out_of_range")]);
    let stale =
        team.editor.request(reqwest::Method::PUT, &team.path("/page")).header("If-Match", "\"1\"").json(&json!({}));
    assert_eq!(team.editor.send(stale).await.expect(412)["version"], 2);
    team.viewer.put(&team.path("/page"), json!({})).await.expect(403);
    let other = house.team("southside").await;
    other.editor.put(&team.path("/page"), json!({})).await.expect(404);
    house.app.check().await;
}

#[tokio::test]
async fn a_renamed_organisation_keeps_what_it_wrote() {
    let house = house().await;
    let team = house.team("northside").await;
    team.editor.put(&team.path("/page"), json!({ "about": "Concerts." })).await.expect(200);
    house.app.advance(60);
    let renamed = OrganisationProfile { name: "Northside Concerts".to_owned(), ..profile("northside-concerts") };
    let event = OrganisationEdited { organisation: team.organisation, profile: renamed };
    house.app.platform.db.write(Scope::Tenant(team.organisation), "rename", event, record_edited).await.unwrap();
    house.settle().await;
    house.app.client.get("/api/v1/pages/northside").await.expect(404);
    let page = house.app.client.get("/api/v1/pages/northside-concerts").await.expect(200);
    assert_eq!((page["name"].as_str(), page["about"].as_str()), (Some("Northside Concerts"), Some("Concerts.")));
}

#[tokio::test]
async fn an_older_change_that_comes_late_does_not_win() {
    use catalog::page::follow::{Follow, follow};
    let house = house().await;
    let team = house.team("northside").await;
    let now = house.app.platform.clock.now();
    let at = |seconds: i64| now + jiff::SignedDuration::from_secs(seconds);
    for (slug, recorded_at) in [("newest", at(20)), ("older", at(10)), ("newest", at(20))] {
        let command = Follow { organisation: team.organisation, profile: profile(slug), recorded_at };
        house
            .app
            .platform
            .db
            .write(Scope::Tenant(team.organisation), "follow_organisation", command, follow)
            .await
            .unwrap();
    }
    let page = house.app.client.get("/api/v1/pages/newest").await.expect(200);
    assert_eq!(page["version"], 2, "and what is delivered twice changes nothing");
}
