//! The server's clock jumps by ten minutes, forwards and backwards, in the middle of a sale.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use faultproxy::Draw;
use serde_json::{Value, json};
use testkit::{Client, TestApp};
use tokio::task::JoinSet;

use super::TURN;
use crate::support::verdict::rounds;
use crate::support::{self, House, Show};

const JUMP_SECONDS: i64 = 600;
const BUYERS: u64 = 12;
const PLACES: i32 = 60;

#[derive(Default)]
struct Tally {
    is_over: AtomicBool,
    sold: AtomicU64,
    refused: AtomicU64,
    late: AtomicU64,
}

/// Holds and orders, and lets go of some; never more than 409 or 410 may come of it.
async fn keep_buying(client: Client, show: Arc<Show>, kind: String, number: u64, tally: Arc<Tally>) {
    let mut draw = Draw::new(7, number);
    while !tally.is_over.load(Ordering::Relaxed) {
        let answer = support::hold(&client, &show, &kind, 1).await;
        if answer.status.as_u16() != 201 {
            let code = answer.expect(409)["code"].clone();
            assert!(code == "sold_out" || code == "not_on_sale", "{}", answer.text());
            tally.refused.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        }
        let held = answer.json();
        match draw.below(3) {
            0 => {}
            1 => {
                let path = format!("/api/v1/holds/{}?secret={}", text(&held["id"]), text(&held["secret"]));
                let released = client.delete(&path).await.status.as_u16();
                assert!([200, 204, 409, 410].contains(&released), "{released}");
            }
            _ => order(&client, &held, number, &tally).await,
        }
    }
}

async fn order(client: &Client, held: &Value, number: u64, tally: &Tally) {
    let ordered = support::order(client, held, &format!("buyer{number}@example.org")).await;
    match ordered.status.as_u16() {
        201 => tally.sold.fetch_add(1, Ordering::Relaxed),
        409 | 410 => tally.late.fetch_add(1, Ordering::Relaxed),
        _ => panic!("{}", ordered.text()),
    };
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A sale that is open from ten minutes ago to ten minutes from now.
async fn open_sale(app: &TestApp, house: &House, title: &str) -> (Show, String) {
    let show = house.draft(title).await;
    let at = |seconds| (app.platform.clock.now() + jiff::SignedDuration::from_secs(seconds)).to_string();
    let new = json!({"name": "Entry", "pricing": "free", "capacity": PLACES,
        "sale_starts_at": at(-JUMP_SECONDS), "sale_ends_at": at(JUMP_SECONDS)});
    let kind = house.owner.post(&format!("{}/ticket-types", show.path), new).await.expect(201);
    house.publish(&show).await;
    (show, text(&kind["id"]).to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_and_sale_windows_keep_the_invariants_while_the_clock_jumps() {
    let _turn = TURN.lock().await;
    let app = support::start().await;
    let house = support::found(&app, "northside").await.with_key().await;
    let (mut jumps, mut refused, mut late) = (0, 0, 0);
    for round in 0..rounds("FAULT_ROUNDS", 3) {
        let (show, kind) = open_sale(&app, &house, &format!("Round {round}")).await;
        let (show, tally) = (Arc::new(show), Arc::new(Tally::default()));
        let mut buyers = JoinSet::new();
        for number in 0..BUYERS {
            buyers.spawn(keep_buying(app.client.clone(), Arc::clone(&show), kind.clone(), number, Arc::clone(&tally)));
        }
        // There and back, so that the sale is open half of the time, and one jump beyond its end or before its beginning.
        let mut draw = Draw::new(round, 0);
        for _ in 0..10 {
            let jump = if draw.below(2) == 0 { JUMP_SECONDS } else { -JUMP_SECONDS };
            for way in [jump, jump, -jump, -jump] {
                app.advance(way);
                jumps += 1;
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        }
        tally.is_over.store(true, Ordering::Relaxed);
        while let Some(ended) = buyers.join_next().await {
            ended.unwrap();
        }
        app.check().await;
        refused += tally.refused.load(Ordering::Relaxed);
        late += tally.late.load(Ordering::Relaxed);
        sell_the_rest(&app, &house, &show, &kind, &tally).await;
    }
    app.check().await;
    assert!(refused > 0, "no sale was closed by the clock: the test does not test");
    println!("{jumps} jumps of ten minutes, {refused} holds refused, {late} orders came too late, 0 invariants broken");
}

/// Every place that a jump set free, and none that was sold, can be bought: as many as there were.
async fn sell_the_rest(app: &TestApp, house: &House, show: &Show, kind: &str, tally: &Tally) {
    boxoffice::hold::sweep::sweep_all(&app.platform).await.unwrap();
    // Holds that were made while the clock was ahead end when it gets there; the sale is open for some seconds before that.
    app.advance(JUMP_SECONDS - 1);
    boxoffice::hold::sweep::sweep_all(&app.platform).await.unwrap();
    let held_ahead = house.pool(show).await["held"].as_i64().unwrap();
    let mut sold = i64::try_from(tally.sold.load(Ordering::Relaxed)).unwrap();
    while let Ok(held) = bought(&app.client, show, kind).await {
        assert_eq!(held["state"], "paid");
        sold += 1;
    }
    assert_eq!(sold + held_ahead, i64::from(PLACES), "{}", house.pool(show).await);
    app.advance(3 * JUMP_SECONDS);
    boxoffice::hold::sweep::sweep_all(&app.platform).await.unwrap();
    let pool = house.pool(show).await;
    assert_eq!((pool["sold"].as_i64(), pool["held"].as_i64()), (Some(sold), Some(0)));
}

async fn bought(client: &Client, show: &Show, kind: &str) -> Result<Value, ()> {
    let answer = support::hold(client, show, kind, 1).await;
    if answer.status.as_u16() == 409 {
        assert_eq!(answer.json()["code"], "sold_out", "{}", answer.text());
        return Err(());
    }
    Ok(support::order(client, &answer.expect(201), "rest@example.org").await.expect(201))
}
