//! A list asks the database as often for one row as for three. Alone in its process, because statements are counted process-wide.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: a helper that cannot do its work fails the test"
)]

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use testkit::Client;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

#[path = "door/support.rs"]
#[allow(dead_code, reason = "shared with the other tests")]
mod support;

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

/// Counts what sqlx says it sends.
struct Counter;

impl<S: tracing::Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            STATEMENTS.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn statements(client: &Client, path: &str, items: usize) -> usize {
    client.get(path).await.expect(200);
    let before = STATEMENTS.load(Ordering::SeqCst);
    let page = client.get(path).await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), items, "{path}");
    STATEMENTS.load(Ordering::SeqCst) - before
}

#[tokio::test]
async fn lists_ask_as_often_for_one_row_as_for_three() {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Counter)).unwrap();
    let house = support::house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let phone = house.phone(&team, &show, "One").await;
    let order = house.order(&show, 0, &["Grace One"]).await;
    support::scan(&phone.client, &support::qr(&order, 0), 1).await.expect(200);
    let devices = phone.path.rsplit_once('/').unwrap().0;
    let (lists, attendees) = (format!("{}/check-in-lists", show.path), format!("{}/attendees", show.path));
    let count = async |items| {
        [
            statements(&team.manager, &lists, items).await,
            statements(&team.manager, devices, items).await,
            statements(&team.manager, &attendees, items).await,
            statements(&phone.client, "/api/v1/door/search?q=grace", items).await,
        ]
    };
    let one = count(1).await;
    assert!(one.iter().all(|&count| count > 0), "statements are counted: {one:?}");
    for name in ["Two", "Three"] {
        team.manager.post(&lists, json!({ "name": name })).await.expect(201);
        house.phone(&team, &show, name).await;
        let order = house.order(&show, 0, &[&format!("Grace {name}")]).await;
        support::scan(&phone.client, &support::qr(&order, 0), u128::try_from(name.len()).unwrap()).await.expect(200);
    }
    assert_eq!(count(3).await, one);
}
