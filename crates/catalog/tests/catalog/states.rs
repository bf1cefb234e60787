//! Publishing, taking back, calling off.

use catalog::api::{self, EventStatus, PublishRefusal};
use kernel::{EventId, OrganisationId};
use platform::{Failure, Scope, Tx};
use serde_json::json;

use crate::support::{complaints, house, id_of, pair};

async fn unpublish(
    tx: &mut Tx,
    (organisation, event): (OrganisationId, EventId),
) -> Result<api::Event, Failure<PublishRefusal>> {
    api::unpublish(tx, organisation, event).await
}

#[tokio::test]
async fn a_published_event_is_public_and_a_draft_is_not() {
    let house = house().await;
    let team = house.team("northside").await;
    let event = team.create(json!({})).await;
    let public = &house.app.client;
    public.get("/api/v1/events/blue-harbour-jazz").await.expect(404);
    assert_eq!(public.get("/api/v1/events").await.expect(200)["items"], json!([]));

    house.publish(&team, &event, true).await.unwrap();
    assert_eq!(public.get("/api/v1/events/blue-harbour-jazz").await.expect(200)["status"], "unlisted");
    assert_eq!(public.get("/api/v1/events").await.expect(200)["items"], json!([]), "found by its address only");

    let published = house.publish(&team, &event, false).await.unwrap();
    assert_eq!((published.facts.status, published.facts.version), (EventStatus::Published, 3));
    let again = house.publish(&team, &event, false).await.unwrap();
    assert_eq!(again.facts.version, 3, "doing it again changes nothing");
    assert_eq!(public.get("/api/v1/events").await.expect(200)["items"][0]["slug"], "blue-harbour-jazz");

    let command = (team.organisation, id_of(&event));
    house.app.platform.db.write(Scope::Tenant(team.organisation), "unpublish_event", command, unpublish).await.unwrap();
    public.get("/api/v1/events/blue-harbour-jazz").await.expect(404);
    house.app.check().await;
}

#[tokio::test]
async fn an_event_that_is_not_ready_stays_a_draft() {
    let house = house().await;
    let team = house.team("northside").await;
    let event = team.create(json!({ "attendance": "hybrid", "venue_name": null, "address": null })).await;
    let Err(Failure::Refused(PublishRefusal::NotReady(items))) = house.publish(&team, &event, false).await else {
        panic!("it is not ready")
    };
    let shown: Vec<(&str, bool)> = items.iter().map(|item| (item.code.as_str(), item.ok)).collect();
    assert_eq!(shown, [("place", false), ("online_url", false)]);
    team.editor
        .patch(
            &team.event_path(&event),
            1,
            json!({ "venue_name": "Pakhuis 14", "online_url": "https://meet.example.org/room" }),
        )
        .await
        .expect(200);
    house.publish(&team, &event, false).await.unwrap();
    let problem = team
        .editor
        .patch(&team.event_path(&event), 3, json!({ "online_url": null, "slug": "other" }))
        .await
        .expect(422);
    assert_eq!(complaints(&problem), [pair("slug", "fixed_while_public"), pair("online_url", "needed_while_public")]);
}

#[tokio::test]
async fn only_ticket_holders_and_the_organisation_get_the_link() {
    let house = house().await;
    let team = house.team("northside").await;
    let event =
        house.published(&team, json!({ "attendance": "online", "online_url": "https://meet.example.org/room" })).await;
    for path in ["/api/v1/events/blue-harbour-jazz", "/api/v1/events"] {
        let answer = house.app.client.get(path).await;
        answer.expect(200);
        assert!(!answer.text().contains("meet.example.org"), "{}", answer.text());
    }
    assert_eq!(
        team.viewer.get(&team.event_path(&event)).await.expect(200)["online_url"],
        "https://meet.example.org/room"
    );
}

#[tokio::test]
async fn a_cancelled_event_keeps_its_page_and_leaves_the_list() {
    let house = house().await;
    let team = house.team("northside").await;
    let event = team.create(json!({})).await;
    let cancel = format!("{}/cancel", team.event_path(&event));
    assert_eq!(team.editor.post(&cancel, json!({})).await.expect(409)["code"], "is_draft");
    house.publish(&team, &event, false).await.unwrap();
    let cancelled = team.editor.post(&cancel, json!({})).await.expect(200);
    assert_eq!((cancelled["status"].as_str(), cancelled["cancelled_at"].is_string()), (Some("cancelled"), true));
    assert_eq!(team.editor.post(&cancel, json!({})).await.expect(409)["code"], "already_cancelled");
    assert_eq!(house.app.client.get("/api/v1/events/blue-harbour-jazz").await.expect(200)["status"], "cancelled");
    assert_eq!(house.app.client.get("/api/v1/events").await.expect(200)["items"], json!([]));
    let Err(Failure::Refused(refusal)) = house.publish(&team, &event, false).await else {
        panic!("it stays cancelled")
    };
    assert_eq!(refusal, PublishRefusal::Cancelled);
    house.app.check().await;
}

#[tokio::test]
async fn an_old_event_keeps_its_page() {
    let house = house().await;
    let team = house.team("northside").await;
    house.published(&team, json!({})).await;
    house.app.advance(400 * 86_400);
    assert_eq!(
        house.app.client.get("/api/v1/events/blue-harbour-jazz").await.expect(200)["title"],
        "Blue Harbour Jazz"
    );
    assert_eq!(house.app.client.get("/api/v1/events").await.expect(200)["items"], json!([]));
}

async fn journal_kinds(tx: &mut Tx, event: EventId) -> Result<Vec<String>, Failure<platform::Never>> {
    let kinds = sqlx::query_scalar(
        "select kind from platform.journal where aggregate_kind = 'event' and aggregate_id = $1 order by aggregate_version",
    );
    Ok(kinds.bind(event.uuid()).fetch_all(tx.conn()).await?)
}

#[tokio::test]
async fn every_change_is_in_the_journal() {
    let house = house().await;
    let team = house.team("northside").await;
    let event = team.create(json!({})).await;
    team.editor.patch(&team.event_path(&event), 1, json!({ "title": "Other" })).await.expect(200);
    team.editor.patch(&team.event_path(&event), 2, json!({ "title": "Other" })).await.expect(200);
    house.publish(&team, &event, false).await.unwrap();
    team.editor.post(&format!("{}/cancel", team.event_path(&event)), json!({})).await.expect(200);
    let kinds = house
        .app
        .platform
        .db
        .read(Scope::Tenant(team.organisation), "read_journal", id_of(&event), journal_kinds)
        .await
        .unwrap();
    assert_eq!(
        kinds,
        ["catalog.event_created", "catalog.event_edited", "catalog.event_published", "catalog.event_cancelled"]
    );
}
