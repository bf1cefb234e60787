//! Several nodes on one database, and restarts.

use boxoffice::waiting_room::tick;
use serde_json::json;

use crate::support::sale;

#[tokio::test]
async fn a_restart_keeps_everybody_in_their_place() {
    let sale = sale(1000).await;
    sale.arm_with(10, json!({"shoppers_min": 2, "shoppers_max": 2})).await.expect(200);
    let mut people = sale.people(10).await;
    sale.wait(&people, 15).await;
    let before = sale.positions(&people).await;
    assert_eq!(before.iter().flatten().count(), 8);

    // The server is gone for five minutes; the new one knows nothing but the database.
    sale.app.advance(300);
    let node = sale.node().await;
    for person in &mut people {
        person.base.clone_from(&node.base);
    }
    assert_eq!(sale.positions(&people).await, before);
    // Its first ticks evict nobody, however long nobody was seen.
    for _ in 0..50 {
        sale.app.advance(1);
        tick::tick_all(&node.platform, "second").await.unwrap();
    }
    let figures = sale.figures().await;
    assert_eq!((figures["left"].as_i64(), figures["waiting"].as_i64()), (Some(0), Some(6)));
}

#[tokio::test]
async fn two_nodes_do_not_let_in_twice() {
    let sale = sale(1000).await;
    sale.arm_with(2, json!({"shoppers_min": 5, "shoppers_max": 5})).await.expect(200);
    sale.people(40).await;
    let (one, two) = (sale.node().await, sale.node().await);
    sale.app.advance(3);
    let mut admitted = 0;
    for _ in 0..30 {
        // Both at the same instant, several times.
        let ticks = (0..6).map(|at| {
            let platform = if at % 2 == 0 { &one.platform } else { &two.platform };
            tick::tick_all(platform, if at % 2 == 0 { "one" } else { "two" })
        });
        admitted += futures_util::future::join_all(ticks).await.into_iter().map(Result::unwrap).sum::<u64>();
        sale.app.advance(1);
    }
    assert_eq!(admitted, 5);
    assert_eq!(sale.figures().await["shopping"], 5);
}

#[tokio::test]
async fn whoever_joins_at_one_node_is_seen_by_the_other() {
    let sale = sale(1000).await;
    sale.arm_with(2, json!({"shoppers_min": 1, "shoppers_max": 1})).await.expect(200);
    sale.ticks(3).await;
    let node = sale.node().await;
    let mut people = Vec::new();
    for at in 0..6 {
        let base = if at % 2 == 0 { sale.app.client.base() } else { &node.base };
        people.push(sale.join_at(base).await);
    }
    sale.refresh(&sale.app.platform).await;
    sale.refresh(&node.platform).await;
    let places: Vec<_> = (1..=6).map(Some).collect();
    assert_eq!(sale.positions(&people).await, places);
    for person in &mut people {
        person.base = if person.base == node.base { sale.app.client.base().to_owned() } else { node.base.clone() };
    }
    assert_eq!(sale.positions(&people).await, places);
}
