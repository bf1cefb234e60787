//! 200 buyers at once for the last 50 places, through HTTP, with clients that hang up in the middle.
//!
//! The same test must fail when the guard of the stock is taken out: `scripts/mutants.sh` shows it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use support::{Show, found, hold, order, start};
use testkit::{Client, TestApp};
use tokio::sync::Barrier;

const BUYERS: u32 = 200;
const PLACES: i32 = 50;

/// What a buyer knows at the end.
enum Ending {
    Ticket,
    SoldOut,
}

#[derive(Default)]
struct Tally {
    hung_up: AtomicU32,
    is_patient: AtomicBool,
}

/// Runs a request, but hangs up first in one case of three. `None` is a client that left and does not know.
async fn impatiently<F: Future<Output = testkit::Response>>(
    number: u32,
    step: u32,
    tally: &Tally,
    request: F,
) -> Option<testkit::Response> {
    if tally.is_patient.load(Ordering::Relaxed) || !(number + step).is_multiple_of(3) {
        return Some(request.await);
    }
    let patience = Duration::from_micros(u64::from(number * 37 + step * 911) % 9_000);
    if let Ok(answer) = tokio::time::timeout(patience, request).await {
        Some(answer)
    } else {
        tally.hung_up.fetch_add(1, Ordering::Relaxed);
        None
    }
}

/// Tries to get one ticket; whoever hung up tries again, with the hold if there is one.
async fn buy(client: Client, show: Arc<Show>, kind: String, number: u32, tally: Arc<Tally>) -> Ending {
    let mut step = 0;
    loop {
        step += 1;
        let Some(answer) = impatiently(number, step, &tally, hold(&client, &show, &kind, 1)).await else { continue };
        if answer.status.as_u16() == 409 {
            assert_eq!(answer.json()["code"], "sold_out", "{}", answer.text());
            return Ending::SoldOut;
        }
        let held: Value = answer.expect(201);
        loop {
            step += 1;
            let email = format!("buyer{number}@example.org");
            if let Some(answer) = impatiently(number, step, &tally, order(&client, &held, &email)).await {
                assert_eq!(answer.expect(201)["state"], "paid");
                return Ending::Ticket;
            }
        }
    }
}

/// All buyers at once; answers how many got a ticket.
async fn rush(app: &TestApp, show: &Arc<Show>, kind: &str, buyers: u32, tally: &Arc<Tally>) -> i32 {
    let gate = Arc::new(Barrier::new(usize::try_from(buyers).unwrap()));
    let mut rush = tokio::task::JoinSet::new();
    for number in 0..buyers {
        let (client, show, kind, tally, gate) =
            (app.client.clone(), Arc::clone(show), kind.to_owned(), Arc::clone(tally), Arc::clone(&gate));
        rush.spawn(async move {
            gate.wait().await;
            buy(client, show, kind, number, tally).await
        });
    }
    let mut tickets = 0;
    while let Some(ending) = rush.join_next().await {
        tickets += i32::from(matches!(ending.unwrap(), Ending::Ticket));
    }
    tickets
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_buyers_get_fifty_places_and_not_one_more() {
    let rounds: u32 = std::env::var("RACE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    let app = start().await;
    if std::env::var_os("RACE_WITHOUT_CHECK").is_some() {
        let superuser = app.database.superuser().await;
        sqlx::raw_sql("alter table boxoffice.pool drop constraint pool_never_oversells")
            .execute(&superuser)
            .await
            .unwrap();
    }
    let house = found(&app, "northside").await.with_key().await;
    let mut hung_up = 0;
    for round in 1..=rounds {
        let (show, kind) = house.show(&format!("Round {round}"), 0, PLACES).await;
        let (show, tally) = (Arc::new(show), Arc::new(Tally::default()));
        let mut tickets = rush(&app, &show, &kind, BUYERS, &tally).await;
        // Holds of buyers who hung up and forgot them expire; the places go to those who were refused, who wait for their answers now.
        if tickets < PLACES {
            app.advance(601);
            tally.is_patient.store(true, Ordering::Relaxed);
            tickets += rush(&app, &show, &kind, BUYERS / 2, &tally).await;
        }
        let pool = house.pool(&show).await;
        assert_eq!(
            (tickets, pool["sold"].as_i64(), pool["held"].as_i64()),
            (PLACES, Some(PLACES.into()), Some(0)),
            "round {round}"
        );
        hung_up += tally.hung_up.load(Ordering::Relaxed);
        println!(
            "round {round}: {tickets} sold of {PLACES}, {} hung up, pool version {}",
            tally.hung_up.load(Ordering::Relaxed),
            pool["version"]
        );
    }
    app.check().await;
    assert!(hung_up > rounds * 10, "only {hung_up} clients hung up: the test does not test");
}
