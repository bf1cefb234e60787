//! Two nodes on one database, one of them cut off in the middle of its sale, then healed.

use std::time::{Duration, Instant};

use faultproxy::{Chance, End, Faults};
use sqlx::PgPool;
use testkit::Database;

use super::way::Way;
use super::{TURN, lasting};
use crate::support::buyers::{Buyers, Manner};
use crate::support::server::{NEVER_CAME_BACK, SHARED_KEY, Server};
use crate::support::verdict::{Unclaimed, check};

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
        let cut = Server::start(&[
            ("database.url", &way.url()),
            ("vault.key", SHARED_KEY),
            // Whoever waits for a statement longer than this may stop waiting.
            ("database.statement_timeout_ms", "3000"),
        ])
        .await;
        let other = Server::start(&[("database.url", &database.url()), ("vault.key", SHARED_KEY)]).await;
        Self { way, cut, other }
    }

    /// Sells at both, breaks the way of one, sees the other go on selling and the one say that it cannot, heals.
    async fn cut_and_heal(&self, how: How) {
        let sale = self.other.open_sale(1_000_000).await;
        let at_cut = Buyers::start(&self.cut, &sale, Manner::Forgets, BUYERS, OUTSTANDING).await;
        let at_other = Buyers::start(&self.other, &sale, Manner::Forgets, BUYERS, OUTSTANDING).await;
        tokio::join!(at_cut.ledger.sell(SOLD), at_other.ledger.sell(SOLD));
        let superuser = self.way.database.superuser().await;
        self.cut_off(how, &superuser).await;
        at_other.ledger.start_watch();
        let (not_now, sold) = (at_cut.ledger.not_now(), at_cut.ledger.sold());
        let others_first = at_other.ledger.first_success().await;
        let was_cut_off = wait_for_status(&self.cut, "/readyz", 503).await;
        at_other.ledger.sell(SOLD).await;
        let since = Instant::now();
        while at_cut.ledger.not_now() == not_now {
            assert!(
                since.elapsed() < NEVER_CAME_BACK,
                "nobody is told to come back later; {}",
                at_cut.ledger.summary()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(lasting()).await;
        assert_eq!(self.cut.status_of("/livez").await, Some(200), "a node without a database is alive");
        let (refused, sold) = (at_cut.ledger.not_now() - not_now, at_cut.ledger.sold() - sold);
        at_cut.ledger.start_watch();
        self.way.proxy.control().heal();
        let healed = at_cut.ledger.first_success().await;
        println!(
            "cut off: ready no more after {} ms, {refused} times 503, {sold} sold by what was under way; the other sold again after {} ms; healed: next success after {} ms",
            was_cut_off.as_millis(),
            others_first.as_millis(),
            healed.as_millis()
        );
        let (at_cut, at_other) = tokio::join!(at_cut.finish(), at_other.finish());
        println!("at the node that was cut off: {}", at_cut.summary());
        println!("at the other: {}", at_other.summary());
        check(&self.other, &superuser, &[&at_cut, &at_other], Unclaimed::Allowed).await;
        let order = at_cut.orders().pop().unwrap();
        let path = format!("/api/v1/orders/{}?secret={}", order.code, order.secret);
        assert_eq!(self.other.status_of(&path).await, Some(200), "what one node sold the other shows");
        superuser.close().await;
    }

    async fn cut_off(&self, how: How, superuser: &PgPool) {
        let control = self.way.proxy.control();
        match how {
            How::Reset => {
                control.set(Faults { refuse: true, ..Faults::default() });
                control.cut_all(End::Reset);
            }
            How::Unheard => {
                // From the worst moment on: the stock is locked and the commit does not arrive.
                control.set(Faults { commit_hang: Chance::ALWAYS, ..Faults::default() });
                let since = Instant::now();
                while stock_is_locked_by_nobody_heard(superuser).await == 0 {
                    assert!(since.elapsed() < NEVER_CAME_BACK, "no transaction was caught: the test does not test");
                }
                control.set(Faults { commit_hang: Chance::ALWAYS, black_hole: true, ..Faults::default() });
            }
        }
    }
}

/// How a node loses its way to the database.
#[derive(Debug, Clone, Copy)]
enum How {
    /// Its connections are reset and new ones refused.
    Reset,
    /// Nothing arrives any more, in either direction, and nobody is told.
    Unheard,
}

/// Sessions that wait for their client with a lock on the stock.
async fn stock_is_locked_by_nobody_heard(superuser: &PgPool) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity a join pg_locks l on l.pid = a.pid
         where a.datname = current_database() and a.state = 'idle in transaction' and a.state_change < now() - interval '200 milliseconds'
           and l.relation = 'boxoffice.pool'::regclass and l.mode = 'RowExclusiveLock'",
    )
    .fetch_one(superuser)
    .await
    .unwrap()
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
    Nodes::start().await.cut_and_heal(How::Reset).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_hears_nothing_any_more_says_503_and_heals_while_the_other_sells() {
    let _turn = TURN.lock().await;
    Nodes::start().await.cut_and_heal(How::Unheard).await;
}
