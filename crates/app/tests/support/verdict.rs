//! What must be true after every fault, however hard it hit.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use sqlx::PgPool;

use super::buyers::Ledger;
use super::server::{NEVER_CAME_BACK, Server};

/// So many of the acknowledged orders are looked at through the front door too.
const LOOKED_AT: usize = 20;

/// Whether somebody may have bought without knowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclaimed {
    /// Buyers forget what they were not told.
    Allowed,
    /// Buyers insist, so that every order there is has been found by its buyer.
    None,
}

/// Checks the pass line of every fault run: nothing acknowledged is lost, nothing is bought twice by one key, no place leaks, the
/// invariants and the journal's chains hold, and nobody got an answer that nobody should get. Prints the figures.
#[expect(clippy::print_stdout, reason = "what was measured, for whoever reads the log")]
pub async fn check(server: &Server, superuser: &PgPool, ledgers: &[&Ledger], unclaimed: Unclaimed) {
    let paid: Vec<(String, String)> =
        sqlx::query_as("select code, buyer_email from boxoffice.orders where state = 'paid'")
            .fetch_all(superuser)
            .await
            .unwrap();
    let (codes, buyers): (HashSet<&str>, HashSet<&str>) =
        paid.iter().map(|(code, buyer)| (code.as_str(), buyer.as_str())).unzip();
    let known: Vec<_> = ledgers.iter().flat_map(|ledger| ledger.orders()).collect();
    let lost = known.iter().filter(|order| !codes.contains(order.code.as_str())).count();
    assert_eq!(lost, 0, "acknowledged orders are lost");
    assert_eq!(paid.len() - buyers.len(), 0, "purchases were made twice");
    let found: HashSet<&str> = known.iter().map(|order| order.email.as_str()).collect();
    let orphans: Vec<&(String, String)> = paid.iter().filter(|(_, buyer)| !found.contains(buyer.as_str())).collect();
    let unclaimed_count = orphans.len();
    let complaints: Vec<String> = ledgers.iter().flat_map(|ledger| ledger.complaints()).collect();
    assert_eq!(complaints, Vec::<String>::new(), "answers that nobody should get");
    assert!(
        unclaimed == Unclaimed::Allowed || orphans.is_empty(),
        "{unclaimed_count} orders were not found by their buyers, {:?} is one",
        orphans.first()
    );
    for order in known.iter().step_by((known.len() / LOOKED_AT).max(1)) {
        let path = format!("/api/v1/orders/{}?secret={}", order.code, order.secret);
        let shown = server.call(Method::GET, &path, "", Value::Null).await;
        assert_eq!((shown["state"].as_str(), shown["tickets"].as_array().map(Vec::len)), (Some("paid"), Some(1)));
    }
    let entries = settle(superuser).await;
    println!(
        "{} acknowledged, {} paid, {unclaimed_count} unclaimed, {entries} journal entries, 0 lost, 0 doubled, 0 leaked, 0 invariants broken",
        known.len(),
        paid.len(),
    );
}

/// Waits until every hold has ended, then checks the invariants and the chains; answers how many entries the journal has.
pub async fn settle(superuser: &PgPool) -> u64 {
    let since = Instant::now();
    loop {
        let held: i64 = sqlx::query_scalar("select coalesce(sum(held), 0)::bigint from boxoffice.pool")
            .fetch_one(superuser)
            .await
            .unwrap();
        if held == 0 {
            break;
        }
        assert!(since.elapsed() < NEVER_CAME_BACK, "{held} places leaked");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(testkit::violations(superuser).await, Vec::new());
    let (entries, broken) = platform::journal::verify(superuser).await.unwrap();
    assert_eq!(broken, Vec::new());
    assert_eq!(stuck_transactions(superuser).await, 0, "transactions were left open");
    entries
}

/// Sessions that have been inside a transaction without doing anything for a second.
pub async fn stuck_transactions(superuser: &PgPool) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity
         where datname = current_database() and state like 'idle in transaction%' and state_change < now() - interval '1 second'",
    )
    .fetch_one(superuser)
    .await
    .unwrap()
}

/// A number from the environment, or the usual one.
pub fn rounds(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Median and longest of what was measured, in milliseconds.
pub fn median_and_longest(mut times: Vec<Duration>) -> (u128, u128) {
    times.sort();
    let at = |index: usize| times.get(index).map_or(0, Duration::as_millis);
    (at(times.len() / 2), at(times.len().saturating_sub(1)))
}
