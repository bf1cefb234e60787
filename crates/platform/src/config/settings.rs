//! The typed settings. Keys, units and meaning stand in `default.toml`; here are the shapes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::layers::{Layers, Setting};
use super::{ConfigError, Network, Sources};

/// Everything an operator can set, checked. `Debug` hides the secrets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where Turnout writes.
    pub data: Data,
    /// The listener and its limits.
    pub http: Http,
    /// PostgreSQL.
    pub database: Database,
    /// Outgoing mail.
    pub smtp: Smtp,
    /// The root of all keys.
    pub vault: Vault,
    /// Uploads and produced files.
    pub storage: Storage,
    /// Payment providers.
    pub payments: Payments,
    /// Log output.
    pub log: Log,
    /// Background work.
    pub jobs: Jobs,
    /// How long places are kept.
    pub holds: Holds,
    /// How sales are done together.
    pub boxoffice: BoxOffice,
    /// What one caller may do in a while.
    pub limits: Limits,
    /// Every setting with its origin, secrets hidden; for `turnout doctor`.
    #[serde(skip)]
    pub shown: Vec<Setting>,
}

/// `[data]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The data directory, resolved: never empty.
    pub directory: PathBuf,
}

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The configured origin; see [`Http::origin`].
    #[serde(deserialize_with = "optional_origin")]
    pub public_url: Option<String>,
    /// Open connections in all.
    #[serde(deserialize_with = "count")]
    pub connections_max: usize,
    /// Open connections of one client address.
    #[serde(deserialize_with = "count")]
    pub connections_per_address_max: usize,
    /// Time for the request head.
    #[serde(rename = "header_read_timeout_seconds", deserialize_with = "seconds")]
    pub header_read_timeout: Duration,
    /// Time an idle connection stays open.
    #[serde(rename = "keep_alive_timeout_seconds", deserialize_with = "seconds")]
    pub keep_alive_timeout: Duration,
    /// Time a handler has.
    #[serde(rename = "request_timeout_seconds", deserialize_with = "seconds")]
    pub request_timeout: Duration,
    /// Time running requests have after the signal to stop.
    #[serde(rename = "drain_seconds", deserialize_with = "seconds")]
    pub drain: Duration,
    /// How long an answer that everyone sees alike is given again; zero: never.
    #[serde(rename = "shared_answers_ms", deserialize_with = "milliseconds_or_zero")]
    pub shared_answers: Duration,
    /// Largest ordinary body, bytes.
    #[serde(deserialize_with = "count")]
    pub body_bytes_max: usize,
    /// Largest upload, bytes.
    #[serde(deserialize_with = "count")]
    pub upload_bytes_max: usize,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Origins that may call the API from a browser.
    #[serde(deserialize_with = "origins")]
    pub cors_origins: Vec<String>,
}

impl Http {
    /// The origin that links begin with, without a slash at the end: the configured one, else that of the bound address.
    #[must_use]
    pub fn origin(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| match bound.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => format!("http://localhost:{}", bound.port()),
            IpAddr::V6(address) if address.is_unspecified() => format!("http://localhost:{}", bound.port()),
            _ => format!("http://{bound}"),
        })
    }
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// The server to use; none: the private cluster.
    #[serde(deserialize_with = "optional_postgres_url")]
    pub url: Option<SecretString>,
    /// Connections of this process.
    pub pool_max: NonZeroU32,
    /// Time a request waits for a connection.
    #[serde(rename = "acquire_timeout_ms", deserialize_with = "milliseconds")]
    pub acquire_timeout: Duration,
    /// Time a statement may run.
    #[serde(rename = "statement_timeout_ms", deserialize_with = "milliseconds")]
    pub statement_timeout: Duration,
    /// Directory of `initdb` and `postgres`; none: looked for.
    #[serde(deserialize_with = "optional_path")]
    pub binaries: Option<PathBuf>,
}

/// `[smtp]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// The server to send through; none: the built-in mailbox.
    #[serde(deserialize_with = "optional_smtp_url")]
    pub url: Option<SecretString>,
    /// Address of the sender.
    #[serde(deserialize_with = "address")]
    pub from_address: String,
    /// Name of the sender.
    pub from_name: String,
}

/// `[vault]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// Base64 of exactly 32 bytes, checked; none: generated into the data directory.
    #[serde(deserialize_with = "optional_key")]
    pub key: Option<SecretString>,
}

/// `[storage]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// Directory of stored files, resolved: never empty.
    pub directory: PathBuf,
}

/// `[payments]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payments {
    /// Whether the test provider is offered.
    pub test_provider: TestProvider,
    /// Key of the test provider's webhooks; none: derived from the vault.
    #[serde(deserialize_with = "optional_secret")]
    pub test_webhook_secret: Option<SecretString>,
}

/// When the built-in test provider is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TestProvider {
    /// While no other provider is configured.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`.
    pub level: String,
}

/// The look of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

/// `[jobs]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Jobs at the same time.
    #[serde(deserialize_with = "count")]
    pub concurrency: usize,
    /// Pause between looks at an empty queue.
    #[serde(rename = "poll_ms", deserialize_with = "milliseconds")]
    pub poll: Duration,
}

/// `[holds]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holds {
    /// Time before checkout.
    #[serde(rename = "ttl_seconds", deserialize_with = "seconds")]
    pub ttl: Duration,
    /// How often it may be started again; 0: never.
    pub renewals_max: u32,
    /// Time once payment has started.
    #[serde(rename = "payment_ttl_seconds", deserialize_with = "seconds")]
    pub payment_ttl: Duration,
}

/// `[boxoffice]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoxOffice {
    /// The most commands of one transaction; 1 switches batching off.
    pub batch_max: NonZeroUsize,
    /// The most commands that wait for one event.
    pub queue_max: NonZeroUsize,
    /// The fewest commands that are worth a transaction ahead of the end of the one before.
    pub ahead_min: NonZeroUsize,
}

/// `[limits]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Sign-in codes asked for from one address, per hour.
    pub sign_in_per_address_per_hour: NonZeroU32,
    /// Sign-in codes sent to one e-mail address, per hour.
    pub sign_in_per_email_per_hour: NonZeroU32,
    /// API requests of one caller, per minute.
    pub requests_per_caller_per_minute: NonZeroU32,
    /// Holds made from one address, per minute.
    pub holds_per_address_per_minute: NonZeroU32,
}

/// Turns merged layers into the typed configuration and resolves the directories.
pub fn finish(layers: Layers, sources: &Sources) -> Result<Config, ConfigError> {
    let directory = sources.data_directory(&layers.text("data.directory")).ok_or_else(|| {
        ConfigError::one(
            "there is no home directory to keep data in; set `data.directory` (--data, TURNOUT_DATA__DIRECTORY)",
        )
    })?;
    let shown = layers.shown();
    let mut config: Config =
        layers.into_table().try_into().map_err(|error: toml::de::Error| ConfigError::one(one_line(&error)))?;
    if config.storage.directory.as_os_str().is_empty() {
        config.storage.directory = directory.join("media");
    }
    config.data.directory = directory;
    config.shown = shown;
    Ok(config)
}

/// The reader's error names the key on a line of its own.
fn one_line(error: &toml::de::Error) -> String {
    error.to_string().trim_end().replace('\n', " ")
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    positive(deserializer).map(Duration::from_secs)
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    positive(deserializer).map(Duration::from_millis)
}

fn milliseconds_or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    Ok(Duration::from_millis(u64::from(u32::deserialize(deserializer)?)))
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    usize::try_from(positive(deserializer)?).map_err(Error::custom)
}

/// A whole number from 1 to a thousand million: zero would switch a limit into its opposite, more is a slip of a unit.
fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = i64::deserialize(deserializer)?;
    match u64::try_from(number) {
        Ok(number @ 1..=1_000_000_000) => Ok(number),
        _ => Err(Error::custom(format!("{number} is not between 1 and 1000000000"))),
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(String::deserialize(deserializer)?).filter(|text| !text.is_empty()))
}

fn optional_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    Ok(text(deserializer)?.map(PathBuf::from))
}

fn optional_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(text(deserializer)?.map(SecretString::from))
}

fn optional_postgres_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    url_of(text(deserializer)?, &["postgres://", "postgresql://"])
}

fn optional_smtp_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    url_of(text(deserializer)?, &["smtp://", "smtps://"])
}

/// The message leaves the value out: it holds a password.
fn url_of<E: Error>(url: Option<String>, schemes: &[&str]) -> Result<Option<SecretString>, E> {
    match url {
        Some(url) if !schemes.iter().any(|scheme| url.starts_with(scheme)) => {
            Err(E::custom(format!("must begin with {}", schemes.join(" or "))))
        }
        url => Ok(url.map(SecretString::from)),
    }
}

fn optional_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    let Some(key) = text(deserializer)? else { return Ok(None) };
    match base64::engine::general_purpose::STANDARD.decode(&key) {
        Ok(bytes) if bytes.len() == 32 => Ok(Some(SecretString::from(key))),
        _ => Err(Error::custom("must be 32 bytes in base64 (openssl rand -base64 32)")),
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let address = String::deserialize(deserializer)?;
    match address.split_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => Ok(address),
        _ => Err(Error::custom(format!("`{address}` is no e-mail address"))),
    }
}

fn optional_origin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    text(deserializer)?.map(origin).transpose()
}

fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.into_iter().map(origin).collect()
}

/// Scheme, host and port only, in lower case, as browsers write the Origin header (RFC 6454).
fn origin<E: Error>(text: String) -> Result<String, E> {
    let lower = text.trim_end_matches('/').to_lowercase();
    let host = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ', ',']) => Ok(lower),
        _ => Err(E::custom(format!("`{text}` is no origin like https://tickets.example.org"))),
    }
}
