//! Lanes from outside: orders in one call, many at once, spoiled batches, full queues, two nodes, limits over parallel orders.

mod support;

use std::sync::Arc;

use serde_json::{Value, json};
use support::{House, Show, builder, found, look, press, start};
use testkit::{Client, TestApp};
use tokio::task::JoinSet;

/// Asks for an order in one call.
async fn buy(client: &Client, show: &Show, kind: &str, quantity: i32, who: &str) -> testkit::Response {
    let body = json!({
        "lines": [{"ticket_type_id": kind, "quantity": quantity}],
        "buyer": {"name": who, "email": format!("{}@example.org", who.to_lowercase().replace(' ', "."))},
    });
    client.post(&format!("/api/v1/events/{}/orders", show.slug), body).await
}

async fn house(app: &TestApp) -> House {
    found(app, "northside").await.with_key().await
}

#[tokio::test]
async fn a_free_order_in_one_call_is_paid_and_has_its_tickets() {
    let app = start().await;
    let house = house(&app).await;
    let (show, kind) = house.show("Open night", 0, 3).await;
    let order = buy(&app.client, &show, &kind, 2, "Ada Buyer").await.expect(201);
    assert_eq!((order["state"].as_str(), order["tickets"].as_array().unwrap().len()), (Some("paid"), 2));
    assert_eq!(order["pools"][0]["version"], 2, "opened, sold");
    assert!(order["tickets"][0]["qr"].as_str().unwrap().starts_with("T1:"));
    let mut seen = look(&app.client, &order).await;
    seen["pools"] = order["pools"].clone();
    assert_eq!(seen, order, "what the lane answers is what the database holds");
    let (subject, _) = app.newest_mail("ada.buyer@example.org").await.unwrap();
    assert!(subject.contains("Open night"), "{subject}");
    let refused = buy(&app.client, &show, &kind, 2, "Bo").await.expect(409);
    assert_eq!((refused["code"].as_str(), refused["available"].as_i64()), (Some("sold_out"), Some(1)));
    assert_eq!(refused["pool_version"], 2);
    app.drain().await;
    app.check().await;
}

#[tokio::test]
async fn an_order_in_one_call_with_something_to_pay_waits_for_its_money() {
    let app = start().await;
    let house = house(&app).await;
    let (show, kind) = house.show("Gala", 2_500, 1).await;
    let order = buy(&app.client, &show, &kind, 1, "Ada").await.expect(201);
    assert_eq!((order["state"].as_str(), order["total"]["amount"].as_i64()), (Some("awaiting_payment"), Some(2_500)));
    assert_eq!(buy(&app.client, &show, &kind, 1, "Bo").await.expect(409)["code"], "sold_out");
    press(&app.client, &order, "pay").await;
    app.drain().await;
    assert_eq!(look(&app.client, &order).await["state"], "paid");
    app.check().await;
}

#[tokio::test]
async fn strange_orders_are_refused_and_leave_nothing() {
    let app = start().await;
    let house = house(&app).await;
    let (show, kind) = house.show("Open night", 0, 3).await;
    let ada = json!({"name": "Ada", "email": "ada@example.org"});
    let line = json!({"ticket_type_id": kind, "quantity": 1});
    let path = format!("/api/v1/events/{}/orders", show.slug);
    for (body, status, code) in [
        (json!({"lines": [], "buyer": ada}), 422, "nothing_chosen"),
        (json!({"lines": [line, line], "buyer": ada}), 422, "unknown_ticket_type"),
        (json!({"lines": [{"ticket_type_id": kind, "quantity": 0}], "buyer": ada}), 422, "quantity_out_of_range"),
        (
            json!({"lines": [{"ticket_type_id": kind, "quantity": 1, "unit_price": 5}], "buyer": ada}),
            422,
            "price_not_allowed",
        ),
        (
            json!({"lines": [line], "buyer": ada, "attendees": [{"name": "A"}, {"name": "B"}]}),
            422,
            "too_many_attendees",
        ),
        (json!({"lines": vec![line.clone(); 50], "buyer": ada}), 422, "unknown_ticket_type"),
    ] {
        assert_eq!(app.client.post(&path, body).await.expect(status)["code"], code);
    }
    app.client.post(&path, json!({"lines": [line], "buyer": ada, "total": 0})).await.expect(422);
    app.client.post("/api/v1/events/nowhere-at-all/orders", json!({"lines": [line], "buyer": ada})).await.expect(404);
    let draft = house.draft("Hidden").await;
    app.client
        .post(&format!("/api/v1/events/{}/orders", draft.slug), json!({"lines": [line], "buyer": ada}))
        .await
        .expect(404);
    assert_eq!(house.pool(&show).await["version"], 1);
    app.check().await;
}

#[tokio::test]
async fn an_event_that_is_hidden_again_is_not_found_under_the_name_a_node_remembers() {
    let app = start().await;
    let house = house(&app).await;
    let (show, kind) = house.show("Open night", 0, 3).await;
    buy(&app.client, &show, &kind, 1, "Ada").await.expect(201);
    house.owner.post(&format!("{}/cancel", show.path), json!({})).await.expect(200);
    assert_eq!(buy(&app.client, &show, &kind, 1, "Ada").await.expect(409)["code"], "not_on_sale");
    app.drain().await;
    app.check().await;
}

/// So many buyers at once; answers the statuses.
async fn rush(app: &TestApp, show: &Arc<Show>, kind: &str, buyers: u32, name: fn(u32) -> String) -> Vec<(u16, Value)> {
    let mut rush = JoinSet::new();
    for number in 0..buyers {
        let (client, show, kind) = (app.client.clone(), Arc::clone(show), kind.to_owned());
        rush.spawn(async move {
            let answer = buy(&client, &show, &kind, 1, &name(number)).await;
            (answer.status.as_u16(), answer.json())
        });
    }
    rush.join_all().await
}

fn count(answers: &[(u16, Value)], status: u16) -> usize {
    answers.iter().filter(|(given, _)| *given == status).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_at_once_share_transactions_and_every_answer_has_a_version_of_its_own() {
    let app = start().await;
    let house = house(&app).await;
    let (show, kind) = house.show("Open night", 0, 150).await;
    let answers = rush(&app, &Arc::new(show), &kind, 400, |number| format!("Buyer {number}")).await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (150, 250));
    let mut versions: Vec<i64> =
        answers.iter().filter_map(|(_, order)| order["pools"][0]["version"].as_i64()).collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..=151).collect::<Vec<_>>());
    let superuser = app.database.superuser().await;
    let transactions: i64 = sqlx::query_scalar("select count(distinct xmin::text) from boxoffice.orders")
        .fetch_one(&superuser)
        .await
        .unwrap();
    assert!(transactions < 150, "{transactions} transactions for 150 orders: nothing was batched");
    superuser.close().await;
    app.drain().await;
    app.check().await;
}

/// A figure of this process, once it was counted; the first question begins the counting.
fn figure(name: &str) -> Option<String> {
    let text = platform::telemetry::Metrics::install().ok()?.render();
    text.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(' ')?.to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_go_ahead_of_each_other_on_one_node_and_on_two_and_every_place_is_sold_once() {
    assert_eq!(figure("nothing"), None);
    let app = start().await;
    let second = app.second_node().await;
    let house = house(&app).await;
    let (show, kind) = house.show("Open night", 0, 1_200).await;
    let show = Arc::new(show);
    let alone = rush(&app, &show, &kind, 700, |number| format!("Buyer {number}")).await;
    assert_eq!(count(&alone, 201), 700);
    assert!(figure("turnout_lane_ahead_total").is_some(), "no batch went ahead: the test does not test");
    let mut rush = JoinSet::new();
    for number in 0..700_u32 {
        let client = if number % 2 == 0 { app.client.clone() } else { second.client.clone() };
        let (show, kind) = (Arc::clone(&show), kind.clone());
        rush.spawn(async move {
            let answer = buy(&client, &show, &kind, 1, &format!("Guest {number}")).await;
            (answer.status.as_u16(), answer.json())
        });
    }
    let both = rush.join_all().await;
    assert_eq!((count(&both, 201), count(&both, 409)), (500, 200));
    let version = |(_, order): &(u16, Value)| order["pools"][0]["version"].as_i64();
    let mut versions: Vec<i64> = alone.iter().chain(&both).filter_map(version).collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..=1_201).collect::<Vec<_>>());
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_spoils_its_batch_fails_alone() {
    let app = start().await;
    let house = house(&app).await;
    let (show, kind) = house.show("Open night", 0, 500).await;
    let superuser = app.database.superuser().await;
    sqlx::raw_sql(
        "alter table boxoffice.orders add constraint nobody_is_called_mallory check (buyer_name <> 'Mallory')",
    )
    .execute(&superuser)
    .await
    .unwrap();
    superuser.close().await;
    let name = |number: u32| if number % 40 == 7 { "Mallory".to_owned() } else { format!("Buyer {number}") };
    let answers = rush(&app, &Arc::new(show), &kind, 120, name).await;
    assert_eq!((count(&answers, 500), count(&answers, 201)), (3, 117));
    app.drain().await;
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_lane_says_not_now_and_the_rest_is_served() {
    let app = builder().set("boxoffice.queue_max", "20").set("boxoffice.batch_max", "4").start().await;
    let house = house(&app).await;
    let (show, kind) = house.show("Open night", 0, 500).await;
    let answers = rush(&app, &Arc::new(show), &kind, 300, |number| format!("Buyer {number}")).await;
    let busy: Vec<&Value> = answers.iter().filter(|(status, _)| *status == 503).map(|(_, problem)| problem).collect();
    assert!(!busy.is_empty(), "nothing was refused: the test does not test");
    assert!(busy.iter().all(|problem| problem["code"] == "busy"));
    assert_eq!(count(&answers, 201) + busy.len(), 300);
    app.drain().await;
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_batching_the_same_is_sold() {
    let app = builder().set("boxoffice.batch_max", "1").start().await;
    let house = house(&app).await;
    let (show, kind) = house.show("Open night", 0, 30).await;
    let answers = rush(&app, &Arc::new(show), &kind, 60, |number| format!("Buyer {number}")).await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (30, 30));
    app.drain().await;
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_a_person_holds_over_parallel_orders_and_holds() {
    let app = start().await;
    let house = house(&app).await;
    let show = house.draft("Open night").await;
    let new = json!({"name": "Entry", "pricing": "free", "capacity": 100, "maximum_per_person": 3});
    let kind = house.owner.post(&format!("{}/ticket-types", show.path), new).await.expect(201);
    assert_eq!(kind["maximum_per_person"], 3);
    let kind = kind["id"].as_str().unwrap().to_owned();
    house.publish(&show).await;
    let show = Arc::new(show);
    let answers =
        rush(&app, &show, &kind, 20, |number| if number % 2 == 0 { "Ada".to_owned() } else { "ADA".to_owned() }).await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (3, 17));
    let refused = answers.iter().find(|(status, _)| *status == 409).unwrap();
    assert_eq!((refused.1["code"].as_str(), refused.1["maximum"].as_i64()), (Some("person_limit"), Some(3)));
    let held = support::hold(&app.client, &show, &kind, 1).await.expect(201);
    assert_eq!(support::order(&app.client, &held, "ada@example.org").await.expect(409)["code"], "person_limit");
    support::order(&app.client, &held, "bo@example.org").await.expect(201);
    app.drain().await;
    app.check().await;
}

#[tokio::test]
async fn an_addon_needs_a_ticket_in_the_same_order() {
    let app = start().await;
    let house = house(&app).await;
    let show = house.draft("Open night").await;
    let entry = house.add_type(&show, "Entry", 0, 10).await;
    let new = json!({"name": "Parking", "pricing": "free", "capacity": 5, "is_addon": true});
    let parking = house.owner.post(&format!("{}/ticket-types", show.path), new).await.expect(201);
    let parking = parking["id"].as_str().unwrap();
    house.publish(&show).await;
    assert_eq!(buy(&app.client, &show, parking, 1, "Ada").await.expect(422)["code"], "addon_needs_ticket");
    let lines =
        |cars: i32| json!([{"ticket_type_id": entry, "quantity": 2}, {"ticket_type_id": parking, "quantity": cars}]);
    let path = format!("/api/v1/events/{}/orders", show.slug);
    let ada = json!({"name": "Ada", "email": "ada@example.org"});
    assert_eq!(
        app.client.post(&path, json!({"lines": lines(3), "buyer": ada})).await.expect(422)["code"],
        "addon_needs_ticket"
    );
    let order = app.client.post(&path, json!({"lines": lines(2), "buyer": ada})).await.expect(201);
    assert_eq!(order["tickets"].as_array().unwrap().len(), 4);
    app.drain().await;
    app.check().await;
}

#[tokio::test]
async fn a_repeated_key_gets_the_first_order_again() {
    let app = start().await;
    let house = house(&app).await;
    let (show, kind) = house.show("Open night", 0, 5).await;
    let body = json!({"lines": [{"ticket_type_id": kind, "quantity": 1}], "buyer": {"name": "Ada", "email": "ada@example.org"}});
    let path = format!("/api/v1/events/{}/orders", show.slug);
    let client = &app.client;
    let ask = || {
        let request =
            client.request(reqwest::Method::POST, &path).header("Idempotency-Key", "one-and-the-same").json(&body);
        client.send(request)
    };
    let (first, again) = (ask().await.expect(201), ask().await.expect(201));
    assert_eq!(first, again);
    assert_eq!(house.pool(&show).await["sold"], 1);
    app.drain().await;
    app.check().await;
}
