//! kill -9 of the server, and of PostgreSQL, at full load: no acknowledged order is lost, no place leaks, and selling goes on.
//!
//! `CRASH_ROUNDS_SERVER` and `CRASH_ROUNDS_POSTGRES` say how often each is killed; the bar of a long run is 30 and 15.

mod support;

use std::time::Duration;

use support::buyers::{Buyers, Manner};
use support::server::Server;
use support::verdict::{Unclaimed, check, median_and_longest, rounds};

/// Half of them insist on an answer, the other half forget.
const BUYERS: usize = 8;
/// Purchases that each of them has under way at the same time.
const OUTSTANDING: usize = 4;
/// Sold between two kills, so that each hits a server that was at work.
const SOLD_BETWEEN: u64 = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Server,
    PostgreSql,
}

/// The kills of a run, of each victim as many as wanted, taking turns.
fn kills(server: u64, postgres: u64) -> Vec<Victim> {
    let (mut left, mut kills) = ((server, postgres), Vec::new());
    while left != (0, 0) {
        // Whoever has the larger part of its kills still to come is next.
        if left.0 * postgres >= left.1 * server && left.0 > 0 {
            left.0 -= 1;
            kills.push(Victim::Server);
        } else {
            left.1 -= 1;
            kills.push(Victim::PostgreSql);
        }
    }
    kills
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_order_is_lost_and_no_place_leaks() {
    let both = rounds("CRASH_ROUNDS", 2);
    let kills = kills(rounds("CRASH_ROUNDS_SERVER", both), rounds("CRASH_ROUNDS_POSTGRES", both));
    let mut server = Server::start(&[]).await;
    let sale = server.open_sale(1_000_000).await;
    let insisting = Buyers::start(&server, &sale, Manner::Insists, BUYERS / 2, OUTSTANDING).await;
    let forgetting = Buyers::start(&server, &sale, Manner::Forgets, BUYERS / 2, OUTSTANDING).await;
    let mut times: Vec<(Victim, Duration)> = Vec::new();
    for victim in kills {
        // Who insists may have to wait for a key that went down with the server (60 seconds), so the others set the pace.
        forgetting.ledger.sell(SOLD_BETWEEN).await;
        insisting.ledger.start_watch();
        forgetting.ledger.start_watch();
        match victim {
            Victim::Server => server.kill(),
            Victim::PostgreSql => server.kill_postgres(),
        }
        let (took, postgres) = tokio::join!(
            async {
                tokio::select! {
                    took = insisting.ledger.first_success() => took,
                    took = forgetting.ledger.first_success() => took,
                }
            },
            server.postgres_returns()
        );
        println!(
            "kill -9 of {victim:?}: PostgreSQL answers after {} ms, next success after {} ms",
            postgres.as_millis(),
            took.as_millis()
        );
        times.push((victim, took));
    }
    let (insisting, forgetting) = tokio::join!(insisting.finish(), forgetting.finish());
    println!("buyers who insist: {}", insisting.summary());
    println!("buyers who forget: {}", forgetting.summary());
    assert!(insisting.silent() + forgetting.silent() > 0, "no request was hit by a kill: the test does not test");
    let superuser = server.superuser().await;
    check(&server, &superuser, &[&insisting, &forgetting], Unclaimed::Allowed).await;
    superuser.close().await;
    for (victim, bar) in [(Victim::Server, 2_000), (Victim::PostgreSql, 5_000)] {
        let of_victim: Vec<Duration> = times.iter().filter(|(who, _)| *who == victim).map(|(_, took)| *took).collect();
        let count = of_victim.len();
        let (median, longest) = median_and_longest(of_victim);
        println!(
            "{victim:?} killed {count} times: next success after {median} ms (median), {longest} ms (longest); the bar is {bar} ms"
        );
    }
}

#[test]
fn the_kills_of_both_take_turns() {
    use Victim::{PostgreSql, Server};
    assert_eq!(kills(2, 2), [Server, PostgreSql, Server, PostgreSql]);
    assert_eq!(kills(0, 1), [PostgreSql]);
    assert_eq!((kills(30, 15).len(), kills(30, 0).len()), (45, 30));
}
