//! Commits whose answer never arrives, and commits that never arrive: the client that asks again finds the one order there is.

use std::time::{Duration, Instant};

use faultproxy::{Chance, Counters, Faults};
use testkit::Database;

use super::way::Way;
use super::{TURN, lasting};
use crate::support::buyers::{Buyers, Manner};
use crate::support::server::{NEVER_CAME_BACK, Server};
use crate::support::verdict::{Unclaimed, check};

const BUYERS: usize = 4;
const OUTSTANDING: usize = 4;
/// Two in a hundred.
const OFTEN: Chance = Chance::of_millionths(20_000);
/// Fewer than these, and the test does not test.
const HITS_MIN: u64 = 10;

fn hits(counters: &Counters) -> u64 {
    counters.commits_swallowed + counters.commits_cut
}

async fn every_order_is_found(faults: Faults) {
    let _turn = TURN.lock().await;
    let way = Way::to(&Database::fresh().await).await;
    let server = Server::start(&[("database.url", &way.url())]).await;
    let sale = server.open_sale(1_000_000).await;
    way.proxy.control().set(faults);
    let buyers = Buyers::start(&server, &sale, Manner::Persists, BUYERS, OUTSTANDING).await;
    tokio::time::sleep(lasting()).await;
    let (since, control) = (Instant::now(), way.proxy.control().clone());
    while hits(&control.counters()) < HITS_MIN {
        assert!(since.elapsed() < NEVER_CAME_BACK, "only {} commits were hit", hits(&control.counters()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ledger = buyers.finish().await;
    control.heal();
    let counters = control.counters();
    println!("{}", ledger.summary());
    println!(
        "{} commits seen, {} swallowed, {} cut off",
        counters.commits, counters.commits_swallowed, counters.commits_cut
    );
    // Each buyer asks again only when it has been answered, so a key that is still taken then belongs to nobody any more.
    assert_eq!(ledger.in_progress(), 0, "keys whose claim or answer was lost with its commit");
    let superuser = way.database.superuser().await;
    check(&server, &superuser, &[&ledger], Unclaimed::None).await;
    superuser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_order_is_found_by_the_client_that_asks_again_when_answers_of_commits_are_swallowed() {
    every_order_is_found(Faults { commit_swallow: OFTEN, ..Faults::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_is_doubled_when_commits_never_arrive() {
    every_order_is_found(Faults { commit_cut: OFTEN, ..Faults::default() }).await;
}
