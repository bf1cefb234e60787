//! An event's page in every state, and the lists that lead to it.

use serde_json::json;

use crate::html::words;
use crate::support::{free, organiser, page, start, visitor};

#[tokio::test]
async fn a_sale_that_is_to_come_says_when() {
    let app = start().await;
    let kind = json!({ "name": "Friday", "pricing": "free", "capacity": 9, "sale_starts_at": "2027-01-01T09:00:00Z" });
    let event = organiser(&app, "Northside").await.event("Jazz", &[kind]).await;
    let shown = page(&visitor(&app), &event.page()).await;
    let text = words(&shown);
    assert!(
        text.contains("Not yet on sale") && text.contains("Tickets go on sale on Fri 1 January, 10:00 CET."),
        "{text}"
    );
    assert!(!shown.contains("Get tickets") && !shown.contains("action=\"/e/"));
    let early = visitor(&app).post_form(&event.cart(), &[(&event.quantity(0), "1")]).await;
    assert_eq!(early.status, 409);
}

#[tokio::test]
async fn few_left_sold_out_and_over_are_told() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 2)]).await;
    let visitor = visitor(&app);
    let few = words(&page(&visitor, &event.page()).await);
    assert!(few.contains("Few left") && few.contains("Only 2 left"), "{few}");
    event.buy(&visitor, &["2"]).await;
    let gone = words(&page(&visitor, &event.page()).await);
    assert!(gone.contains("Sold out") && gone.contains("All tickets are gone."), "{gone}");
    app.advance(120 * 86_400);
    let over = words(&page(&visitor, &event.page()).await);
    assert!(over.contains("Ended This event is over."), "{over}");
    assert!(!page(&visitor, "/discover").await.contains(&event.page()), "what is over is not ahead");
}

#[tokio::test]
async fn a_cancelled_event_says_so_everywhere() {
    let app = start().await;
    let host = organiser(&app, "Northside").await;
    let event = host.event("Jazz", &[free("Friday", 9)]).await;
    let visitor = visitor(&app);
    let order = event.buy(&visitor, &["1"]).await;
    host.client.post(&format!("{}/cancel", event.path), json!({})).await.expect(200);
    let shown = page(&visitor, &event.page()).await;
    assert!(shown.contains("This event was cancelled.") && words(&shown).contains("This event does not take place."));
    assert!(!shown.contains("<form class=\"card ticket-card\""));
    let ticket = page(&visitor, &order).await;
    assert!(words(&ticket).contains("The event was cancelled"), "{}", words(&ticket));
    assert!(!ticket.contains("QR code of ticket"));
    assert_eq!(visitor.post_form(&event.cart(), &[(&event.quantity(0), "1")]).await.status, 409);
}

#[tokio::test]
async fn events_are_found_by_words_city_kind_and_day() {
    let app = start().await;
    let host = organiser(&app, "Northside").await;
    assert!(words(&page(&visitor(&app), "/").await).contains("Nothing is on sale yet"));
    let event = host.event("Blue Harbour Jazz", &[free("Friday", 9)]).await;
    let visitor = visitor(&app);
    let link = format!("href=\"{}\"", event.page());
    for query in [
        "",
        "?q=harbour&utm_source=mail",
        "?city=rotterdam",
        "?category=music",
        "?from=2027-03-12&to=2027-03-12",
        "?q=&city=&from=&to=&category=",
    ] {
        assert!(page(&visitor, &format!("/discover{query}")).await.contains(&link), "{query}");
    }
    for query in ["?q=opera", "?city=Paris", "?category=sport", "?from=2027-03-14"] {
        let shown = page(&visitor, &format!("/discover{query}")).await;
        assert!(!shown.contains(&link) && words(&shown).contains("No events match"), "{query}");
    }
    let wrong = visitor.get("/discover?from=tomorrow").await;
    assert_eq!(wrong.status, 422);
    assert!(words(&wrong.text()).contains("Write the date like 2027-03-12."));
    assert!(page(&visitor, "/").await.contains(&link));
    assert!(page(&visitor, &format!("/@{}", host.slug)).await.contains(&link));
}

#[tokio::test]
async fn long_lists_are_walked_by_links() {
    let app = start().await;
    let host = organiser(&app, "Northside").await;
    for number in 1..=26 {
        host.event(&format!("Night {number}"), &[free("Friday", 9)]).await;
    }
    let visitor = visitor(&app);
    let first = page(&visitor, "/discover?city=Rotterdam").await;
    assert_eq!(first.matches("<article class=\"event-card").count(), 24);
    let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    assert!(next.starts_with("/discover?city=Rotterdam&cursor="), "{next}");
    let second = page(&visitor, &next).await;
    assert_eq!(second.matches("<article class=\"event-card").count(), 2);
    assert!(second.contains("First page") && !second.contains("rel=\"next\""));
}
