//! A PostgreSQL of the benchmark's own: durable, on a Unix socket, the same for every row.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, ensure};
use platform::postgres::{PrivateCluster, Settings};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor};

use crate::usage;

/// The settings that decide the figures. They are printed with the result.
pub const PARAMETERS: [(&str, &str); 12] = [
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "on"),
    ("shared_buffers", "2GB"),
    ("effective_cache_size", "8GB"),
    ("wal_buffers", "32MB"),
    ("min_wal_size", "8GB"),
    ("max_wal_size", "8GB"),
    ("checkpoint_timeout", "15min"),
    ("jit", "off"),
    ("max_connections", "300"),
    ("autovacuum", "on"),
];
/// How much write-ahead log is written before anything is measured, in messages of so many megabytes.
const WAL_GIGABYTES: u32 = 8;
const WAL_MESSAGE_MEGABYTES: u32 = 16;
/// File systems in memory, where a flush to disk costs nothing and means nothing.
const IN_MEMORY: [&str; 2] = ["tmpfs", "ramfs"];
/// The database that Turnout is set up and measured in.
pub const FIRST_DATABASE: &str = "turnout";
/// A copy of it as it was after the set-up, which nobody connects to; further databases are copies of this one.
pub const PRISTINE_DATABASE: &str = "pristine";

/// The running cluster.
#[derive(Debug)]
pub struct Cluster {
    private: PrivateCluster,
    url: String,
    superuser: PgConnectOptions,
    /// The process number of the postmaster.
    pub postmaster: u32,
    /// The program that drives the baseline.
    pub pgbench: PathBuf,
    /// The file system the data is on.
    pub file_system: String,
}

impl Cluster {
    /// Starts a cluster in a directory.
    ///
    /// # Errors
    /// When the directory is in memory, or PostgreSQL does not start.
    pub async fn start(directory: &Path) -> Result<Self> {
        let file_system = usage::file_system_of(directory).unwrap_or_else(|| "unknown".to_owned());
        ensure!(
            !IN_MEMORY.contains(&file_system.as_str()),
            "{} is in memory ({file_system}): commits would not be durable; choose another with --directory",
            directory.display()
        );
        let parameters = PARAMETERS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let settings = Settings { directory: directory.to_owned(), binaries: None, parameters };
        let private = PrivateCluster::start(&settings).await?;
        let url = private.connection_url().to_owned();
        let superuser = PgConnectOptions::from_str(&url)?.username("postgres");
        let file = directory.join("postgresql/data/postmaster.pid");
        let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let postmaster = text.lines().next().and_then(|line| line.trim().parse().ok());
        let postmaster = postmaster.with_context(|| format!("{} names no process", file.display()))?;
        let program = std::fs::read_link(format!("/proc/{postmaster}/exe")).context("the postmaster has no program")?;
        let pgbench = find_pgbench(&program).context("there is no pgbench; it comes with the server of PostgreSQL")?;
        Ok(Self { private, url, superuser, postmaster, pgbench, file_system })
    }

    /// The address of a database for the role that owns it.
    pub fn url_of(&self, database: &str) -> String {
        self.url.replacen(&format!("/{FIRST_DATABASE}?"), &format!("/{database}?"), 1)
    }

    /// The directory of the socket.
    pub fn socket(&self) -> Option<&PathBuf> {
        self.superuser.get_socket()
    }

    /// A few connections of the superuser to a database.
    pub async fn pool(&self, database: &str) -> Result<PgPool> {
        let options = self.superuser.clone().database(database);
        Ok(PgPoolOptions::new().max_connections(2).connect_with(options).await?)
    }

    /// Writes as much write-ahead log as the cluster keeps, so that whatever is measured writes into segments that are there already, as on a
    /// server that has run for a day. A fresh cluster makes each segment when it comes to it: a commit waits while 16 MB of zeros are written.
    ///
    /// # Errors
    /// When PostgreSQL does not answer.
    pub async fn fill_wal(&self) -> Result<()> {
        let pool = self.pool("postgres").await?;
        for _ in 0..WAL_GIGABYTES * 1024 / WAL_MESSAGE_MEGABYTES {
            sqlx::query("select pg_logical_emit_message(false, 'turnout-bench', repeat('x', $1 * 1024 * 1024))")
                .bind(i32::try_from(WAL_MESSAGE_MEGABYTES)?)
                .execute(&pool)
                .await?;
        }
        // What was written is no longer needed, and its segments are taken for what comes.
        pool.execute("checkpoint").await?;
        pool.close().await;
        Ok(())
    }

    /// Makes a database, empty or as a copy of another that nobody is connected to.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<()> {
        let template = template.map(|template| format!(" template {template}")).unwrap_or_default();
        let pool = self.pool("postgres").await?;
        // The names are ours, none comes from outside.
        pool.execute(AssertSqlSafe(format!("create database {name} owner turnout{template}"))).await?;
        pool.close().await;
        Ok(())
    }

    /// Stops it.
    pub async fn stop(self) {
        self.private.stop().await;
    }
}

/// The pgbench beside the server, else on the path, else the newest of Debian's and Ubuntu's.
fn find_pgbench(server: &Path) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let beside = server.parent().map(Path::to_path_buf);
    let debian = versions.into_iter().map(|(_, directory)| directory);
    let mut programs = beside.into_iter().chain(std::env::split_paths(&path)).chain(debian);
    programs.find_map(|directory| Some(directory.join("pgbench")).filter(|program| program.is_file()))
}
