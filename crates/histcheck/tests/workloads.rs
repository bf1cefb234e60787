//! Two nodes on one database, many clients, six workloads: what the clients saw was linearizable. `HISTORY_SECONDS` makes them longer;
//! `HISTORY_WITHOUT_CHECK` takes the last wall of the database away, so that a planted bug has to be found by the checker.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::print_stdout, reason = "the figures of a run, for whoever reads the log")]

use std::time::Duration;

use histcheck::run::venue::Organiser;
use histcheck::run::workload::Workload;
use histcheck::run::{Plan, Site, run};
use testkit::{TestApp, TestAppBuilder};
use tokio::sync::Mutex;

/// The workloads want the machine for themselves.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

const CLIENTS: u32 = 24;

fn seconds() -> u64 {
    std::env::var("HISTORY_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(2)
}

/// Signs up while the jobs that send the code run. A job is not broken off: it would stay locked.
async fn sign_up(app: &TestApp) -> Organiser {
    let base = app.client.base().to_owned();
    let signing_up = tokio::spawn(async move { Organiser::sign_up(&base).await.unwrap() });
    while !signing_up.is_finished() {
        app.drain().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.drain().await;
    signing_up.await.unwrap()
}

async fn is_linearizable(workload: Workload) {
    let _turn = ONE_AT_A_TIME.lock().await;
    let plan = Plan { workload, duration: Duration::from_secs(seconds()), clients: CLIENTS, seed: 7 };
    let ttl = workload.shape(plan.duration).ttl.as_secs().to_string();
    let app = TestAppBuilder::new(app::compose::modules, app::compose::authenticator())
        .on_machine_time()
        .set("holds.ttl_seconds", &ttl)
        // So that batches go ahead of each other, although there are few clients.
        .set("boxoffice.ahead_min", "1")
        .start()
        .await;
    let second = app.second_node().await;
    let organiser = sign_up(&app).await;
    if std::env::var_os("HISTORY_WITHOUT_CHECK").is_some() {
        let superuser = app.database.superuser().await;
        let without = "alter table boxoffice.pool drop constraint pool_never_oversells";
        sqlx::raw_sql(without).execute(&superuser).await.unwrap();
    }
    let nodes = vec![app.client.base().to_owned(), second.client.base().to_owned()];
    let site = Site { nodes, database: app.database.superuser().await };
    let figures = run(&site, &organiser, plan).await.unwrap();
    println!("{figures}");
    assert_eq!(figures.complaints(), Vec::<String>::new());
    assert_eq!(figures.nodes, 2, "both nodes are asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_hot_pool_is_linearizable() {
    is_linearizable(Workload::Hot).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_pools_are_linearizable() {
    is_linearizable(Workload::ManyPools).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn types_that_draw_from_two_pools_are_linearizable() {
    is_linearizable(Workload::Bundles).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_that_are_confirmed_released_or_expire_are_linearizable() {
    is_linearizable(Workload::Endings).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_capacity_are_linearizable() {
    is_linearizable(Workload::Resizes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_hang_up_leave_a_linearizable_history() {
    is_linearizable(Workload::HangUps).await;
}
