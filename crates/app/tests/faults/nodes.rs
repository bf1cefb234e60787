//! Two nodes on one database, one of them cut off in the middle of its sale, then healed.

use std::time::{Duration, Instant};

use faultproxy::{End, Faults};
use testkit::Database;

use super::way::Way;
use super::{TURN, lasting};
use crate::support::buyers::{Buyers, Manner};
use crate::support::server::{NEVER_CAME_BACK, SHARED_KEY, Server};
use crate::support::verdict::{Unclaimed, check, stuck_transactions};

const BUYERS: usize = 4;
const OUTSTANDING: usize = 4;
/// What each must have sold before, and what must be sold by whoever can.
const SOLD: u64 = 30;

struct Nodes {
    way: Way,
    /// The node behind the proxy.
    cut: Server,
    other: Server,
}

impl Nodes {
    async fn start() -> Self {
        let database = Database::fresh().await;
        let way = Way::to(&database).await;
        let cut = Server::start(&[("database.url", &way.url()), ("vault.key", SHARED_KEY)]).await;
        let other = Server::start(&[("database.url", &database.url()), ("vault.key", SHARED_KEY)]).await;
        Self { way, cut, other }
    }

    /// Sells at both, breaks the way of one, sees the other go on selling and the one say that it cannot, heals.
    async fn cut_and_heal(&mut self, faults: Faults, end: Option<End>) {
        let sale = self.other.open_sale(1_000_000).await;
        let at_cut = Buyers::start(&self.cut, &sale, Manner::Forgets, BUYERS, OUTSTANDING).await;
        let at_other = Buyers::start(&self.other, &sale, Manner::Forgets, BUYERS, OUTSTANDING).await;
        tokio::join!(at_cut.ledger.sell(SOLD), at_other.ledger.sell(SOLD));
        let control = self.way.proxy.control().clone();
        at_other.ledger.start_watch();
        control.set(faults);
        if let Some(end) = end {
            control.cut_all(end);
        }
        let others_first = at_other.ledger.first_success().await;
        let (not_now, sold) = (at_cut.ledger.not_now(), at_cut.ledger.sold());
        let was_cut_off = wait_for_status(&self.cut, "/readyz", 503).await;
        at_other.ledger.sell(SOLD).await;
        tokio::time::sleep(lasting()).await;
        assert_eq!(self.cut.status_of("/livez").await, Some(200), "a node without a database is alive");
        let refused = at_cut.ledger.not_now() - not_now;
        assert!(refused > 0, "nobody was told to come back later; {}", at_cut.ledger.summary());
        let sold_meanwhile = at_cut.ledger.sold() - sold;
        at_cut.ledger.start_watch();
        control.heal();
        let healed = at_cut.ledger.first_success().await;
        println!(
            "cut off: ready no more after {} ms, {refused} times 503, {sold_meanwhile} sold by what was under way; the other sold again after {} ms; healed: next success after {} ms",
            was_cut_off.as_millis(),
            others_first.as_millis(),
            healed.as_millis()
        );
        let (at_cut, at_other) = tokio::join!(at_cut.finish(), at_other.finish());
        println!("at the node that was cut off: {}", at_cut.summary());
        println!("at the other: {}", at_other.summary());
        let superuser = self.way.database.superuser().await;
        check(&self.other, &superuser, &[&at_cut, &at_other], Unclaimed::Allowed).await;
        let order = at_cut.orders().pop().unwrap();
        let path = format!("/api/v1/orders/{}?secret={}", order.code, order.secret);
        assert_eq!(self.other.status_of(&path).await, Some(200), "what one node sold the other shows");
        assert_eq!(stuck_transactions(&superuser).await, 0);
        superuser.close().await;
    }
}

async fn wait_for_status(server: &Server, path: &str, status: u16) -> Duration {
    let since = Instant::now();
    while server.status_of(path).await != Some(status) {
        assert!(since.elapsed() < NEVER_CAME_BACK, "{path} never answered {status}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    since.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_connections_are_reset_says_503_and_heals_while_the_other_sells() {
    let _turn = TURN.lock().await;
    let faults = Faults { refuse: true, ..Faults::default() };
    Nodes::start().await.cut_and_heal(faults, Some(End::Reset)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_hears_nothing_any_more_says_503_and_heals_while_the_other_sells() {
    let _turn = TURN.lock().await;
    let faults = Faults { black_hole: true, ..Faults::default() };
    Nodes::start().await.cut_and_heal(faults, None).await;
}
