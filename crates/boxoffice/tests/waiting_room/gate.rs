//! The gate: nobody buys without an admission of their own.

use boxoffice::waiting_room::model::gate::{AdmissionRefusal, Reason};
use platform::Failure;
use reqwest::Method;
use serde_json::json;

use crate::support::{Sale, presented, sale, text};

async fn reason(sale: &Sale, admission: Option<&str>, secret: &str) -> Option<Reason> {
    match sale.check(&presented(admission, secret, &sale.app.platform)).await {
        Ok(Some(_)) => None,
        Ok(None) => panic!("there is no waiting room"),
        Err(Failure::Refused(AdmissionRefusal::WaitingRoom { reason, .. })) => Some(reason),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_sale_without_a_waiting_room_asks_for_nothing() {
    let sale = sale(10).await;
    assert!(sale.check(&Default::default()).await.unwrap().is_none());
    sale.app.client.get(&format!("/api/v1/events/{}/waiting-room", sale.slug)).await.expect(404);
}

#[tokio::test]
async fn an_admission_is_good_for_one_browser_until_it_ends() {
    let sale = sale(1000).await;
    sale.arm(2).await;
    let (ada, bot) = (sale.join().await, sale.join().await);
    assert_eq!(reason(&sale, None, &ada.secret).await, Some(Reason::Missing));
    sale.ticks(3).await;
    let admission = sale.place(&ada).await["admission"].clone();
    let token = admission["token"].as_str().unwrap();
    assert_eq!(reason(&sale, Some(token), &ada.secret).await, None);
    // Shared, forged, of the line, nothing at all.
    assert_eq!(reason(&sale, Some(token), &bot.secret).await, Some(Reason::Foreign));
    assert_eq!(reason(&sale, Some(token), "").await, Some(Reason::Missing));
    let forged = format!("{}0", &token[..token.len() - 1]);
    let forged = if forged == token { format!("{}1", &token[..token.len() - 1]) } else { forged };
    assert_eq!(reason(&sale, Some(&forged), &ada.secret).await, Some(Reason::Foreign));
    assert_eq!(reason(&sale, Some(&ada.token), &ada.secret).await, Some(Reason::Foreign));
    sale.app.advance(595);
    assert_eq!(reason(&sale, Some(token), &ada.secret).await, None);
    sale.app.advance(5);
    assert_eq!(reason(&sale, Some(token), &ada.secret).await, Some(Reason::Expired));
}

#[tokio::test]
async fn a_place_is_only_shown_to_its_browser() {
    let sale = sale(1000).await;
    sale.arm(60).await;
    let (ada, bob) = (sale.join().await, sale.join().await);
    let base = sale.app.client.base();
    sale.ask(Method::GET, &ada.token, &bob.secret, base).await.expect(404);
    sale.ask(Method::DELETE, &ada.token, &bob.secret, base).await.expect(404);
    sale.ask(Method::GET, "wte_0.00", &ada.secret, base).await.expect(404);
    sale.ask(Method::GET, &ada.token, "short", base).await.expect(404);
    sale.ask(Method::GET, &ada.token, &ada.secret, base).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_admission_takes_five_holds_and_makes_one_order_however_many_ask_at_once() {
    let sale = sale(1000).await;
    sale.arm(2).await;
    let ada = sale.join().await;
    sale.ticks(3).await;
    let token = text(&sale.place(&ada).await["admission"]["token"]);
    let holds = futures_util::future::join_all((0..20).map(|_| sale.hold(&ada, &token, 1))).await;
    let held: Vec<_> = holds.iter().filter(|answer| answer.status == 201).map(|answer| answer.json()).collect();
    assert_eq!(held.len(), 5);
    for answer in holds.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.expect(409)["code"], "admission_spent");
    }
    sale.tick().await;
    assert_eq!(sale.figures().await["holding"], 1);
    // Every hold is ordered, each under another name, and once more in one call.
    let emails: Vec<String> = (0..5).map(|at| format!("ada{at}@example.org")).collect();
    let orders = held.iter().zip(&emails).map(|(hold, email)| sale.order(hold, email));
    let (orders, at_once) = futures_util::future::join(
        futures_util::future::join_all(orders),
        futures_util::future::join_all((0..5).map(|_| sale.buy(&ada, &token, "once@example.org"))),
    )
    .await;
    let all = orders.iter().chain(&at_once);
    assert_eq!(all.clone().filter(|answer| answer.status == 201).count(), 1);
    assert!(all.clone().filter(|answer| answer.status != 201).all(|answer| answer.json()["code"] == "admission_spent"));
    sale.tick().await;
    let figures = sale.figures().await;
    assert_eq!((figures["bought"].as_i64(), figures["shopping"].as_i64()), (Some(1), Some(0)));
    assert_eq!(sale.place(&ada).await["state"], "bought");
    assert_eq!(sale.join_again(&ada).await.expect(409)["code"], "already_bought");
    sale.app.check().await;
}

#[tokio::test]
async fn nobody_holds_or_orders_without_an_admission_and_is_told_where_to_join() {
    let sale = sale(1000).await;
    let lines = json!([{"ticket_type_id": sale.kind, "quantity": 1}]);
    let holds = format!("/api/v1/events/{}/holds", sale.slug);
    // What was held before the room was armed is ordered all the same.
    let before = sale.app.client.post(&holds, json!({"lines": lines})).await.expect(201);
    sale.arm(2).await;
    sale.order(&before, "early@example.org").await.expect(201);
    let refused = sale.app.client.post(&holds, json!({"lines": lines})).await.expect(409);
    assert_eq!((refused["code"].as_str(), refused["reason"].as_str()), (Some("waiting_room"), Some("missing")));
    assert_eq!(refused["join"], json!(format!("/api/v1/events/{}/waiting-room/place", sale.slug)));
    let orders = format!("/api/v1/events/{}/orders", sale.slug);
    let body = json!({"lines": lines, "buyer": {"name": "Bot", "email": "bot@example.org"}});
    assert_eq!(sale.app.client.post(&orders, body).await.expect(409)["code"], "waiting_room");
    // An event of the same house without a room is not concerned.
    let ada = sale.join().await;
    sale.ticks(3).await;
    let token = text(&sale.place(&ada).await["admission"]["token"]);
    sale.buy(&ada, &token, "ada@example.org").await.expect(201);
    sale.app.check().await;
}

#[tokio::test]
async fn a_refused_hold_or_order_uses_nothing_up() {
    let sale = sale(3).await;
    sale.arm(2).await;
    let ada = sale.join().await;
    sale.ticks(3).await;
    let token = text(&sale.place(&ada).await["admission"]["token"]);
    for _ in 0..10 {
        assert_eq!(sale.hold(&ada, &token, 4).await.expect(409)["code"], "sold_out");
    }
    let hold = sale.hold(&ada, &token, 3).await.expect(201);
    assert_eq!(sale.buy(&ada, &token, "ada@example.org").await.expect(409)["code"], "sold_out");
    // The same order twice is the same order.
    let order = sale.order(&hold, "ada@example.org").await.expect(201);
    assert_eq!(sale.order(&hold, "ada@example.org").await.expect(201)["code"], order["code"]);
}

#[tokio::test]
async fn joining_is_limited_like_holding() {
    let sale = sale(10).await;
    sale.arm(60).await;
    let joined = sale.app.client.post(&format!("/api/v1/events/{}/waiting-room/place", sale.slug), json!({})).await;
    assert!(joined.header("ratelimit").contains("\"holds\""), "{:?}", joined.headers);
}
