//! The box office from outside: holds, orders, payments early, late and twice, cancellations; the invariants after each.

mod support;

use serde_json::json;
use support::{found, hold, look, order, press, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_free_order_has_its_tickets_at_once_and_a_mail_with_pdf_and_calendar() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Free night", 0, 10).await;
    let held = hold(&app.client, &show, &kind, 2).await.expect(201);
    assert_eq!((held["state"].as_str(), held["total"]["amount"].as_i64()), (Some("live"), Some(0)));
    let ordered = order(&app.client, &held, "ada@example.org").await.expect(201);
    assert_eq!(ordered["state"], "paid");
    assert_eq!(ordered["tickets"].as_array().unwrap().len(), 2);
    assert!(ordered["tickets"][0]["qr"].as_str().unwrap().starts_with("T1:"));
    // Asked again, the same order is the answer.
    assert_eq!(order(&app.client, &held, "ada@example.org").await.expect(201)["code"], ordered["code"]);
    let (subject, _) = app.newest_mail("ada@example.org").await.unwrap();
    assert!(subject.contains("Free night"), "{subject}");
    let pool = house.pool(&show).await;
    assert_eq!((pool["sold"].as_i64(), pool["held"].as_i64(), pool["version"].as_i64()), (Some(2), Some(0), Some(3)));
    let secret = ordered["secret"].as_str().unwrap();
    let code = ordered["code"].as_str().unwrap();
    let pdf = app.client.get(&format!("/api/v1/orders/{code}/tickets.pdf?secret={secret}")).await;
    assert!(pdf.status.is_success() && pdf.body.starts_with(b"%PDF"));
    let calendar = app.client.get(&format!("/api/v1/orders/{code}/event.ics?secret={secret}")).await.text();
    assert!(calendar.contains("BEGIN:VTIMEZONE") && calendar.contains("TZID:Europe/Amsterdam"), "{calendar}");
    // What cannot be a code is as little there as another order, a NUL included, which PostgreSQL takes for no text at all.
    app.client.get(&format!("/api/v1/orders/{}?secret={secret}", code.to_lowercase())).await.expect(200);
    for other in ["AAAAAAAA", "%00", "A%00AAAAAA", "%25", "A", &"A".repeat(2000)] {
        app.client.get(&format!("/api/v1/orders/{other}?secret={secret}")).await.expect(404);
    }
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_and_foreign_secrets_answer_like_missing_objects() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Free night", 0, 10).await;
    let held = hold(&app.client, &show, &kind, 1).await.expect(201);
    let ordered = order(&app.client, &held, "ada@example.org").await.expect(201);
    let missing = app.client.get("/api/v1/orders/ABCDEFGH?secret=x").await;
    let wrong = app
        .client
        .get(&format!("/api/v1/orders/{}?secret=00000000000000000000000000", ordered["code"].as_str().unwrap()))
        .await;
    let without = |mut body: serde_json::Value| {
        body.as_object_mut().unwrap().remove("trace_id");
        body
    };
    assert_eq!((missing.status.as_u16(), wrong.status.as_u16()), (404, 404));
    assert_eq!(without(missing.json()), without(wrong.json()));
    let other = support::sign_in(&app, "eve@example.org").await;
    assert_eq!(
        other.get(&format!("{}/orders", show.path)).await.status.as_u16(),
        404,
        "a foreign organisation is not there"
    );
    assert_eq!(app.client.get(&format!("{}/orders", show.path)).await.status.as_u16(), 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_cannot_name_a_price_a_state_or_a_tenant() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Paid night", 1_250, 10).await;
    let path = format!("/api/v1/events/{}/holds", show.slug);
    let line = |extra: serde_json::Value| {
        let mut line = json!({"ticket_type_id": kind, "quantity": 1});
        line.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"lines": [line]})
    };
    assert_eq!(app.client.post(&path, line(json!({"unit_price": 1}))).await.expect(422)["code"], "price_not_allowed");
    for field in ["price", "currency", "state", "organisation_id"] {
        assert_eq!(app.client.post(&path, line(json!({field: 1}))).await.status.as_u16(), 422, "{field}");
    }
    for quantity in [json!(0), json!(-1), json!(11), json!(2_147_483_648_i64), json!("1"), json!(1.5)] {
        assert_eq!(
            app.client.post(&path, line(json!({"quantity": quantity}))).await.status.as_u16(),
            422,
            "{quantity}"
        );
    }
    assert_eq!(app.client.post(&path, json!({"lines": []})).await.expect(422)["code"], "nothing_chosen");
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paid_order_waits_for_its_payment_and_has_tickets_after_it() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Paid night", 1_250, 2).await;
    let held = hold(&app.client, &show, &kind, 2).await.expect(201);
    let ordered = order(&app.client, &held, "ada@example.org").await.expect(201);
    assert_eq!(
        (ordered["state"].as_str(), ordered["tickets"].as_array().unwrap().len()),
        (Some("awaiting_payment"), 0)
    );
    let refused = hold(&app.client, &show, &kind, 1).await.expect(409);
    assert_eq!((refused["code"].as_str(), refused["available"].as_i64()), (Some("sold_out"), Some(0)));
    press(&app.client, &ordered, "pay").await;
    app.drain().await;
    let paid = look(&app.client, &ordered).await;
    assert_eq!((paid["state"].as_str(), paid["tickets"].as_array().unwrap().len()), (Some("paid"), 2));
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paying_twice_charges_once() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Paid night", 1_250, 5).await;
    let held = hold(&app.client, &show, &kind, 1).await.expect(201);
    let ordered = order(&app.client, &held, "ada@example.org").await.expect(201);
    press(&app.client, &ordered, "pay_twice").await;
    app.drain().await;
    app.drain().await;
    let paid = look(&app.client, &ordered).await;
    assert_eq!((paid["state"].as_str(), paid["tickets"].as_array().unwrap().len()), (Some("paid"), 1));
    assert_eq!(paid["payment"]["refunded"]["amount"], 0);
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_payment_can_be_tried_again() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Paid night", 1_250, 5).await;
    let held = hold(&app.client, &show, &kind, 1).await.expect(201);
    let ordered = order(&app.client, &held, "ada@example.org").await.expect(201);
    press(&app.client, &ordered, "decline").await;
    app.drain().await;
    let waiting = look(&app.client, &ordered).await;
    assert_eq!(
        (waiting["state"].as_str(), waiting["payment"]["state"].as_str()),
        (Some("awaiting_payment"), Some("failed"))
    );
    app.advance(60);
    let pay = format!(
        "/api/v1/orders/{}/pay?secret={}",
        ordered["code"].as_str().unwrap(),
        ordered["secret"].as_str().unwrap()
    );
    let again = app.client.post(&pay, json!({})).await.expect(200);
    press(&app.client, &again, "pay").await;
    app.drain().await;
    assert_eq!(look(&app.client, &ordered).await["state"], "paid");
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_hold_frees_its_places_for_the_next_buyer_without_a_sweeper() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Paid night", 1_250, 1).await;
    let held = hold(&app.client, &show, &kind, 1).await.expect(201);
    assert_eq!(hold(&app.client, &show, &kind, 1).await.expect(409)["code"], "sold_out");
    app.advance(601);
    hold(&app.client, &show, &kind, 1).await.expect(201);
    assert_eq!(order(&app.client, &held, "late@example.org").await.expect(410)["code"], "hold_expired");
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_after_the_hold_takes_the_places_again_if_they_are_there() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Paid night", 1_250, 1).await;
    let held = hold(&app.client, &show, &kind, 1).await.expect(201);
    let ordered = order(&app.client, &held, "ada@example.org").await.expect(201);
    press(&app.client, &ordered, "pay").await;
    // The webhook is on its way while the hold ends and is swept.
    app.advance(1_801);
    assert_eq!(boxoffice::hold::sweep::sweep_all(&app.platform).await.unwrap(), 1);
    assert_eq!(look(&app.client, &ordered).await["state"], "expired");
    app.drain().await;
    let paid = look(&app.client, &ordered).await;
    assert_eq!((paid["state"].as_str(), paid["tickets"].as_array().unwrap().len()), (Some("paid"), 1));
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_after_the_places_are_gone_goes_back_and_the_buyer_is_told() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Paid night", 1_250, 1).await;
    let held = hold(&app.client, &show, &kind, 1).await.expect(201);
    let ordered = order(&app.client, &held, "ada@example.org").await.expect(201);
    press(&app.client, &ordered, "pay").await;
    app.advance(1_801);
    // Another buyer takes the place: the buy path itself reclaims the expired hold.
    hold(&app.client, &show, &kind, 1).await.expect(201);
    app.drain().await;
    app.drain().await;
    let late = look(&app.client, &ordered).await;
    assert_eq!((late["state"].as_str(), late["tickets"].as_array().unwrap().len()), (Some("unfulfilled"), 0));
    assert_eq!(late["payment"]["refunded"]["amount"], 1_250);
    let (_, mail) = app.newest_mail("ada@example.org").await.unwrap();
    assert!(mail.contains("12.50"), "{mail}");
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_order_gives_back_places_tickets_and_money() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Paid night", 1_250, 1).await;
    let held = hold(&app.client, &show, &kind, 1).await.expect(201);
    let ordered = order(&app.client, &held, "ada@example.org").await.expect(201);
    press(&app.client, &ordered, "pay").await;
    app.drain().await;
    let row = house.owner.get(&format!("{}/orders?state=paid", show.path)).await.expect(200)["items"][0].clone();
    assert_eq!(row["code"], ordered["code"]);
    let cancel = format!("{}/orders/{}/cancel", show.path, row["id"].as_str().unwrap());
    assert_eq!(house.owner.post(&cancel, json!({"refund": true})).await.expect(200)["state"], "cancelled");
    assert_eq!(house.owner.post(&cancel, json!({"refund": true})).await.expect(409)["code"], "order_ended");
    app.drain().await;
    let cancelled = look(&app.client, &ordered).await;
    assert_eq!(
        (cancelled["tickets"][0]["state"].as_str(), &cancelled["tickets"][0]["qr"]),
        (Some("cancelled"), &serde_json::Value::Null)
    );
    assert_eq!(cancelled["payment"]["refunded"]["amount"], 1_250);
    hold(&app.client, &show, &kind, 1).await.expect(201);
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_not_published_before_it_is_ready_and_the_list_says_why() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let show = house.draft("Nothing to order yet").await;
    let refused = house.owner.post(&format!("{}/publish", show.path), json!({})).await.expect(409);
    assert_eq!(
        (refused["code"].as_str(), refused["errors"][0]["code"].as_str()),
        (Some("not_ready"), Some("has_ticket_type"))
    );
    assert_eq!(
        app.client.get(&format!("/api/v1/events/{}", show.slug)).await.status.as_u16(),
        404,
        "a draft is nowhere"
    );
    house.add_type(&show, "Entry", 0, 5).await;
    house.publish(&show).await;
    let readiness = house.owner.get(&format!("{}/readiness", show.path)).await.expect(200);
    assert_eq!((readiness["can_publish"].as_bool(), readiness["can_buy"].as_bool()), (Some(true), Some(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_is_not_made_smaller_than_what_is_sold_and_held() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Free night", 0, 10).await;
    let held = hold(&app.client, &show, &kind, 3).await.expect(201);
    order(&app.client, &held, "ada@example.org").await.expect(201);
    hold(&app.client, &show, &kind, 2).await.expect(201);
    let pool = house.pool(&show).await;
    let path = format!("{}/pools/{}", show.path, pool["id"].as_str().unwrap());
    let refused = house.owner.patch(&path, 0, json!({"capacity": 4})).await.expect(409);
    assert_eq!((refused["sold"].as_i64(), refused["held"].as_i64()), (Some(3), Some(2)));
    assert_eq!(house.owner.patch(&path, 0, json!({"capacity": 5})).await.expect(200)["available"], 0);
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_key_gets_the_first_answer_and_makes_one_hold() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Free night", 0, 10).await;
    let path = format!("/api/v1/events/{}/holds", show.slug);
    let body = json!({"lines": [{"ticket_type_id": kind, "quantity": 1}]});
    let ask = || app.client.request(reqwest::Method::POST, &path).header("Idempotency-Key", "one").json(&body);
    let first = app.client.send(ask()).await;
    let second = app.client.send(ask()).await;
    assert_eq!((first.expect(201), second.header("idempotency-replayed")), (second.expect(201), "true"));
    let other = json!({"lines": [{"ticket_type_id": kind, "quantity": 2}]});
    let reused = app
        .client
        .send(app.client.request(reqwest::Method::POST, &path).header("Idempotency-Key", "one").json(&other))
        .await;
    assert_eq!(reused.expect(422)["code"], "idempotency_key_reused");
    assert_eq!(house.pool(&show).await["held"], 1);
    app.check().await;
}
