//! The private cluster as an operator meets it: real processes, real signals.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use platform::postgres::{ClusterError, PrivateCluster, Settings};
use rustix::process::{Pid, Signal, geteuid, kill_process, test_kill_process};
use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};

/// Names the directory to the process that plays the owner in the take-over test.
const OWNER_DIRECTORY: &str = "TURNOUT_TEST_CLUSTER_DIRECTORY";

/// A data directory that every user can reach, removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(format!("/tmp/turnout-cluster-{}-{name}", std::process::id()));
        fs::DirBuilder::new().recursive(true).mode(0o755).create(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    fn settings(&self) -> Settings {
        let parameters = vec![("shared_buffers".to_owned(), "16MB".to_owned())];
        Settings { directory: self.0.join("data"), binaries: None, parameters }
    }

    fn postmaster(&self) -> Pid {
        let file = fs::read_to_string(self.0.join("data/postgresql/data/postmaster.pid")).unwrap();
        Pid::from_raw(file.lines().next().unwrap().parse().unwrap()).unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn connect(cluster: &PrivateCluster) -> PgConnection {
    let options: PgConnectOptions = cluster.connection_url().parse().unwrap();
    options.connect().await.unwrap()
}

async fn number(connection: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

async fn setting(connection: &mut PgConnection, name: &str) -> String {
    sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(connection).await.unwrap()
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_secs(30), "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    since.elapsed()
}

/// True when the process is there and no finished one that waits to be collected.
fn is_alive(pid: Pid) -> bool {
    let state = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    test_kill_process(pid).is_ok() && !state.is_ok_and(|stat| stat.contains(") Z "))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_durable_keeps_its_data_and_stops_cleanly() {
    let directory = Directory::new("plain");
    let cluster = PrivateCluster::start(&directory.settings()).await.unwrap();
    let mut connection = connect(&cluster).await;
    for (name, value) in
        [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("listen_addresses", "")]
    {
        assert_eq!(setting(&mut connection, name).await, value, "{name}");
    }
    assert_eq!(setting(&mut connection, "data_checksums").await, "on");
    assert_eq!(setting(&mut connection, "server_encoding").await, "UTF8");
    assert_eq!(setting(&mut connection, "is_superuser").await, "off");
    sqlx::raw_sql("create table kept (n bigint); insert into kept values (42); set role turnout_app")
        .execute(&mut connection)
        .await
        .unwrap();
    assert!(
        sqlx::query("select n from kept").execute(&mut connection).await.is_err(),
        "the server's role owns nothing"
    );
    let (postmaster, since) = (directory.postmaster(), Instant::now());
    cluster.stop().await;
    assert!(!is_alive(postmaster) && since.elapsed() < Duration::from_secs(5));
    assert!(!directory.0.join("data/postgresql/data/postmaster.pid").exists());

    let cluster = PrivateCluster::start(&directory.settings()).await.unwrap();
    assert!(!cluster.was_taken_over());
    assert_eq!(number(&mut connect(&cluster).await, "select n from kept").await, 42);
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_owner_can_run_every_migration() {
    let directory = Directory::new("migrations");
    let cluster = PrivateCluster::start(&directory.settings()).await.unwrap();
    let mut connection = connect(&cluster).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "sql")) {
        let sql = fs::read_to_string(file).unwrap();
        let ran = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await;
        assert!(ran.is_ok(), "{}: {ran:?}", file.display());
    }
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postmaster_is_started_again_and_no_acknowledged_row_is_lost() {
    let directory = Directory::new("killed");
    let cluster = PrivateCluster::start(&directory.settings()).await.unwrap();
    sqlx::raw_sql("create table kept (n bigint)").execute(&mut connect(&cluster).await).await.unwrap();
    for round in 1..=3_u64 {
        let mut connection = connect(&cluster).await;
        sqlx::query("insert into kept values (1)").execute(&mut connection).await.unwrap();
        // A session that computes does not notice that its postmaster is gone; it must not keep the next from starting.
        let mut busy = connect(&cluster).await;
        let busy = tokio::spawn(async move {
            sqlx::query("select count(*) from generate_series(1, 100000000000)").execute(&mut busy).await.is_err()
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        kill_process(directory.postmaster(), Signal::KILL).unwrap();
        let took = until("the restart", || cluster.restarts() == round).await;
        assert!(took < Duration::from_secs(15), "{took:?}");
        assert!(busy.await.unwrap());
        let mut connection = connect(&cluster).await;
        assert_eq!(number(&mut connection, "select count(*) from kept").await, i64::try_from(round).unwrap());
    }
    let postmaster = directory.postmaster();
    cluster.stop().await;
    assert!(!is_alive(postmaster));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_says_who_holds_the_directory() {
    let directory = Directory::new("second");
    let cluster = PrivateCluster::start(&directory.settings()).await.unwrap();
    let error = PrivateCluster::start(&directory.settings()).await.unwrap_err();
    assert!(matches!(&error, ClusterError::Held { .. }));
    assert!(error.to_string().contains(&format!("turnout, process {} on ", std::process::id())), "{error}");
    number(&mut connect(&cluster).await, "select 1::bigint").await;
    cluster.stop().await;
}

/// Does nothing in an ordinary run; in the process that the next test starts it owns a cluster until it is killed.
#[tokio::test(flavor = "multi_thread")]
async fn owner_in_a_process_of_its_own() {
    let Some(directory) = std::env::var_os(OWNER_DIRECTORY) else { return };
    let settings = Settings { directory: directory.into(), binaries: None, parameters: Vec::new() };
    let cluster = PrivateCluster::start(&settings).await.unwrap();
    let mut connection = connect(&cluster).await;
    sqlx::raw_sql("create table kept (n bigint); insert into kept values (7)").execute(&mut connection).await.unwrap();
    tokio::time::sleep(Duration::from_secs(120)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_of_a_killed_owner_is_taken_over_and_then_stopped() {
    let directory = Directory::new("orphan");
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "owner_in_a_process_of_its_own"])
        .env(OWNER_DIRECTORY, directory.settings().directory)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let socket = directory.0.join("data/postgresql");
    let url = format!("postgres://turnout@localhost/turnout?host={}", socket.display());
    let options: PgConnectOptions = url.parse().unwrap();
    let since = Instant::now();
    loop {
        if let Ok(mut connection) = options.connect().await
            && sqlx::query("select n from kept").fetch_one(&mut connection).await.is_ok()
        {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(30), "the owner did not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    owner.kill().unwrap(); // SIGKILL
    owner.wait().unwrap();
    let postmaster = directory.postmaster();
    assert!(is_alive(postmaster), "the postmaster outlives its owner");

    let cluster = PrivateCluster::start(&directory.settings()).await.unwrap();
    assert!(cluster.was_taken_over());
    assert_eq!(directory.postmaster(), postmaster);
    assert_eq!(number(&mut connect(&cluster).await, "select n from kept").await, 7);

    // It is no child of ours, and still its death is seen.
    kill_process(postmaster, Signal::KILL).unwrap();
    until("the restart", || cluster.restarts() == 1).await;
    let postmaster = directory.postmaster();
    cluster.stop().await;
    assert!(!is_alive(postmaster));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_lock_file_with_the_number_of_a_stranger_is_no_obstacle() {
    let directory = Directory::new("stale");
    let cluster = PrivateCluster::start(&directory.settings()).await.unwrap();
    let options: PgConnectOptions = cluster.connection_url().parse().unwrap();
    let socket = options.get_socket().unwrap().clone();
    cluster.stop().await;
    let data = directory.0.join("data/postgresql/data");
    let stale = format!("{}\n{}\n1\n5432\n/nowhere\n\n0 0\nready\n", std::process::id(), data.display());
    fs::write(data.join("postmaster.pid"), &stale).unwrap();
    fs::write(socket.join(".s.PGSQL.5432.lock"), &stale).unwrap();
    let cluster = PrivateCluster::start(&directory.settings()).await.unwrap();
    assert!(!cluster.was_taken_over());
    number(&mut connect(&cluster).await, "select 1::bigint").await;
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_killed_in_the_middle_of_initdb_is_repeated() {
    let directory = Directory::new("half");
    fs::create_dir_all(directory.0.join("data/postgresql/data.new/base")).unwrap();
    let cluster = PrivateCluster::start(&directory.settings()).await.unwrap();
    number(&mut connect(&cluster).await, "select 1::bigint").await;
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_data_directory_gets_a_short_socket() {
    let directory = Directory::new("long");
    let settings = Settings { directory: directory.0.join("d".repeat(120)), ..directory.settings() };
    let cluster = PrivateCluster::start(&settings).await.unwrap();
    number(&mut connect(&cluster).await, "select 1::bigint").await;
    let options: PgConnectOptions = cluster.connection_url().parse().unwrap();
    let socket = options.get_socket().unwrap().clone();
    cluster.stop().await;
    assert!(socket.as_os_str().len() < 80, "{}", socket.display());
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o077, 0);
    fs::remove_dir_all(socket).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn root_is_told_which_directory_stops_the_user_of_postgresql() {
    if !geteuid().is_root() {
        return; // everyone else runs PostgreSQL as themselves
    }
    let directory = Directory::new("closed");
    let closed = directory.0.join("home");
    fs::DirBuilder::new().mode(0o700).create(&closed).unwrap();
    let settings = Settings { directory: closed.join("data"), ..directory.settings() };
    let error = PrivateCluster::start(&settings).await.unwrap_err().to_string();
    assert!(error.contains(&format!("cannot pass through {} (mode 0700)", closed.display())), "{error}");
    assert!(error.contains(&format!("chmod o+x {}", closed.display())) && error.contains("--data"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_dropped_without_a_stop_still_ends() {
    let directory = Directory::new("dropped");
    let cluster = PrivateCluster::start(&directory.settings()).await.unwrap();
    let postmaster = directory.postmaster();
    drop(cluster);
    until("the end", || !is_alive(postmaster)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_start_says_why() {
    let directory = Directory::new("broken");
    let parameters = vec![("shared_buffers".to_owned(), "a lot".to_owned())];
    let settings = Settings { parameters, ..directory.settings() };
    let error = PrivateCluster::start(&settings).await.unwrap_err().to_string();
    assert!(error.contains("shared_buffers") && error.contains("postgresql.log"), "{error}");
}
