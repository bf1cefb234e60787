//! What a client of a real PostgreSQL sees of each fault, and what the database holds afterwards.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use faultproxy::{Address, Chance, Counters, Cut, Direction, End, Faults, Protocol, Proxy};
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use testkit::Database;

const LONG: Duration = Duration::from_secs(20);

struct Bench {
    proxy: Proxy,
    through: PgConnectOptions,
    /// Past the proxy.
    direct: PgPool,
}

impl Bench {
    async fn start(seed: u64) -> Self {
        let database = Database::fresh().await;
        let options = database.options();
        let socket = options.get_socket().unwrap().join(format!(".s.PGSQL.{}", options.get_port()));
        let proxy = Proxy::start(&Address::free_port(), Address::Unix(socket), Protocol::Postgres, seed).await.unwrap();
        let address = proxy.address().socket_address().unwrap();
        // The client may ask for encryption; the proxy says that there is none.
        let through = PgConnectOptions::new_without_pgpass()
            .host(&address.ip().to_string())
            .port(address.port())
            .username("postgres")
            .database(options.get_database().unwrap());
        let direct = database.superuser().await;
        direct.execute("create table mark (id int primary key)").await.unwrap();
        Self { proxy, through, direct }
    }

    fn set(&self, faults: Faults) {
        self.proxy.control().set(faults);
    }

    fn counters(&self) -> Counters {
        self.proxy.control().counters()
    }

    async fn connect(&self) -> PgConnection {
        self.through.connect().await.unwrap()
    }

    async fn has(&self, id: i32) -> bool {
        sqlx::query_scalar("select exists (select from mark where id = $1)")
            .bind(id)
            .fetch_one(&self.direct)
            .await
            .unwrap()
    }

    /// Sessions through the proxy that are inside a transaction.
    async fn open_transactions(&self) -> i64 {
        sqlx::query_scalar(
            "select count(*) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'",
        )
        .fetch_one(&self.direct)
        .await
        .unwrap()
    }
}

/// Writes a mark in a transaction, with the COMMIT in one protocol or the other.
async fn mark(connection: &mut PgConnection, id: i32, is_prepared: bool) -> Result<(), sqlx::Error> {
    connection.execute("begin").await?;
    sqlx::query("insert into mark values ($1)").bind(id).execute(&mut *connection).await?;
    if is_prepared {
        sqlx::query("commit").execute(connection).await?
    } else {
        connection.execute("commit").await?
    };
    Ok(())
}

#[tokio::test]
async fn without_a_fault_sessions_work_and_commits_are_seen() {
    let bench = Bench::start(1).await;
    let mut connection = bench.connect().await;
    for (id, is_prepared) in [(1, false), (2, true), (3, true), (4, false)] {
        mark(&mut connection, id, is_prepared).await.unwrap();
    }
    let rows: Vec<String> = sqlx::query_scalar("select repeat('x', 1000) from generate_series(1, 500)")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(rows.len(), 500);
    connection.close().await.unwrap();
    assert_eq!(bench.counters(), Counters { connections: 1, commits: 4, ..Counters::default() });
}

#[tokio::test]
async fn a_swallowed_commit_is_an_error_to_the_client_and_the_row_is_there() {
    let bench = Bench::start(1).await;
    for (id, is_prepared) in [(1, false), (2, true)] {
        bench.proxy.control().heal();
        let mut connection = bench.connect().await;
        // Prepared before, so that the second time it is only bound and executed.
        mark(&mut connection, 100 + id, is_prepared).await.unwrap();
        bench.set(Faults { commit_swallow: Chance::ALWAYS, ..Faults::default() });
        let failed = mark(&mut connection, id, is_prepared).await.unwrap_err();
        assert!(matches!(failed, sqlx::Error::Io(_)), "{failed}");
        assert!(bench.has(id).await, "PostgreSQL had executed it");
    }
    assert_eq!(bench.counters(), Counters { connections: 2, commits: 4, commits_swallowed: 2, ..Counters::default() });
}

#[tokio::test]
async fn a_commit_that_was_cut_off_is_an_error_too_and_the_row_is_not_there() {
    let bench = Bench::start(1).await;
    for (id, is_prepared) in [(1, false), (2, true)] {
        bench.proxy.control().heal();
        let mut connection = bench.connect().await;
        bench.set(Faults { commit_cut: Chance::ALWAYS, end: End::Close, ..Faults::default() });
        let failed = mark(&mut connection, id, is_prepared).await.unwrap_err();
        assert!(matches!(failed, sqlx::Error::Io(_)), "{failed}");
        let since = Instant::now();
        while bench.open_transactions().await > 0 {
            assert!(since.elapsed() < LONG, "PostgreSQL never noticed");
        }
        assert!(!bench.has(id).await, "PostgreSQL had never heard of it");
    }
    assert_eq!(bench.counters(), Counters { connections: 2, commits: 2, commits_cut: 2, ..Counters::default() });
}

#[tokio::test]
async fn a_commit_that_fails_is_answered_when_it_is_not_swallowed_and_silent_when_it_is() {
    let bench = Bench::start(1).await;
    bench.direct.execute("alter table mark add twin int unique deferrable initially deferred").await.unwrap();
    bench.direct.execute("insert into mark values (1, 7)").await.unwrap();
    let insert = "begin; insert into mark values (2, 7)";
    let mut connection = bench.connect().await;
    connection.execute(insert).await.unwrap();
    let answered = connection.execute("commit").await.unwrap_err();
    assert!(matches!(answered, sqlx::Error::Database(_)), "{answered}");
    bench.set(Faults { commit_swallow: Chance::ALWAYS, ..Faults::default() });
    connection.execute(insert).await.unwrap();
    let silent = connection.execute("commit").await.unwrap_err();
    assert!(matches!(silent, sqlx::Error::Io(_)), "{silent}");
    assert!(!bench.has(2).await);
}

#[tokio::test]
async fn the_same_seed_swallows_the_same_commits() {
    let run = async |seed| {
        let bench = Bench::start(seed).await;
        bench.set(Faults { commit_swallow: Chance::of_millionths(300_000), ..Faults::default() });
        let mut swallowed = Vec::new();
        for id in 0..30 {
            let mut connection = bench.connect().await;
            if mark(&mut connection, id, false).await.is_err() {
                swallowed.push(id);
                assert!(bench.has(id).await);
            }
        }
        assert_eq!(bench.counters().commits_swallowed, u64::try_from(swallowed.len()).unwrap());
        swallowed
    };
    let first = run(42).await;
    assert!(!first.is_empty() && first.len() < 30, "{first:?}");
    assert_eq!(first, run(42).await);
    assert_ne!(first, run(43).await);
}

#[tokio::test]
async fn a_session_is_cut_in_the_middle_of_an_answer() {
    let bench = Bench::start(1).await;
    let mut connection = bench.connect().await;
    bench.set(Faults { cut: Some(Cut { direction: Direction::Down, after_bytes: 5_000 }), ..Faults::default() });
    let failed = connection.fetch_all("select repeat('x', 1000) from generate_series(1, 500)").await.unwrap_err();
    assert!(matches!(failed, sqlx::Error::Io(_)), "{failed}");
    bench.proxy.control().heal();
    bench.connect().await.execute("select 1").await.unwrap();
}

#[tokio::test]
async fn a_black_hole_keeps_a_session_waiting_and_lets_it_go_on() {
    let bench = Bench::start(1).await;
    let mut connection = bench.connect().await;
    connection.execute("begin; insert into mark values (1)").await.unwrap();
    bench.set(Faults { black_hole: true, ..Faults::default() });
    {
        let commit = connection.execute("commit");
        tokio::pin!(commit);
        assert!(tokio::time::timeout(Duration::from_millis(300), &mut commit).await.is_err());
        assert!(!bench.has(1).await);
        bench.proxy.control().heal();
        tokio::time::timeout(LONG, commit).await.unwrap().unwrap();
    }
    assert!(bench.has(1).await);
}

#[tokio::test]
async fn a_commit_that_hangs_leaves_its_transaction_open_until_it_may_go_on() {
    let bench = Bench::start(1).await;
    let mut connection = bench.connect().await;
    bench.set(Faults { commit_hang: Chance::ALWAYS, ..Faults::default() });
    {
        let marked = mark(&mut connection, 1, false);
        tokio::pin!(marked);
        assert!(tokio::time::timeout(Duration::from_millis(300), &mut marked).await.is_err());
        assert_eq!((bench.has(1).await, bench.open_transactions().await), (false, 1));
        bench.proxy.control().heal();
        tokio::time::timeout(LONG, marked).await.unwrap().unwrap();
    }
    assert!(bench.has(1).await);
    assert_eq!(bench.counters().commits_hung, 1);
}

#[tokio::test]
async fn refused_and_cut_sessions_are_errors_and_new_ones_work_after_healing() {
    let bench = Bench::start(1).await;
    let mut connection = bench.connect().await;
    bench.set(Faults { refuse: true, ..Faults::default() });
    bench.proxy.control().cut_all(End::Reset);
    assert!(connection.execute("select 1").await.is_err());
    assert!(bench.through.connect().await.is_err());
    bench.proxy.control().heal();
    bench.connect().await.execute("select 1").await.unwrap();
    let counters = bench.counters();
    assert_eq!((counters.cut, counters.refused), (1, 1));
}
