//! Transactions as operations see them: they commit or leave nothing, whatever becomes of the caller.

use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use kernel::events::EventCreated;
use kernel::{EventId, OrganisationId};
use platform::clock::Clock;
use platform::db::{self, Db, DbSettings};
use platform::random::Random;
use platform::vault::Vault;
use platform::{Failure, Fault, Never, Scope, Tx};
use sqlx::Row;
use testkit::Database;
use uuid::Uuid;

async fn db() -> (Database, Db) {
    db_of(4).await
}

async fn db_of(connections_max: u32) -> (Database, Db) {
    let database = Database::fresh().await;
    let settings = DbSettings {
        connections_max,
        acquire_timeout: Duration::from_secs(20),
        statement_timeout: Duration::from_secs(20),
    };
    let db = Db::new(database.options(), settings, Clock::machine(), Random::system(), Vault::new([1; 32]));
    (database, db)
}

fn organisation(number: u128) -> OrganisationId {
    OrganisationId::from(Uuid::from_u128(number))
}

async fn insert_pool(tx: &mut Tx, (owner, id): (OrganisationId, Uuid)) -> Result<(), Failure<Never>> {
    sqlx::query("insert into boxoffice.pool (organisation_id, id, event_id, name, capacity, created_at) values ($1, $2, $2, 'Hall', 1, now())")
        .bind(owner.uuid())
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

async fn count_pools(tx: &mut Tx, (): ()) -> Result<i64, Failure<Never>> {
    Ok(sqlx::query("select count(*) from boxoffice.pool").fetch_one(tx.conn()).await?.try_get(0)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_caller_leaves_no_connection_inside_a_transaction() {
    let (database, db) = db().await;
    let superuser = database.superuser().await;
    let mut dropped_early = 0;
    for round in 0..120_u32 {
        let polls = round % 12;
        let id = Uuid::from_u128(u128::from(round) + 1);
        let mut is_done = false;
        {
            let mut write =
                pin!(db.write(Scope::Tenant(organisation(1)), "insert_pool", (organisation(1), id), insert_pool));
            for _ in 0..=polls {
                if let Poll::Ready(outcome) = write.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    outcome.unwrap();
                    is_done = true;
                    break;
                }
                // Up to a millisecond altogether: the drop falls at another point of the transaction in every round.
                let pause = std::time::Instant::now();
                while pause.elapsed() < Duration::from_micros(u64::from(round) * 8 / 12) {
                    tokio::task::yield_now().await;
                }
            }
        }
        dropped_early += u32::from(!is_done);
        // The next borrower's acknowledged write is there, whatever happened to the one before.
        let acknowledged = Uuid::from_u128(u128::from(round) + 10_000);
        db.write(Scope::Tenant(organisation(1)), "insert_pool", (organisation(1), acknowledged), insert_pool)
            .await
            .unwrap();
        let found: i64 = sqlx::query_scalar("select count(*) from boxoffice.pool where id = $1")
            .bind(acknowledged)
            .fetch_one(&superuser)
            .await
            .unwrap();
        assert_eq!(found, 1, "round {round}");
    }
    assert!(
        dropped_early > 30,
        "only {dropped_early} callers were dropped before their answer: the test does not test"
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stuck: i64 = sqlx::query_scalar("select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'")
        .fetch_one(&superuser)
        .await
        .unwrap();
    assert_eq!(stuck, 0);
    // A task of its own finished every write whose caller had gone.
    let all: i64 = sqlx::query_scalar("select count(*) from boxoffice.pool").fetch_one(&superuser).await.unwrap();
    assert_eq!(all, 240);
}

#[tokio::test]
async fn a_connection_that_comes_back_dirty_is_cleaned_before_it_is_lent_again() {
    let (database, db) = db().await;
    // A stand-in for whatever could ever hand a connection back inside a transaction: the driver's own bug, a careless hand.
    let mut connections = Vec::new();
    for number in 0..4_u32 {
        let mut connection = db.owner_pool().acquire().await.unwrap();
        let dirt = format!(
            "begin; set local turnout.organisation = '{}'; set local turnout.scope = 'tenant'; create table public.leftover_{number} (x int)",
            Uuid::nil()
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(dirt)).execute(&mut *connection).await.unwrap();
        connections.push(connection);
    }
    drop(connections);
    let id = Uuid::from_u128(77);
    db.write(Scope::Tenant(organisation(1)), "insert_pool", (organisation(1), id), insert_pool).await.unwrap();
    let superuser = database.superuser().await;
    let found: i64 = sqlx::query_scalar("select count(*) from boxoffice.pool where id = $1")
        .bind(id)
        .fetch_one(&superuser)
        .await
        .unwrap();
    let leftover: Option<String> =
        sqlx::query_scalar("select to_regclass('public.leftover_0')::text").fetch_one(&superuser).await.unwrap();
    assert_eq!((found, leftover), (1, None));
}

#[tokio::test]
async fn without_a_tenant_nothing_is_seen_and_a_tenant_sees_only_its_own() {
    let (_database, db) = db().await;
    for (owner, pool) in [(organisation(1), 1), (organisation(2), 2)] {
        db.write(Scope::Tenant(owner), "insert_pool", (owner, Uuid::from_u128(pool)), insert_pool).await.unwrap();
    }
    for (scope, seen) in [
        (Scope::Nobody, 0),
        (Scope::Public, 0),
        (Scope::System, 0),
        (Scope::Tenant(organisation(3)), 0),
        (Scope::Tenant(organisation(1)), 1),
    ] {
        assert_eq!(db.read(scope, "count_pools", (), count_pools).await.unwrap(), seen, "{scope:?}");
    }
}

#[tokio::test]
async fn a_tenant_cannot_write_for_another() {
    let (_database, db) = db().await;
    let refused = db
        .write(Scope::Tenant(organisation(1)), "insert_pool", (organisation(2), Uuid::from_u128(1)), insert_pool)
        .await;
    let Err(Failure::Fault(Fault::Database(error))) = refused else { panic!("the row was written") };
    assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "row-level security said no");
}

async fn set_tenant_by_hand(tx: &mut Tx, other: OrganisationId) -> Result<(String, bool), Failure<Never>> {
    let row = sqlx::query("select current_user::text, pg_has_role(current_user, 'turnout', 'usage')")
        .fetch_one(tx.conn())
        .await?;
    let _ = other;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

#[tokio::test]
async fn transactions_run_as_a_role_that_owns_nothing() {
    let (_database, db) = db().await;
    let (user, can_be_owner) = db.read(Scope::System, "who_am_i", organisation(1), set_tenant_by_hand).await.unwrap();
    assert_eq!((user.as_str(), can_be_owner), ("turnout_app", false));
}

async fn record_created(tx: &mut Tx, event: EventId) -> Result<(), Failure<Never>> {
    Ok(tx.record(Some(organisation(1)), &EventCreated { event }).await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_entries_of_one_aggregate_get_gapless_versions_and_an_unbroken_chain() {
    let (database, db) = db().await;
    let event = EventId::from(Uuid::from_u128(5));
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let db = db.clone();
        writers.spawn(async move {
            // A writer that lost the race more often than it is retried says so; its caller tries again, as a client would.
            while db.write(Scope::Tenant(organisation(1)), "record", event, record_created).await.is_err() {}
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    let superuser = database.superuser().await;
    let versions: Vec<i64> = sqlx::query_scalar("select aggregate_version from platform.journal order by 1")
        .fetch_all(&superuser)
        .await
        .unwrap();
    assert_eq!(versions, (1..=24).collect::<Vec<i64>>());
    let (read, broken) = platform::journal::verify(&superuser).await.unwrap();
    assert_eq!((read, broken), (24, Vec::new()));
    // A change by a hand in the database shows, at the entry that was changed.
    sqlx::raw_sql(
        "alter table platform.journal disable trigger all;
         update platform.journal set payload = '{\"event\": \"evt_00000000000000000000000000\"}' where aggregate_version = 7",
    )
    .execute(&superuser)
    .await
    .unwrap();
    let (_, broken) = platform::journal::verify(&superuser).await.unwrap();
    assert_eq!(broken.iter().map(|link| link.version).collect::<Vec<_>>(), [7]);
}

async fn tamper(tx: &mut Tx, statement: &'static str) -> Result<(), Failure<Never>> {
    sqlx::raw_sql(statement).execute(tx.conn()).await?;
    Ok(())
}

#[tokio::test]
async fn the_journal_cannot_be_changed_by_the_server_nor_by_its_owner() {
    let (_database, db) = db().await;
    db.write(Scope::Tenant(organisation(1)), "record", EventId::from(Uuid::from_u128(5)), record_created)
        .await
        .unwrap();
    for statement in
        ["update platform.journal set actor = 'me'", "delete from platform.journal", "truncate platform.journal"]
    {
        let refused = db.write(Scope::Tenant(organisation(1)), "tamper", statement, tamper).await;
        assert!(refused.is_err(), "{statement}");
        assert!(sqlx::raw_sql(statement).execute(db.owner_pool()).await.is_err(), "as the owner: {statement}");
    }
}

static TRIES: AtomicU32 = AtomicU32::new(0);

async fn fail_twice(tx: &mut Tx, id: Uuid) -> Result<u32, Failure<Never>> {
    insert_pool(tx, (organisation(1), id)).await?;
    let tries = TRIES.fetch_add(1, Ordering::SeqCst) + 1;
    if tries < 3 {
        sqlx::raw_sql("do $$ begin raise exception 'again' using errcode = 'serialization_failure'; end $$")
            .execute(tx.conn())
            .await?;
    }
    Ok(tries)
}

#[tokio::test]
async fn a_serialization_failure_is_run_again_from_the_start() {
    let (database, db) = db().await;
    let tries = db.write(Scope::Tenant(organisation(1)), "fail_twice", Uuid::from_u128(9), fail_twice).await.unwrap();
    assert_eq!(tries, 3);
    let superuser = database.superuser().await;
    let found: i64 = sqlx::query_scalar("select count(*) from boxoffice.pool").fetch_one(&superuser).await.unwrap();
    assert_eq!(found, 1, "the tries that failed left nothing");
}

#[expect(clippy::panic, reason = "the bug that the test is about")]
async fn panics(tx: &mut Tx, id: Uuid) -> Result<(), Failure<Never>> {
    insert_pool(tx, (organisation(1), id)).await?;
    panic!("a bug in an operation");
}

#[tokio::test]
async fn an_operation_that_panics_is_a_fault_and_leaves_nothing() {
    let (database, db) = db().await;
    for _ in 0..8 {
        let outcome = db.write(Scope::Tenant(organisation(1)), "panics", Uuid::from_u128(9), panics).await;
        assert!(matches!(outcome, Err(Failure::Fault(Fault::Interrupted(_)))));
    }
    assert_eq!(
        db.read(Scope::Tenant(organisation(1)), "count_pools", (), count_pools).await.unwrap(),
        0,
        "the pool still lends good connections"
    );
    let superuser = database.superuser().await;
    let stuck: i64 = sqlx::query_scalar("select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'")
        .fetch_one(&superuser)
        .await
        .unwrap();
    assert_eq!(stuck, 0);
}

#[tokio::test]
async fn a_table_that_grew_is_analysed_once_and_again_when_it_is_four_times_as_large() {
    let (database, db) = db().await;
    let superuser = database.superuser().await;
    let fill = async |from: i32, until: i32| {
        sqlx::query(
            "insert into boxoffice.pool (organisation_id, id, event_id, name, capacity, created_at)
             select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'Pool ' || n, 1, now() from generate_series($1, $2) n",
        )
        .bind(from)
        .bind(until)
        .execute(&superuser)
        .await
        .unwrap();
    };
    let known_rows = async || -> f32 {
        let rows = sqlx::query_scalar("select reltuples from pg_class where oid = 'boxoffice.pool'::regclass");
        rows.fetch_one(&superuser).await.unwrap()
    };
    db::analyse_grown(&db).await.unwrap();
    assert!(known_rows().await < 1.0, "a table of a few rows is left alone");
    let pool = || "boxoffice.pool".to_owned();
    for (from, until) in [(1, 4_000), (4_001, 20_000)] {
        fill(from, until).await;
        assert!(db::analyse_grown(&db).await.unwrap().contains(&pool()), "{until} rows");
        assert!((known_rows().await - f32::from(i16::try_from(until).unwrap())).abs() < 1.0);
        fill(until + 30_000, until + 30_100).await;
        assert!(!db::analyse_grown(&db).await.unwrap().contains(&pool()), "a little more is no reason");
        sqlx::query("delete from boxoffice.pool where substr(name, 6)::int > 30000").execute(&superuser).await.unwrap();
    }
}

async fn backend(tx: &mut Tx, wait: f64) -> Result<i32, Failure<Never>> {
    Ok(sqlx::query("select pg_backend_pid() from pg_sleep($1)").bind(wait).fetch_one(tx.conn()).await?.try_get(0)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_connection_that_was_used_last_is_used_next() {
    let (_database, db) = db().await;
    let ask = |wait: f64| {
        let db = db.clone();
        tokio::spawn(async move { db.read(Scope::Nobody, "backend", wait, backend).await.unwrap() })
    };
    // All four at once, and more that wait for one of them.
    let all: Vec<_> = (0..12).map(|_| ask(0.1)).collect();
    let mut seen = std::collections::BTreeSet::new();
    for asked in all {
        seen.insert(asked.await.unwrap());
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
    let mut alone = std::collections::BTreeSet::new();
    for _ in 0..20 {
        alone.insert(ask(0.0).await.unwrap());
    }
    assert_eq!(alone.len(), 1, "{alone:?}");
}

#[tokio::test]
async fn whoever_waits_for_a_connection_gets_one_though_others_are_kept_warm() {
    let (_database, db) = db().await;
    let pool = db.owner_pool();
    for _ in 0..50 {
        let mut taken = Vec::new();
        for _ in 0..3 {
            taken.push(pool.acquire().await.unwrap());
        }
        // One connection is left for the three of them.
        let ask = || db.read(Scope::Nobody, "backend", 0.0, backend);
        let (one, two, three) = tokio::join!(ask(), ask(), ask());
        assert_eq!([two.unwrap(), three.unwrap()], [one.unwrap(); 2]);
    }
}

#[tokio::test]
async fn after_a_restart_the_warm_connections_are_all_given_up_at_once() {
    let (database, db) = db_of(16).await;
    let superuser = database.superuser().await;
    for _ in 0..5 {
        let ask = || db.read(Scope::Nobody, "backend", 0.05, backend);
        let (one, two, three, four) = tokio::join!(ask(), ask(), ask(), ask());
        let warm = std::collections::BTreeSet::from([one, two, three, four].map(Result::unwrap));
        assert_eq!(warm.len(), 4, "all four were open at once");
        sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
            .execute(&superuser)
            .await
            .unwrap();
        db.read(Scope::Nobody, "backend", 0.0, backend).await.unwrap();
    }
}

#[tokio::test]
async fn closing_waits_for_nobody_who_is_done() {
    let (_database, db) = db().await;
    db.read(Scope::Nobody, "backend", 0.0, backend).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), db.close()).await.unwrap();
    assert!(db.read(Scope::Nobody, "backend", 0.0, backend).await.is_err());
}
