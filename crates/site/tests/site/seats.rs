//! Choosing numbered seats with forms only.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

use crate::html::{Tag, fill, form, tags, words};
use crate::support::{Event, free, organiser, page, paid, post, redirect, start, visitor};

/// Two sections of two rows of four seats, each a category; one place for a wheelchair.
fn layout() -> Value {
    let row = |category: &str, label: usize| {
        let seats: Vec<Value> = (1..=4)
            .map(|seat| {
                let id = format!("{category}-{label}-{seat}");
                let is_wheelchair = id == "A-2-1";
                json!({"id": id, "label": seat.to_string(), "x": seat * 5, "y": label * 9, "accessible": is_wheelchair})
            })
            .collect();
        json!({"label": label.to_string(), "category": category, "seats": seats})
    };
    json!({
        "name": "Hall",
        "categories": [{"key": "A", "name": "Stalls"}, {"key": "B", "name": "Balcony"}],
        "sections": [
            {"key": "a", "name": "Stalls", "rows": [row("A", 1), row("A", 2)]},
            {"key": "b", "name": "Balcony", "rows": [row("B", 1), row("B", 2)]},
        ],
    })
}

/// A recital whose stalls cost something, whose balcony is free, and with places to stand.
async fn recital(app: &TestApp) -> Event {
    let house = organiser(app, "Northside").await;
    let types = [paid("Stalls", 1_000, 8), free("Balcony", 8), free("Standing", 5)];
    let event = house.draft("Recital", &types).await;
    let layout = house.client.post(&format!("{}/layouts", house.path), layout()).await.expect(201);
    let categories = json!({"A": [event.types[0]], "B": [event.types[1]]});
    let body = json!({"layout_id": layout["id"], "categories": categories});
    let request = house.client.request(Method::PUT, &format!("{}/seating", event.path)).json(&body);
    house.client.send(request).await.expect(200);
    house.client.post(&format!("{}/publish", event.path), json!({})).await.expect(200);
    event
}

/// The box of a seat.
fn seat_box(html: &str, id: &str) -> Tag {
    let is_it = |tag: &Tag| tag.attribute("value").as_deref() == Some(id) && tag.name == "input";
    tags(html).into_iter().find(is_it).unwrap_or_else(|| panic!("no box of {id}"))
}

async fn take(client: &Client, event: &Event, seats: &[(usize, &str)]) -> testkit::Response {
    let fields: Vec<(String, String)> =
        seats.iter().map(|(kind, id)| (format!("seat[{}]", event.types[*kind]), (*id).to_owned())).collect();
    post(client, &event.cart(), &fields).await
}

#[tokio::test]
async fn seats_are_chosen_in_a_list_and_named_until_the_ticket() {
    let app = start().await;
    let event = recital(&app).await;
    let visitor = visitor(&app);
    let seats = format!("{}/seats", event.page());
    let shown = page(&visitor, &event.page()).await;
    assert!(shown.contains(&format!("href=\"{seats}\"")), "the event leads to its seats");
    let shown = page(&visitor, &seats).await;
    let text = words(&shown);
    for expected in [
        "Choose your seats",
        "Recital",
        "Stalls €10.00",
        "Balcony Free",
        "Stalls · 8 free",
        "Balcony · 8 free",
        "Row 1",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let first = seat_box(&shown, "A-1-2");
    assert_eq!(first.attribute("name"), Some(format!("seat[{}]", event.types[0])));
    assert_eq!(first.attribute("aria-label").as_deref(), Some("Stalls, row 1, seat 2, €10.00"));
    assert_eq!(
        seat_box(&shown, "A-2-1").attribute("aria-label").as_deref(),
        Some("Stalls, row 2, seat 1, wheelchair, €10.00")
    );
    assert!(!shown.contains("B-1-1"), "another section is another address");
    let balcony = page(&visitor, &format!("{seats}?section=2")).await;
    assert!(balcony.contains("value=\"B-1-1\"") && !balcony.contains("value=\"A-1-2\""));
    for odd in ["0", "3", "99999999999"] {
        let shown = page(&visitor, &format!("{seats}?section={odd}")).await;
        assert!(shown.contains("value=\"A-1-2\""), "section {odd} is none, so the first with free seats is shown");
    }
    assert_eq!(visitor.get(&format!("{seats}?section=x")).await.status, 422);

    let checkout = redirect(&visitor, &take(&visitor, &event, &[(1, "B-1-2"), (1, "B-1-3")]).await);
    let shown = page(&visitor, &checkout).await;
    let text = words(&shown);
    assert!(text.contains("2 × Balcony Balcony, row 1, seat 2 Balcony, row 1, seat 3 Free"), "{text}");
    assert!(text.contains("Ticket 2: Balcony, row 1, seat 3"), "{text}");
    let fields = fill(form(&shown, &checkout), &[("name", "Ada Byron"), ("email", "ada@example.org")]);
    let order = redirect(&visitor, &post(&visitor, &checkout, &fields).await);
    assert!(words(&page(&visitor, &order).await).contains("Balcony, row 1, seat 3"));
    let shown = page(&visitor, &format!("{seats}?section=2")).await;
    let sold = seat_box(&shown, "B-1-2");
    assert!(sold.is("disabled") && sold.attribute("name") == Some(String::new()), "{sold:?}");
    assert!(words(&shown).contains("Balcony · 6 free"));
    app.check().await;
}

#[tokio::test]
async fn seats_that_are_gone_come_back_with_the_reason_and_the_rest_of_the_choice() {
    let app = start().await;
    let event = recital(&app).await;
    let (one, other) = (visitor(&app), visitor(&app));
    redirect(&one, &take(&one, &event, &[(0, "A-1-1"), (0, "A-1-2")]).await);
    let answer = take(&other, &event, &[(0, "A-1-2"), (0, "A-1-3"), (1, "B-2-1")]).await;
    assert_eq!(answer.status, 409);
    let shown = answer.text();
    assert!(words(&shown).contains("Some of these seats are taken. Please choose again."), "{}", words(&shown));
    assert!(seat_box(&shown, "A-1-2").is("disabled") && !seat_box(&shown, "A-1-2").is("checked"));
    assert!(seat_box(&shown, "A-1-3").is("checked") && !seat_box(&shown, "A-1-4").is("checked"));
    let kept = seat_box(&shown, "B-2-1");
    assert_eq!(
        (kept.attribute("type"), kept.attribute("name")),
        (Some("hidden".to_owned()), Some(format!("seat[{}]", event.types[1])))
    );
    // What nobody can mean is refused as well, and nothing is held.
    for wrong in [(0, "B-2-1"), (0, "nowhere"), (2, "A-1-3")] {
        let answer = take(&other, &event, &[wrong]).await;
        assert_eq!(answer.status, 422, "{wrong:?}");
    }
    assert_eq!(take(&other, &event, &[(0, "A-1-3"), (0, "A-1-3")]).await.status, 422);
    redirect(&other, &take(&other, &event, &[(0, "A-1-3"), (1, "B-2-1")]).await);
    app.check().await;
}

#[tokio::test]
async fn an_event_without_seats_has_no_page_of_them() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 50)]).await;
    let visitor = visitor(&app);
    let answer = visitor.get(&format!("{}/seats", event.page())).await;
    assert_eq!(redirect(&visitor, &answer), format!("{}#tickets", event.page()));
    assert!(!page(&visitor, &event.page()).await.contains("/seats"));
    assert_eq!(visitor.get("/e/nowhere/seats").await.status, 404);
}
