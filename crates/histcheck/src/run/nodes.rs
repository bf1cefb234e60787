//! Two real servers on one PostgreSQL, each a process of its own, all gone at the end.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use platform::postgres::{PrivateCluster, Settings};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::process::{Child, Command};

use super::Site;

/// Connections of the cluster. Count.
const CONNECTIONS_MAX: u32 = 200;
/// How long a node may take to answer. Seconds.
const START_SECONDS_MAX: u64 = 60;
/// The key that both nodes seal and sign with; it guards nothing but a throw-away database.
const VAULT_KEY: [u8; 32] = [42; 32];

/// A PostgreSQL of its own in a temporary directory. What is tested is order, not durability, so it does not wait for the disk.
pub struct Stage {
    cluster: PrivateCluster,
    directory: PathBuf,
    /// The database as its superuser sees it.
    pub database: PgPool,
}

impl Stage {
    /// Starts PostgreSQL.
    pub async fn start() -> Result<Self> {
        let directory = std::env::temp_dir().join(format!("turnout-histcheck-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755))?;
        let off = |name: &str| (name.to_owned(), "off".to_owned());
        let connections = ("max_connections".to_owned(), CONNECTIONS_MAX.to_string());
        let parameters = vec![off("fsync"), off("synchronous_commit"), off("full_page_writes"), connections];
        let cluster =
            PrivateCluster::start(&Settings { directory: directory.clone(), binaries: None, parameters }).await?;
        let database = superuser(cluster.connection_url()).await?;
        Ok(Self { cluster, directory, database })
    }

    /// Starts as many nodes as asked for. They end when the value is dropped.
    pub async fn nodes(&self, turnout: &Path, count: usize, hold_ttl: Duration) -> Result<Nodes> {
        let mut nodes = Nodes { children: Vec::new(), origins: Vec::new() };
        for number in 0..count {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let mut command = Command::new(turnout);
            command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
            // One node has the background work; jobs would otherwise take the machine from what is tested.
            command.args(["--role", if number == 0 { "web,worker" } else { "web" }]);
            for setting in self.settings(number, hold_ttl) {
                command.args(["--set", &setting]);
            }
            let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
            nodes.children.push(quiet.spawn().with_context(|| format!("{} cannot be started", turnout.display()))?);
            let origin = format!("http://127.0.0.1:{port}");
            wait_for(&origin).await?;
            nodes.origins.push(origin);
        }
        Ok(nodes)
    }

    fn settings(&self, number: usize, hold_ttl: Duration) -> Vec<String> {
        let data = self.directory.join(format!("node-{number}"));
        vec![
            format!("data.directory={}", data.display()),
            format!("database.url={}", self.cluster.connection_url()),
            format!("vault.key={}", STANDARD.encode(VAULT_KEY)),
            format!("holds.ttl_seconds={}", hold_ttl.as_secs()),
            "limits.requests_per_caller_per_minute=100000000".to_owned(),
            "limits.holds_per_address_per_minute=100000000".to_owned(),
            "jobs.concurrency=1".to_owned(),
            "log.level=error".to_owned(),
        ]
    }

    /// Stops PostgreSQL and removes its files.
    pub async fn strike(self) -> Result<()> {
        self.database.close().await;
        self.cluster.stop().await;
        Ok(std::fs::remove_dir_all(&self.directory)?)
    }
}

/// Running nodes.
pub struct Nodes {
    children: Vec<Child>,
    origins: Vec<String>,
}

impl Nodes {
    /// The nodes with their database.
    pub fn site(&self, database: &PgPool) -> Site {
        Site { nodes: self.origins.clone(), database: database.clone() }
    }

    /// Ends them. They have nothing to finish.
    pub async fn stop(mut self) -> Result<()> {
        for child in &mut self.children {
            child.kill().await?;
        }
        Ok(())
    }
}

/// The database of an address, as its superuser `postgres` sees it.
pub async fn superuser(url: &str) -> Result<PgPool> {
    let options: PgConnectOptions = url.parse().context("the database's address cannot be read")?;
    Ok(PgPoolOptions::new().max_connections(2).connect_with(options.username("postgres")).await?)
}

async fn wait_for(origin: &str) -> Result<()> {
    let give_up = std::time::Instant::now() + Duration::from_secs(START_SECONDS_MAX);
    while std::time::Instant::now() < give_up {
        if reqwest::get(format!("{origin}/readyz")).await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("{origin} did not become ready within {START_SECONDS_MAX} s")
}
