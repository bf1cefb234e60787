//! A list asks the database as often for one row as for three. Alone in its process, because statements are counted process-wide.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a helper that cannot do its work fails the test"
)]

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use testkit::Client;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

#[path = "catalog/support.rs"]
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

/// One seat.
fn layout() -> serde_json::Value {
    let row = json!({"label": "1", "category": "A", "seats": [{"label": "1", "x": 0, "y": 0}]});
    json!({"name": "Room", "categories": [{"key": "A", "name": "All"}], "sections": [{"key": "S", "name": "S", "rows": [row]}]})
}

#[tokio::test]
async fn lists_ask_as_often_for_one_row_as_for_three() {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Counter)).unwrap();
    let house = support::house().await;
    let team = house.team("northside").await;
    let public = house.app.client.clone();
    house.published(&team, json!({ "title": "One" })).await;
    let (listed, layouts) = (team.path("/events"), team.path("/layouts"));
    let draw = async || team.editor.post(&layouts, layout()).await.expect(201);
    draw().await;
    let one = [
        statements(&public, "/api/v1/events", 1).await,
        statements(&team.viewer, &listed, 1).await,
        statements(&team.viewer, &layouts, 1).await,
    ];
    assert!(one.iter().all(|&count| count > 0), "statements are counted: {one:?}");
    house.published(&team, json!({ "title": "Two" })).await;
    house.published(&team, json!({ "title": "Three" })).await;
    draw().await;
    draw().await;
    let three = [
        statements(&public, "/api/v1/events", 3).await,
        statements(&team.viewer, &listed, 3).await,
        statements(&team.viewer, &layouts, 3).await,
    ];
    assert_eq!(one, three);
}
