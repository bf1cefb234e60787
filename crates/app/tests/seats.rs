//! Reserved seats from outside: named and best seats, all or nothing, races, time that runs out, money that comes late, cancelled orders, house seats.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use support::{House, Show, found, look, order, press, start};
use testkit::{Client, TestApp};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Rows of ten: three of the stalls, one of the circle whose first seat is for a wheelchair, with a companion beside it.
fn hall() -> Value {
    let row = |category: &str, label: usize| {
        let seats: Vec<Value> = (1..=10)
            .map(|seat| {
                let mut it = json!({"id": format!("{category}-{label}-{seat}"), "label": seat.to_string(), "x": seat * 5, "y": label * 10});
                if category == "C" && seat == 1 {
                    it["accessible"] = json!(true);
                }
                if category == "C" && seat == 2 {
                    it["companion_of"] = json!("C-1-1");
                }
                it
            })
            .collect();
        json!({"label": label.to_string(), "category": category, "seats": seats})
    };
    json!({
        "name": "Small hall",
        "categories": [{"key": "S", "name": "Stalls"}, {"key": "C", "name": "Circle"}],
        "sections": [
            {"key": "stalls", "name": "Stalls", "rows": [row("S", 1), row("S", 2), row("S", 3)]},
            {"key": "circle", "name": "Circle", "rows": [row("C", 1)]},
        ],
    })
}

/// A published event with numbered seats and one type that has none.
struct Seated {
    app: TestApp,
    house: House,
    show: Show,
    stalls: String,
    circle: String,
    standing: String,
}

async fn seated(price: i64) -> Seated {
    let app = start().await;
    let house = found(&app, "northside").await.with_key().await;
    let layout = house.owner.post(&format!("{}/layouts", house.path), hall()).await.expect(201);
    let show = house.draft("Recital").await;
    let stalls = house.add_type(&show, "Stalls", price, 30).await;
    let circle = house.add_type(&show, "Circle", price, 10).await;
    let standing = house.add_type(&show, "Standing", price, 5).await;
    let body = json!({"layout_id": layout["id"], "categories": {"S": [stalls], "C": [circle]}});
    let made = put(&house.owner, &format!("{}/seating", show.path), body).await.expect(200);
    assert_eq!((made["seats"].as_i64(), made["version"].as_i64()), (Some(40), Some(1)));
    house.publish(&show).await;
    Seated { app, house, show, stalls, circle, standing }
}

async fn put(client: &Client, path: &str, body: Value) -> testkit::Response {
    client.send(client.request(Method::PUT, path).json(&body)).await
}

impl Seated {
    async fn hold(&self, lines: Value) -> testkit::Response {
        let path = format!("/api/v1/events/{}/holds", self.show.slug);
        self.app.client.post(&path, json!({"lines": lines})).await
    }

    async fn hold_seats(&self, seats: &[&str]) -> testkit::Response {
        self.hold(json!([{"ticket_type_id": self.stalls, "quantity": seats.len(), "seats": seats}])).await
    }

    async fn buy(&self, lines: Value) -> testkit::Response {
        let body = json!({"lines": lines, "buyer": {"name": "Ada Buyer", "email": "ada@example.org"}});
        self.app.client.post(&format!("/api/v1/events/{}/orders", self.show.slug), body).await
    }

    /// The version, and every seat that is not free.
    async fn taken(&self) -> (i64, BTreeMap<u32, u8>) {
        let path = format!("/api/v1/events/{}/seats/status", self.show.slug);
        let status = self.app.client.get(&path).await.expect(200);
        let bytes = STANDARD.decode(status["statuses"].as_str().unwrap()).unwrap();
        let of = |seat: u32| (bytes[usize::try_from(seat / 4).unwrap()] >> (2 * (seat % 4))) & 3;
        let taken = (0..40).map(|seat| (seat, of(seat))).filter(|(_, status)| *status > 0).collect();
        (status["version"].as_i64().unwrap(), taken)
    }

    async fn changes_since(&self, version: i64) -> Value {
        let path = format!("/api/v1/events/{}/seats/status?since={version}", self.show.slug);
        self.app.client.get(&path).await.expect(200)
    }

    async fn block(&self, seats: &[&str], is_blocked: bool) -> testkit::Response {
        let body = json!({"seats": seats, "is_blocked": is_blocked});
        self.house.owner.post(&format!("{}/seats/block", self.show.path), body).await
    }
}

fn seats_of(answer: &Value) -> Vec<i64> {
    answer["lines"][0]["seats"].as_array().unwrap().iter().filter_map(Value::as_i64).collect()
}

#[tokio::test]
async fn named_seats_are_held_ordered_and_printed_on_the_tickets() {
    let it = seated(0).await;
    let layout = it.app.client.get(&format!("/api/v1/events/{}/seats", it.show.slug)).await.expect(200);
    assert_eq!(layout["layout"]["sections"][0]["rows"][1]["seats"][3]["id"], "S-2-4");
    assert_eq!(layout["categories"]["S"], json!([it.stalls]));
    let held = it.hold_seats(&["S-2-4", "S-2-5"]).await.expect(201);
    assert_eq!((seats_of(&held), it.taken().await), (vec![13, 14], (1, BTreeMap::from([(13, 1), (14, 1)]))));
    let ordered = order(&it.app.client, &held, "ada@example.org").await.expect(201);
    let seat = |ticket: usize| ordered["tickets"][ticket]["seat"].clone();
    assert_eq!(
        seat(0),
        json!({"index": 13, "section": "Stalls", "row": "2", "label": "4", "name": "Stalls, row 2, seat 4"})
    );
    assert_eq!(
        seat(1),
        json!({"index": 14, "section": "Stalls", "row": "2", "label": "5", "name": "Stalls, row 2, seat 5"})
    );
    let seen = look(&it.app.client, &ordered).await;
    assert_eq!(seen["tickets"], ordered["tickets"], "what the lane answers is what the database holds");
    assert_eq!(it.taken().await, (2, BTreeMap::from([(13, 2), (14, 2)])));
    it.app.drain().await;
    let (_, letter) = it.app.newest_mail("ada@example.org").await.unwrap();
    assert!(letter.contains("Stalls, row 2, seat 4"), "{letter}");
    it.app.check().await;
}

#[tokio::test]
async fn of_many_buyers_of_one_seat_one_gets_it() {
    let it = Arc::new(seated(0).await);
    let mut buyers = JoinSet::new();
    for number in 0..40_usize {
        let it = Arc::clone(&it);
        // Everyone wants the seat in the middle, and one beside it.
        let other = if number % 2 == 0 { "S-1-4" } else { "S-1-6" };
        buyers.spawn(async move {
            it.buy(json!([{"ticket_type_id": it.stalls, "quantity": 2, "seats": ["S-1-5", other]}])).await
        });
    }
    let answers = buyers.join_all().await;
    let (mut won, mut lost) = (0, 0);
    for answer in answers {
        match answer.status.as_u16() {
            201 => won += 1,
            409 => {
                let problem = answer.expect(409);
                assert_eq!(problem["code"], "seats_taken");
                let seats = problem["seats"].as_array().unwrap();
                assert!(seats.contains(&json!("S-1-5")) && problem["seats_version"].as_i64() >= Some(1), "{problem}");
                lost += 1;
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!((won, lost, it.taken().await.1.len()), (1, 39, 2));
    it.app.check().await;
}

#[tokio::test]
async fn the_best_seats_are_given_together_and_leave_nobody_alone() {
    let it = seated(0).await;
    // No seats named: the best there are. The middle of the front row is best.
    let first = it.hold(json!([{"ticket_type_id": it.stalls, "quantity": 3}])).await.expect(201);
    let seats = seats_of(&first);
    assert!(seats.windows(2).all(|pair| pair[1] == pair[0] + 1) && seats[0] < 10, "{seats:?}");
    let mut given = seats;
    while let Ok(pair) = {
        let answer =
            it.hold(json!([{"ticket_type_id": it.stalls, "quantity": 2, "best": {"otherwise": "refuse"}}])).await;
        if answer.status.as_u16() == 201 { Ok(answer.expect(201)) } else { Err(answer.expect(409)) }
    } {
        given.extend(seats_of(&pair));
    }
    let free: Vec<i64> = (0..30).filter(|seat| !given.contains(seat)).collect();
    let alone = |seat: &&i64| {
        let side = |other: i64| free.contains(&other) && other / 10 == **seat / 10;
        !side(**seat - 1) && !side(**seat + 1)
    };
    assert_eq!(free.iter().filter(alone).count(), 0, "free are {free:?}");
    // Five of the circle's ordinary seats are left, and nowhere three of them side by side.
    it.hold(json!([{"ticket_type_id": it.circle, "quantity": 3, "seats": ["C-1-5", "C-1-8", "C-1-10"]}]))
        .await
        .expect(201);
    let refused = it.hold(json!([{"ticket_type_id": it.circle, "quantity": 3}])).await.expect(409);
    assert_eq!((refused["code"].as_str(), refused["free"].as_i64()), (Some("no_seats_together"), Some(7)));
    // Accessible seats are only given to who asks for them, with their companions beside them.
    let wheelchair = json!([{"ticket_type_id": it.circle, "quantity": 2, "best": {"accessible": 1}}]);
    assert_eq!(seats_of(&it.hold(wheelchair.clone()).await.expect(201)), [30, 31]);
    assert_eq!(it.hold(wheelchair).await.expect(409)["code"], "no_seats_together");
    it.app.check().await;
}

#[tokio::test]
async fn seats_and_places_are_taken_together_or_not_at_all() {
    let it = seated(0).await;
    let mixed = |standing: i32, seat: &str| {
        json!([
            {"ticket_type_id": it.stalls, "quantity": 1, "seats": [seat]},
            {"ticket_type_id": it.standing, "quantity": standing},
        ])
    };
    it.hold(mixed(3, "S-1-1")).await.expect(201);
    let before = it.taken().await;
    assert_eq!(it.hold(mixed(3, "S-1-2")).await.expect(409)["code"], "sold_out");
    assert_eq!(it.hold(mixed(1, "S-1-1")).await.expect(409)["code"], "seats_taken");
    let two = json!([
        {"ticket_type_id": it.stalls, "quantity": 1, "seats": ["S-1-3"]},
        {"ticket_type_id": it.circle, "quantity": 1, "seats": ["S-1-4"]},
    ]);
    let refused = it.hold(two).await.expect(422);
    assert_eq!((refused["code"].as_str(), &refused["seats"]), (Some("unknown_seats"), &json!(["S-1-4"])));
    for (lines, code) in [
        (json!([{"ticket_type_id": it.stalls, "quantity": 2, "seats": ["S-1-5"]}]), "unknown_seats"),
        (json!([{"ticket_type_id": it.stalls, "quantity": 2, "seats": ["S-1-5", "S-1-5"]}]), "unknown_seats"),
        (json!([{"ticket_type_id": it.stalls, "quantity": 1, "seats": ["Z-9"]}]), "unknown_seats"),
        (json!([{"ticket_type_id": it.standing, "quantity": 1, "seats": ["S-1-5"]}]), "no_numbered_seats"),
        (json!([{"ticket_type_id": it.stalls, "quantity": 1, "seats": ["S-1-5"], "best": {}}]), "seats_or_best"),
        (json!([{"ticket_type_id": it.circle, "quantity": 1, "best": {"accessible": -1}}]), "accessible_out_of_range"),
        (json!([{"ticket_type_id": it.circle, "quantity": 1, "best": {"accessible": 2}}]), "accessible_out_of_range"),
    ] {
        assert_eq!(it.hold(lines).await.expect(422)["code"], code);
    }
    assert_eq!(it.taken().await, before, "refused holds leave no trace");
    it.app.check().await;
}

#[tokio::test]
async fn seats_come_back_when_a_hold_ends_and_when_an_order_is_cancelled() {
    let it = seated(0).await;
    let held = it.hold_seats(&["S-1-1"]).await.expect(201);
    let path = format!("/api/v1/holds/{}?secret={}", held["id"].as_str().unwrap(), held["secret"].as_str().unwrap());
    it.app.client.delete(&path).await.expect(200);
    assert_eq!(it.taken().await.1, BTreeMap::new());
    it.hold_seats(&["S-1-1", "S-1-2"]).await.expect(201);
    it.app.advance(11 * 60);
    let ordered = it.buy(json!([{"ticket_type_id": it.stalls, "quantity": 1, "seats": ["S-1-1"]}])).await.expect(201);
    assert_eq!(it.taken().await.1, BTreeMap::from([(0, 2)]), "time ran out for the second, and the first was sold");
    let orders = it.house.owner.get(&format!("{}/orders", it.show.path)).await.expect(200);
    let id = orders["items"][0]["id"].as_str().unwrap().to_owned();
    let cancel = format!("{}/orders/{id}/cancel", it.show.path);
    it.house.owner.post(&cancel, json!({"refund": false})).await.expect(200);
    assert_eq!(it.taken().await.1, BTreeMap::new());
    assert_eq!(look(&it.app.client, &ordered).await["tickets"][0]["state"], "cancelled");
    it.hold_seats(&["S-1-1"]).await.expect(201);
    it.app.check().await;
}

#[tokio::test]
async fn late_money_gets_its_seats_again_only_if_nobody_has_them() {
    let it = seated(2_500).await;
    let (first, second) =
        (it.hold_seats(&["S-1-1"]).await.expect(201), it.hold_seats(&["S-1-2", "S-1-3"]).await.expect(201));
    let first = order(&it.app.client, &first, "ada@example.org").await.expect(201);
    let second = order(&it.app.client, &second, "bo@example.org").await.expect(201);
    press(&it.app.client, &first, "pay").await;
    press(&it.app.client, &second, "pay").await;
    // The webhooks are on their way while the holds end; somebody else takes a seat of the second.
    it.app.advance(1_801);
    let other = it.hold_seats(&["S-1-3"]).await.expect(201);
    it.app.drain().await;
    it.app.drain().await;
    assert_eq!(look(&it.app.client, &first).await["state"], "paid");
    assert_eq!(
        look(&it.app.client, &second).await["state"],
        "unfulfilled",
        "half of its seats are not what was paid for"
    );
    assert_eq!(it.taken().await.1, BTreeMap::from([(0, 2), (2, 1)]));
    assert_eq!(seats_of(&other), [2]);
    it.app.check().await;
}

#[tokio::test]
async fn house_seats_are_not_sold() {
    let it = seated(0).await;
    it.block(&["S-1-5", "S-1-6"], true).await.expect(200);
    assert_eq!(it.hold_seats(&["S-1-5"]).await.expect(409)["code"], "seats_taken");
    let held = it.hold_seats(&["S-1-7"]).await.expect(201);
    let refused = it.block(&["S-1-8", "S-1-7"], true).await.expect(409);
    assert_eq!((refused["code"].as_str(), &refused["seats"]), (Some("seats_taken"), &json!(["S-1-7"])));
    assert_eq!(it.block(&["S-1-8", "nowhere"], true).await.expect(422)["seats"], json!(["nowhere"]));
    it.block(&["S-1-5"], false).await.expect(200);
    it.hold_seats(&["S-1-5"]).await.expect(201);
    assert_eq!(it.taken().await.1, BTreeMap::from([(4, 1), (5, 3), (6, 1)]));
    assert_eq!(seats_of(&held), [6]);
    let stranger = found(&it.app, "southside").await;
    let body = json!({"seats": ["S-1-1"], "is_blocked": true});
    let theirs = it.show.path.replace(&it.house.path, &stranger.path);
    stranger.owner.post(&format!("{theirs}/seats/block"), body).await.expect(404);
    it.app.check().await;
}

#[tokio::test]
async fn what_changed_since_a_version_adds_up_to_the_whole() {
    let it = seated(0).await;
    let mut known: BTreeMap<u32, u8> = BTreeMap::new();
    let mut version = 0;
    for seats in [&["S-1-1", "S-1-2"][..], &["S-3-9"], &["S-2-5", "S-2-6", "S-2-7"]] {
        let held = it.hold_seats(seats).await.expect(201);
        if seats.len() == 1 {
            order(&it.app.client, &held, "ada@example.org").await.expect(201);
        }
        let news = it.changes_since(version).await;
        for change in news["changes"].as_array().unwrap() {
            known.insert(
                u32::try_from(change[0].as_u64().unwrap()).unwrap(),
                u8::try_from(change[1].as_u64().unwrap()).unwrap(),
            );
        }
        version = news["version"].as_i64().unwrap();
    }
    assert_eq!((version, known), it.taken().await);
    assert_eq!(it.changes_since(version).await["changes"], json!([]));
    assert!(it.changes_since(version + 5).await["changes"].is_null(), "nobody knows the future");
    it.app.check().await;
}

/// Reads a stream until it has told a version; answers the objects it told. Signs of life are no news.
async fn watch(response: &mut reqwest::Response, version: i64) -> Vec<Value> {
    let told = tokio::time::timeout(std::time::Duration::from_secs(20), read(response, version)).await;
    told.expect("news within 20 s")
}

async fn read(response: &mut reqwest::Response, version: i64) -> Vec<Value> {
    let (mut text, mut told) = (String::new(), Vec::new());
    while told.last().is_none_or(|last: &Value| last["version"].as_i64() < Some(version)) {
        let chunk = response.chunk().await.unwrap().expect("the stream goes on");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        while let Some((event, rest)) = text.split_once("\n\n").map(|(event, rest)| (event.to_owned(), rest.to_owned()))
        {
            text = rest;
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            if let Some(data) = field("data: ") {
                let data: Value = serde_json::from_str(&data).unwrap();
                assert_eq!(field("id: "), Some(data["version"].to_string()));
                told.push(data);
            }
        }
    }
    told
}

#[tokio::test]
async fn a_stream_tells_what_changes_and_is_taken_up_where_it_broke() {
    let it = seated(0).await;
    it.hold_seats(&["S-1-1"]).await.expect(201);
    let path = format!("/api/v1/events/{}/seats/stream", it.show.slug);
    let open = |last: Option<i64>| {
        let request = it.app.client.request(Method::GET, &path);
        let request = match last {
            Some(last) => request.header("Last-Event-ID", last.to_string()),
            None => request,
        };
        async move {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 200);
            response
        }
    };
    let (mut first, mut second) = (open(None).await, open(None).await);
    let whole = watch(&mut first, 1).await;
    assert_eq!((whole.len(), whole[0]["statuses"].is_string()), (1, true));
    it.hold_seats(&["S-1-3", "S-1-4"]).await.expect(201);
    assert_eq!(watch(&mut first, 2).await[0]["changes"], json!([[2, 1], [3, 1]]));
    assert_eq!(watch(&mut second, 2).await.last().unwrap()["version"], 2);
    drop(first);
    it.hold_seats(&["S-2-1"]).await.expect(201);
    watch(&mut second, 3).await;
    let mut again = open(Some(2)).await;
    assert_eq!(watch(&mut again, 3).await[0]["changes"], json!([[10, 1]]), "nothing was missed, nothing is told twice");
    let mut stranger = open(Some(99)).await;
    assert!(watch(&mut stranger, 3).await[0]["statuses"].is_string(), "an unknown version gets everything");
    let missing = it.app.client.get("/api/v1/events/nowhere/seats/stream").await;
    missing.expect(404);
    it.app.check().await;
}

/// Reads a socket until it has told a version; answers the objects it told.
async fn hear(socket: &mut Socket, version: i64) -> Vec<Value> {
    let told = async {
        let mut told: Vec<Value> = Vec::new();
        while told.last().is_none_or(|last| last["version"].as_i64() < Some(version)) {
            if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
                told.push(serde_json::from_str(&text).unwrap());
            }
        }
        told
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), told).await.expect("news within 20 s")
}

#[tokio::test]
async fn a_socket_tells_the_same_as_the_stream() {
    let it = seated(0).await;
    it.hold_seats(&["S-1-1"]).await.expect(201);
    let path = format!("/api/v1/events/{}/seats/socket", it.show.slug);
    let address = format!("{}{path}", it.app.client.base().replacen("http", "ws", 1));
    let open = |query: &str| {
        let address = format!("{address}{query}");
        async move { connect_async(address).await.unwrap().0 }
    };
    let mut first = open("").await;
    let whole = hear(&mut first, 1).await;
    let status = it.app.client.get(&format!("/api/v1/events/{}/seats/status", it.show.slug)).await.expect(200);
    assert_eq!(whole, [status]);
    // What a client says is read and ignored.
    first.send(Message::text("hello")).await.unwrap();
    it.hold_seats(&["S-1-3", "S-1-4"]).await.expect(201);
    assert_eq!(hear(&mut first, 2).await[0]["changes"], json!([[2, 1], [3, 1]]));
    it.hold_seats(&["S-2-1"]).await.expect(201);
    hear(&mut first, 3).await;
    let mut again = open("?since=2").await;
    assert_eq!(hear(&mut again, 3).await[0]["changes"], json!([[10, 1]]), "nothing was missed, nothing is told twice");
    assert!(hear(&mut open("?since=99").await, 3).await[0]["statuses"].is_string());
    // A message that nobody can want ends the socket, and only that one.
    first.send(Message::text("x".repeat(100_000))).await.unwrap();
    let end = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while first.next().await.is_some_and(|it| it.is_ok()) {}
    });
    end.await.expect("it ends");
    it.hold_seats(&["S-2-4"]).await.expect(201);
    assert_eq!(hear(&mut again, 4).await[0]["changes"], json!([[13, 1]]));
    assert!(connect_async(address.replace(&it.show.slug, "nowhere")).await.is_err());
    let plain = it.app.client.get(&path).await;
    assert!(plain.status.is_client_error() && plain.header("content-type").contains("problem+json"), "{plain:?}");
    it.app.check().await;
}

#[tokio::test]
async fn seats_are_given_and_taken_away_only_before_the_sale() {
    let it = seated(0).await;
    let seating = format!("{}/seating", it.show.path);
    it.house.owner.delete(&seating).await.expect(204);
    assert_eq!(it.hold_seats(&["S-1-1"]).await.expect(422)["code"], "no_numbered_seats");
    let layouts = it.house.owner.get(&format!("{}/layouts", it.house.path)).await.expect(200);
    let layout = layouts["items"][0]["id"].clone();
    let body = |categories: Value| json!({"layout_id": layout, "categories": categories});
    for categories in [json!({}), json!({"X": [it.stalls]}), json!({"S": [it.stalls], "C": [it.stalls]})] {
        let refused = put(&it.house.owner, &seating, body(categories)).await.expect(422);
        assert_eq!(refused["code"], "invalid_fields", "{refused}");
    }
    put(&it.house.owner, &seating, body(json!({"S": [it.stalls]}))).await.expect(200);
    let kind = format!("{}/ticket-types/{}", it.show.path, it.stalls);
    let request =
        it.house.owner.request(Method::PATCH, &kind).header("If-Match", "\"4\"").json(&json!({"is_addon": true}));
    assert_eq!(it.house.owner.send(request).await.expect(422)["errors"][0]["code"], "sells_seats");
    let held = it.hold_seats(&["S-1-1"]).await.expect(201);
    let refused = put(&it.house.owner, &seating, body(json!({"S": [it.stalls]}))).await.expect(409);
    assert_eq!(refused["code"], "sale_has_begun");
    assert_eq!(it.house.owner.delete(&seating).await.expect(409)["code"], "sale_has_begun");
    // An order that was called off holds and sells nothing, and its seats must still be the same ones when money comes late.
    order(&it.app.client, &held, "ada@example.org").await.expect(201);
    let orders = it.house.owner.get(&format!("{}/orders", it.show.path)).await.expect(200);
    let cancel = format!("{}/orders/{}/cancel", it.show.path, orders["items"][0]["id"].as_str().unwrap());
    it.house.owner.post(&cancel, json!({"refund": false})).await.expect(200);
    assert_eq!(it.house.owner.delete(&seating).await.expect(409)["code"], "sale_has_begun");
    it.app.check().await;
}
