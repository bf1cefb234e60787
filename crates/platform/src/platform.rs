//! Everything a context needs from the outside, in one cheap-to-clone value.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::locals::Locals;
use crate::mail::MailTransport;
use crate::random::Random;
use crate::storage::Storage;
use crate::vault::Vault;

/// The imperative shell, as contexts hold it.
#[derive(Clone)]
pub struct Platform {
    /// PostgreSQL.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// Keys.
    pub vault: Vault,
    /// Files.
    pub storage: Storage,
    /// SMTP, when it is configured.
    pub mail: Option<MailTransport>,
    /// Calls to other servers, each with a timeout; redirects are not followed.
    pub http: reqwest::Client,
    /// The settings.
    pub config: Arc<Config>,
    /// What contexts keep in the memory of this node.
    pub locals: Locals,
    /// The address people reach this server at, without a slash at the end.
    pub public_url: Arc<str>,
}

impl Platform {
    /// An absolute address on this server.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// Whether people reach this server over TLS, which decides the cookies' names and flags.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
