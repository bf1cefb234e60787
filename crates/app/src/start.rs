//! From settings to a running shell: the database, its schema, the keys, the files.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use platform::Platform;
use platform::clock::Clock;
use platform::config::Config;
use platform::db::{self, Db, DbSettings};
use platform::mail::MailTransport;
use platform::postgres::{ClusterError, PrivateCluster, Settings};
use platform::random::Random;
use platform::storage::Storage;
use platform::vault::Vault;
use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;

const VAULT_KEY_FILE: &str = "vault.key";
const HTTP_TIMEOUT_SECONDS: u64 = 15;

/// The shell with what has to be stopped after it.
pub struct Started {
    /// The shell.
    pub platform: Platform,
    /// The private cluster, when there is no `DATABASE_URL`.
    pub cluster: Option<PrivateCluster>,
}

/// For an operator's command: as `start`, but beside a running server it uses the cluster that the server keeps.
pub async fn start_beside(config: Config) -> Result<Started> {
    let running = PrivateCluster::url_of_running(&Settings::from(&config)).ok();
    let database = match (&config.database.url, running) {
        (None, Some(url)) => match PrivateCluster::start(&Settings::from(&config)).await {
            Ok(cluster) => {
                (cluster.connection_url().parse().context("the private cluster has a strange address")?, Some(cluster))
            }
            Err(ClusterError::Held { .. }) => (url.parse().context("the private cluster has a strange address")?, None),
            Err(error) => return Err(error.into()),
        },
        _ => database(&config).await?,
    };
    assemble(config, "", database).await
}

/// Starts or reaches PostgreSQL, migrates it, and puts the shell together. `public_url` is where people reach the server.
pub async fn start(config: Config, public_url: &str) -> Result<Started> {
    let database = database(&config).await?;
    assemble(config, public_url, database).await
}

async fn assemble(
    config: Config,
    public_url: &str,
    (options, cluster): (PgConnectOptions, Option<PrivateCluster>),
) -> Result<Started> {
    let vault = Vault::new(vault_key(&config)?);
    let db_settings = DbSettings {
        connections_max: config.database.pool_max.get(),
        acquire_timeout: config.database.acquire_timeout,
        statement_timeout: config.database.statement_timeout,
    };
    let (clock, random) = (Clock::machine(), Random::system());
    let db = Db::new(options, db_settings, clock.clone(), random.clone(), vault.clone()).with_own_threads();
    db::migrate(db.owner_pool()).await.context("the database could not be brought up to date")?;
    let mail = config
        .smtp
        .url
        .as_ref()
        .map(|url| MailTransport::smtp(url.expose_secret(), &config.smtp.from_name, &config.smtp.from_address))
        .transpose()
        .context("the mail server's address cannot be used")?;
    let platform = Platform {
        locals: platform::Locals::default(),
        db,
        clock,
        random,
        vault,
        storage: Storage::on_disk(&config.storage.directory)?,
        mail,
        http: reqwest::Client::builder()
            .timeout(Duration::from_secs(HTTP_TIMEOUT_SECONDS))
            .redirect(reqwest::redirect::Policy::none())
            .build()?,
        public_url: public_url.into(),
        config: Arc::new(config),
    };
    Ok(Started { platform, cluster })
}

async fn database(config: &Config) -> Result<(PgConnectOptions, Option<PrivateCluster>)> {
    if let Some(url) = &config.database.url {
        let options = url.expose_secret().parse().context("database.url cannot be used")?;
        return Ok((options, None));
    }
    let cluster = PrivateCluster::start(&Settings::from(config)).await?;
    let options = cluster.connection_url().parse().context("the private cluster has a strange address")?;
    Ok((options, Some(cluster)))
}

/// The configured key, or the one in the data directory, which is made the first time.
fn vault_key(config: &Config) -> Result<[u8; 32]> {
    if let Some(key) = &config.vault.key {
        return decode(key.expose_secret());
    }
    std::fs::create_dir_all(&config.data.directory)
        .with_context(|| format!("{} cannot be made", config.data.directory.display()))?;
    let path = config.data.directory.join(VAULT_KEY_FILE);
    if !path.exists() {
        write_new_key(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    decode(&std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?)
}

fn decode(text: &str) -> Result<[u8; 32]> {
    STANDARD
        .decode(text.trim())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| anyhow!("the vault's key is not 32 bytes in base64"))
}

/// Written beside and linked into place, so that two first starts end up with one key.
fn write_new_key(path: &Path) -> std::io::Result<()> {
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(STANDARD.encode(Random::system().bytes::<32>()).as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
