//! Waiting for a turn, with forms and links only.

use boxoffice::waiting_room::{rooms, tick};
use serde_json::json;
use testkit::TestApp;

use crate::html::{fill, form, words};
use crate::support::{free, organiser, page, post, redirect, start, visitor};

/// A second passes on the only node.
async fn tick(app: &TestApp, slug: &str) {
    app.advance(1);
    tick::tick_all(&app.platform, "site").await.unwrap();
    let hall = rooms::of(&app.platform).hall_by_slug(&app.platform, slug).await.unwrap();
    hall.refresh(&app.platform).await.unwrap();
}

#[tokio::test]
async fn a_visitor_waits_and_buys_when_it_is_their_turn() {
    let app = start().await;
    let organiser = organiser(&app, "Northside").await;
    let event = organiser.event("Jazz", &[free("Friday", 50)]).await;
    let queue = format!("/e/{}/queue", event.slug);
    let ada = visitor(&app);
    // Without a waiting room the way leads to the tickets.
    assert_eq!(redirect(&ada, &ada.get(&queue).await), format!("/e/{}#tickets", event.slug));

    let opens_at = app.platform.clock.now() + jiff::SignedDuration::from_secs(2);
    let room = json!({"opens_at": opens_at.to_string(), "shoppers_min": 1, "shoppers_max": 1});
    organiser.client.put(&format!("{}/waiting-room", event.path), room).await.expect(200);
    assert_eq!(redirect(&ada, &event.choose(&ada, &["1"]).await), queue);

    let invited = page(&ada, &queue).await;
    assert!(words(&invited).contains("There is a waiting room"), "{}", words(&invited));
    let place = redirect(&ada, &post(&ada, &queue, &fill(form(&invited, &queue), &[])).await);
    assert!(place.starts_with(&format!("{queue}?place=wte_")), "{place}");
    let waiting = page(&ada, &place).await;
    assert!(words(&waiting).contains("You are in the waiting room"), "{}", words(&waiting));
    assert!(waiting.contains("http-equiv=\"refresh\""));
    // The address alone is worth nothing to anyone else.
    assert!(words(&page(&visitor(&app), &place).await).contains("There is a waiting room"));

    for _ in 0..3 {
        tick(&app, &event.slug).await;
    }
    let bob = visitor(&app);
    let invited = page(&bob, &queue).await;
    let behind = redirect(&bob, &post(&bob, &queue, &fill(form(&invited, &queue), &[])).await);
    tick(&app, &event.slug).await;
    assert!(words(&page(&bob, &behind).await).contains("You are next"));
    let turn = page(&ada, &place).await;
    assert!(words(&turn).contains("It is your turn") && words(&turn).contains("Choose tickets"), "{}", words(&turn));
    let order = event.buy(&ada, &["1"]).await;
    assert!(order.starts_with("/o/"), "{order}");
    assert_eq!(redirect(&bob, &event.choose(&bob, &["1"]).await), queue);

    // Bob gives up.
    let shown = page(&bob, &behind).await;
    let leave = format!("{queue}/leave");
    let left = redirect(&bob, &post(&bob, &leave, &fill(form(&shown, &leave), &[])).await);
    assert!(words(&page(&bob, &left).await).contains("You left the line"));
    app.check().await;
}
