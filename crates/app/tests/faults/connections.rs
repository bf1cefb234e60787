//! PostgreSQL has no connection left for the server: 503 at once or after the bounded wait, and it heals.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool};

use super::{TURN, lasting};
use crate::support::buyers::{Buyers, Manner};
use crate::support::server::{NEVER_CAME_BACK, Server};
use crate::support::verdict::{Unclaimed, check, median_and_longest};

const BUYERS: usize = 4;
const OUTSTANDING: usize = 4;
const SOLD: u64 = 30;
/// `database.acquire_timeout_ms` of the server under test, and what an answer may take beyond it on a busy machine.
const ACQUIRE_MS: u64 = 500;
const BEYOND: Duration = Duration::from_secs(4);
/// The server has no session when it was seen without one so often in a row.
const LOOKS_WITHOUT: u32 = 25;
/// As many sessions as the private PostgreSQL of this server takes, and one more.
const SESSIONS_MAX: usize = 101;

/// Takes every connection there is as an ordinary role.
async fn take_all(options: &PgConnectOptions, taken: &mut Vec<PgConnection>) {
    while let Ok(connection) = options.connect().await {
        taken.push(connection);
        assert!(taken.len() < SESSIONS_MAX, "there is no end of connections");
    }
}

/// Ends the server's sessions and takes their places, until it has none and can get none.
async fn take_those_of_the_server(superuser: &PgPool, options: &PgConnectOptions, taken: &mut Vec<PgConnection>) {
    let (since, mut looks_without) = (Instant::now(), 0);
    while looks_without < LOOKS_WITHOUT {
        // A session that is still starting has no name yet: it may be one of the server's.
        let others: i64 = sqlx::query_scalar(
            "select count(*) from (
               select pg_terminate_backend(pid) from pg_stat_activity
               where backend_type = 'client backend'
                 and (usename is null or usename = 'turnout' and application_name <> 'hog')) ended",
        )
        .fetch_one(superuser)
        .await
        .unwrap();
        looks_without = if others == 0 { looks_without + 1 } else { 0 };
        tokio::time::sleep(Duration::from_millis(20)).await;
        take_all(options, taken).await;
        assert!(since.elapsed() < NEVER_CAME_BACK, "the server keeps its connections");
    }
}

async fn slow_answers(server: &Server) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..5 {
        let since = Instant::now();
        assert_eq!(server.status_of("/readyz").await, Some(503));
        times.push(since.elapsed());
    }
    times
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_connections_says_503_soon_and_heals() {
    let _turn = TURN.lock().await;
    let acquire = ACQUIRE_MS.to_string();
    let server = Server::start(&[("database.acquire_timeout_ms", &acquire)]).await;
    let sale = server.open_sale(1_000_000).await;
    let superuser = server.superuser().await;
    // Both of its connections are open before there are none.
    tokio::join!(async { superuser.execute("select pg_sleep(0.1)").await.unwrap() }, async {
        superuser.execute("select pg_sleep(0.1)").await.unwrap()
    });
    let buyers = Buyers::start(&server, &sale, Manner::Forgets, BUYERS, OUTSTANDING).await;
    buyers.ledger.sell(SOLD).await;
    let options = server.postgres().username("turnout").application_name("hog");
    let mut taken = Vec::new();
    take_all(&options, &mut taken).await;
    take_those_of_the_server(&superuser, &options, &mut taken).await;
    let not_now = buyers.ledger.not_now();
    tokio::time::sleep(lasting()).await;
    let (median, longest) = median_and_longest(slow_answers(&server).await);
    let refused = buyers.ledger.not_now() - not_now;
    println!(
        "{} idle sessions; {refused} times 503; readiness answers 503 after {median} ms (median), {longest} ms (longest)",
        taken.len()
    );
    assert!(refused > 0, "nobody was told to come back later; {}", buyers.ledger.summary());
    let allowed = Duration::from_millis(ACQUIRE_MS) + BEYOND;
    assert!(Duration::from_millis(u64::try_from(longest).unwrap()) < allowed, "503 took {longest} ms");
    assert_eq!(server.status_of("/livez").await, Some(200));
    buyers.ledger.start_watch();
    for connection in taken {
        connection.close().await.unwrap();
    }
    let healed = buyers.ledger.first_success().await;
    println!("connections given back: next success after {} ms", healed.as_millis());
    let ledger = buyers.finish().await;
    println!("{}", ledger.summary());
    check(&server, &superuser, &[&ledger], Unclaimed::Allowed).await;
    superuser.close().await;
}
