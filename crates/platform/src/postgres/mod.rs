//! The private PostgreSQL cluster: without `DATABASE_URL`, Turnout runs one of its own in the data directory.
//!
//! It listens on a Unix socket in a directory that only its own user can enter, and is durable: every acknowledged commit
//! is on the disk. The postmaster is a direct child in a process group of its own, so that Ctrl-C reaches only us. It
//! outlives us when we are killed; the next start takes it over. When it is killed, it is started again.
//!
//! PostgreSQL refuses to run as root. Started by root, the cluster runs as `postgres`, else as `nobody`.

mod account;
mod binaries;
mod initialise;
mod lock;
mod postmaster;
mod processes;
mod socket;
mod supervise;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;

/// The role that owns the database and runs the migrations. No superuser.
const OWNER: &str = "turnout";
/// The database.
const DATABASE: &str = "turnout";
/// Lowest major version of PostgreSQL that Turnout runs on.
pub const VERSION_MIN: u32 = 15;

/// What the cluster needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data directory of Turnout; the cluster lives in `postgresql` below it.
    pub directory: PathBuf,
    /// Directory of `initdb` and `postgres`; none: looked for.
    pub binaries: Option<PathBuf>,
    /// Server parameters beyond ours, as (name, value); later ones win. Tests switch durability off here.
    pub parameters: Vec<(String, String)>,
}

impl From<&Config> for Settings {
    fn from(config: &Config) -> Self {
        // Beside the pool: workers, the relay, an operator with psql, PostgreSQL's own reserve.
        let connections = config.database.pool_max.get().saturating_add(40).max(100);
        Self {
            directory: config.data.directory.clone(),
            binaries: config.database.binaries.clone(),
            parameters: vec![("max_connections".to_owned(), connections.to_string())],
        }
    }
}

/// Why there is no private cluster, each with what the operator can do about it.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No usable programs.
    #[error(
        "no PostgreSQL {VERSION_MIN} or newer was found (looked in {searched}). Install it (Debian, Ubuntu: apt-get install \
         postgresql), name the directory of its programs with database.binaries, or set DATABASE_URL to use a server"
    )]
    NoBinaries {
        /// The places looked in.
        searched: String,
    },
    /// The data was written by a major version that is not here.
    #[error(
        "the data in {directory} was written by PostgreSQL {written}, and only {found} was found. Install PostgreSQL \
         {written} beside it, or move the data over with pg_upgrade"
    )]
    OtherMajor {
        /// The directory of the cluster.
        directory: PathBuf,
        /// Major version of the data.
        written: u32,
        /// What is installed.
        found: String,
    },
    /// Root without a user to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody`; create one"
    )]
    NoAccount,
    /// The user of PostgreSQL cannot reach the data directory.
    #[error(
        "PostgreSQL runs as user `{user}`, who cannot pass through {directory} (mode {mode:04o}). Choose another data \
         directory (--data /var/lib/turnout), or let that user through: chmod o+x {directory}"
    )]
    NotTraversable {
        /// The user PostgreSQL would run as.
        user: String,
        /// The first directory that stops it.
        directory: String,
        /// Its mode.
        mode: u32,
    },
    /// The cluster belongs to someone else.
    #[error("{directory} belongs to user {owner}; run turnout as that user, as root, or choose another data directory")]
    ForeignDirectory {
        /// The directory of the cluster.
        directory: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// Another live process holds the data directory.
    #[error("the data directory {directory} is in use by {holder}. Stop that one, or choose another with --data")]
    Held {
        /// The data directory.
        directory: PathBuf,
        /// Process and host.
        holder: String,
    },
    /// No place for the socket.
    #[error("the directory {directory} cannot hold the database socket: {reason}")]
    Socket {
        /// The directory meant for it.
        directory: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// `initdb` failed.
    #[error("PostgreSQL could not create its cluster: {output}")]
    Initialise {
        /// What it said.
        output: String,
    },
    /// The server ended before it answered.
    #[error("PostgreSQL stopped while starting ({status}); the end of {log}:\n{tail}")]
    Exited {
        /// How it ended.
        status: String,
        /// Its log file.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// The server did not answer in time.
    #[error("PostgreSQL did not answer within {seconds} s; its log is {log}")]
    Silent {
        /// How long we waited.
        seconds: u64,
        /// Its log file.
        log: PathBuf,
    },
    /// Roles or database could not be made.
    #[error("the roles and the database of the private cluster could not be made: {0}")]
    Setup(#[from] sqlx::Error),
    /// A file operation failed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried, with the path.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
}

/// Names the operation and the path of a failed file operation.
fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> ClusterError {
    move |source| ClusterError::Io { what: what.into(), source }
}

/// A running private cluster, watched by a background task. [`PrivateCluster::stop`] stops it cleanly.
#[derive(Debug)]
pub struct PrivateCluster {
    url: String,
    taken_over: bool,
    restarts: Arc<AtomicU64>,
    stopping: CancellationToken,
    watch: Option<JoinHandle<()>>,
    /// Released when this value goes, after the cluster stopped.
    _lock: lock::Lock,
}

impl PrivateCluster {
    /// Starts the cluster, making it first where there is none, or takes over the one a killed owner left running.
    ///
    /// # Errors
    /// [`ClusterError`]; nothing is left running then.
    pub async fn start(settings: &Settings) -> Result<Self, ClusterError> {
        let account = account::Account::for_cluster(&settings.directory)?;
        let place = account.prepare(&settings.directory)?;
        let lock = lock::Lock::take(&settings.directory)?;
        let binaries = binaries::find(settings.binaries.as_deref(), &place).await?;
        initialise::create(&binaries, &account, &place).await?;
        let blueprint = postmaster::Blueprint::new(binaries, account, place, settings.parameters.clone())?;
        let (postmaster, taken_over) = postmaster::Postmaster::take_over_or_start(&blueprint).await?;
        if let Err(error) = initialise::roles_and_database(postmaster.socket()).await {
            postmaster.stop().await;
            return Err(error);
        }
        let url = socket::url(postmaster.socket(), OWNER, DATABASE);
        let (restarts, stopping) = (Arc::new(AtomicU64::new(0)), CancellationToken::new());
        let watch = supervise::watch(blueprint, postmaster, restarts.clone(), stopping.clone());
        Ok(Self { url, taken_over, restarts, stopping, watch: Some(tokio::spawn(watch)), _lock: lock })
    }

    /// The URL of a cluster that another process keeps running, for an operator's command beside the server.
    ///
    /// # Errors
    /// [`ClusterError`] when the place of the cluster cannot be reached.
    pub fn url_of_running(settings: &Settings) -> Result<String, ClusterError> {
        let account = account::Account::for_cluster(&settings.directory)?;
        let place = account.prepare(&settings.directory)?;
        Ok(socket::url(&socket::directory(&account, &place)?, OWNER, DATABASE))
    }

    /// The URL of the database for the role that owns it; psql and sqlx both read it.
    #[must_use]
    pub fn connection_url(&self) -> &str {
        &self.url
    }

    /// True when the postmaster was already running at the start.
    #[must_use]
    pub fn was_taken_over(&self) -> bool {
        self.taken_over
    }

    /// How often the postmaster died and was started again.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// Stops the cluster: sessions are cut off and rolled back, everything is written, the process has ended on return.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        if let Some(watch) = self.watch.take()
            && let Err(error) = watch.await
        {
            tracing::error!(%error, "the watch over the private PostgreSQL failed");
        }
    }
}

impl Drop for PrivateCluster {
    /// Without [`PrivateCluster::stop`] the background task still stops the postmaster, as long as the runtime lives; when
    /// the runtime goes too, dropping the postmaster tells it to stop.
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}
