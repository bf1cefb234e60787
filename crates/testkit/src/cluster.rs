//! One throw-away PostgreSQL a test process, and a database a test from a migrated template.

use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use platform::postgres::{PrivateCluster, Settings};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};

const TEMPLATE: &str = "turnout_template";

static CLUSTER: OnceLock<String> = OnceLock::new();
static DATABASES: AtomicU64 = AtomicU64::new(0);

/// A database of its own, migrated.
#[derive(Debug, Clone)]
pub struct Database {
    url: String,
    name: String,
}

impl Database {
    /// A fresh copy of the migrated template.
    pub async fn fresh() -> Self {
        let url = tokio::task::spawn_blocking(|| CLUSTER.get_or_init(start).clone()).await.expect("the cluster starts");
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::SeqCst));
        let mut connection = options(&url, TEMPLATE_OWNER, "turnout").connect().await.expect("the cluster answers");
        let create = format!("create database {name} template {TEMPLATE} strategy file_copy");
        sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut connection).await.expect("the template can be copied");
        connection.close().await.expect("the connection closes");
        Self { url, name }
    }

    /// How the server connects: as the owner of the schema, who becomes `turnout_app` in every transaction.
    pub fn options(&self) -> PgConnectOptions {
        options(&self.url, TEMPLATE_OWNER, &self.name)
    }

    /// A URL of the same, for servers in other processes.
    pub fn url(&self) -> String {
        self.options().to_url_lossy().to_string()
    }

    /// A connection of the superuser, whom row-level security does not bind: for looking at everything.
    pub async fn superuser(&self) -> PgPool {
        let options = options(&self.url, "postgres", &self.name);
        PgPoolOptions::new().max_connections(2).connect_with(options).await.expect("the superuser connects")
    }
}

const TEMPLATE_OWNER: &str = "turnout";

fn options(url: &str, role: &str, database: &str) -> PgConnectOptions {
    let options: PgConnectOptions = url.parse().expect("the cluster's address is an address");
    options.username(role).database(database)
}

/// Starts the cluster in a thread that outlives every test's runtime. A small shell waits on a pipe for this process to end, however it
/// ends, then stops the server and removes its files.
fn start() -> String {
    let directory = std::env::temp_dir().join(format!("turnout-test-{}", std::process::id()));
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime starts");
        runtime.block_on(async {
            let off = |name: &str| (name.to_owned(), "off".to_owned());
            let settings = Settings {
                directory: directory.clone(),
                binaries: None,
                parameters: vec![
                    off("fsync"),
                    off("synchronous_commit"),
                    off("full_page_writes"),
                    ("max_connections".to_owned(), "400".to_owned()),
                ],
            };
            let cluster = PrivateCluster::start(&settings).await.expect("PostgreSQL starts");
            let url = cluster.connection_url().to_owned();
            reap_when_we_are_gone(&directory);
            migrate_template(&url).await;
            tell.send(url).expect("someone waits for the cluster");
            std::future::pending::<()>().await;
            drop(cluster);
        });
    });
    told.recv().expect("the cluster starts")
}

fn reap_when_we_are_gone(directory: &std::path::Path) {
    let script = "cat >/dev/null; pid=$(head -n 1 \"$0\"/postgresql/data/postmaster.pid 2>/dev/null); [ -n \"$pid\" ] && kill -QUIT \"$pid\"; \
                  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 \"$pid\" 2>/dev/null || break; sleep 0.2; done; rm -rf \"$0\"";
    let mut reaper = Command::new("sh");
    reaper.args(["-c", script]).arg(directory).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    std::os::unix::process::CommandExt::process_group(&mut reaper, 0);
    let child = reaper.spawn().expect("a shell starts");
    // Held open for as long as this process lives; the kernel closes it at the end.
    std::mem::forget(child);
}

async fn migrate_template(url: &str) {
    let mut connection = options(url, TEMPLATE_OWNER, "turnout").connect().await.expect("the cluster answers");
    let create = format!("create database {TEMPLATE}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut connection).await.expect("a database can be made");
    connection.close().await.expect("the connection closes");
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_with(options(url, TEMPLATE_OWNER, TEMPLATE))
        .await
        .expect("the template answers");
    platform::db::migrate(&pool).await.expect("the migrations run");
    pool.close().await;
}
