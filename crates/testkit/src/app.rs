//! An application per test: the real router on a real socket, a real database, a clock set by hand.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use jiff::{SignedDuration, Timestamp};
use platform::clock::Clock;
use platform::config::Config;
use platform::db::{Db, DbSettings};
use platform::jobs::Worker;
use platform::random::Random;
use platform::storage::Storage;
use platform::vault::Vault;
use platform::{Failure, Never, Platform, Scope, Tx};
use sqlx::Row;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::{AppState, Authenticator, Module};

use crate::client::Client;
use crate::cluster::Database;
use crate::invariants::violations;

/// When tests begin unless they say otherwise.
const BEGINNING: &str = "2026-12-01T10:00:00Z";

/// What a test's application is made of.
pub struct TestAppBuilder {
    modules: fn() -> Vec<Module>,
    pages: Router<AppState>,
    authenticator: Arc<dyn Authenticator>,
    clock: Clock,
    settings: Vec<(String, String)>,
}

/// A running application with a database of its own. It stops when it is dropped.
pub struct TestApp {
    /// A client without a credential.
    pub client: Client,
    /// The inside, for what no door leads to.
    pub platform: Platform,
    /// The database.
    pub database: Database,
    worker: Worker,
    stop: CancellationToken,
    builder: TestAppBuilder,
}

/// Another node on the database and the clock of a running application. It stops when it is dropped.
pub struct SecondNode {
    /// A client without a credential.
    pub client: Client,
    stop: CancellationToken,
}

impl Drop for SecondNode {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl TestAppBuilder {
    /// An application of these modules, at the usual beginning.
    pub fn new(modules: fn() -> Vec<Module>, authenticator: Arc<dyn Authenticator>) -> Self {
        let beginning: Timestamp = BEGINNING.parse().expect("the beginning is an instant");
        Self { modules, pages: Router::new(), authenticator, clock: Clock::by_hand(beginning), settings: Vec::new() }
    }
    /// With pages of the site.
    pub fn pages(mut self, pages: Router<AppState>) -> Self {
        self.pages = pages;
        self
    }
    /// On the machine's own clock.
    pub fn on_machine_time(mut self) -> Self {
        self.clock = Clock::machine();
        self
    }
    /// With a setting changed: `("holds.ttl_seconds", "5")`.
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Starts it on a free port.
    pub async fn start(self) -> TestApp {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let database = Database::fresh().await;
        let (platform, stop) = self.serve(&database).await;
        let worker = {
            let modules = (self.modules)();
            let (jobs, subscribers): (Vec<_>, Vec<_>) =
                modules.into_iter().map(|module| (module.jobs, module.subscribers)).unzip();
            Worker::new(platform.clone(), jobs.concat(), subscribers.concat())
        };
        let client = Client::new(&platform.public_url);
        TestApp { client, platform, database, worker, stop, builder: self }
    }

    /// Serves on a free port until told to stop.
    async fn serve(&self, database: &Database) -> (Platform, CancellationToken) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let base = format!("http://{}", listener.local_addr().expect("a listener has an address"));
        let platform = self.platform(database, &base);
        let state = AppState::new(platform.clone(), Arc::clone(&self.authenticator));
        let router = web::router(state, (self.modules)(), self.pages.clone());
        let stop = CancellationToken::new();
        tokio::spawn(web::serve(listener, router, platform.config.http.clone(), stop.clone()));
        (platform, stop)
    }

    fn platform(&self, database: &Database, base: &str) -> Platform {
        let data = std::env::temp_dir()
            .join(format!("turnout-test-{}", std::process::id()))
            .join("files")
            .join(base.replace(['/', ':'], "_"));
        let mut settings: Vec<(&str, &str)> = vec![
            ("limits.requests_per_caller_per_minute", "1000000"),
            ("limits.holds_per_address_per_minute", "1000000"),
            ("limits.sign_in_per_address_per_hour", "1000000"),
            // All clients of a test come from one address, and those that hung up count until the server has noticed.
            ("http.connections_per_address_max", "10000"),
            // Tests look at a page right after they changed it.
            ("http.shared_answers_ms", "0"),
        ];
        settings.extend(self.settings.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        let config = Config::for_test(&data, &settings).expect("the settings are good");
        let vault = Vault::new([42; 32]);
        let random = Random::system();
        let db_settings = DbSettings {
            connections_max: 20,
            acquire_timeout: Duration::from_secs(20),
            statement_timeout: Duration::from_secs(20),
        };
        let db = Db::new(database.options(), db_settings, self.clock.clone(), random.clone(), vault.clone());
        Platform {
            locals: platform::Locals::default(),
            db,
            clock: self.clock.clone(),
            random,
            vault,
            storage: Storage::on_disk(&data.join("storage")).expect("files can be kept"),
            mail: None,
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(10))
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("a client is made"),
            config: Arc::new(config),
            public_url: base.into(),
        }
    }
}

impl TestApp {
    /// Another node of the same making, with a connection pool and a memory of its own. Jobs still run where `drain` is called.
    pub async fn second_node(&self) -> SecondNode {
        let (platform, stop) = self.builder.serve(&self.database).await;
        SecondNode { client: Client::new(&platform.public_url), stop }
    }

    /// Moves the clock.
    pub fn advance(&self, seconds: i64) {
        self.platform.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// Relays events and runs jobs until nothing is due.
    pub async fn drain(&self) {
        self.worker.drain().await.expect("the jobs run");
    }

    /// The newest mail to an address with its subject and text, once the jobs have run.
    pub async fn newest_mail(&self, to: &str) -> Option<(String, String)> {
        self.drain().await;
        self.platform.db.read(Scope::System, "newest_mail", to.to_owned(), newest_mail).await.expect("mail can be read")
    }

    /// The invariants hold, and every hash chain of the journal.
    #[track_caller]
    pub fn check(&self) -> impl Future<Output = ()> {
        let database = self.database.clone();
        async move {
            let superuser = database.superuser().await;
            let broken = violations(&superuser).await;
            assert!(broken.is_empty(), "invariants are broken: {broken:#?}");
            let (_, links) = platform::journal::verify(&superuser).await.expect("the journal can be read");
            assert!(links.is_empty(), "the journal's chain is broken: {links:#?}");
            superuser.close().await;
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn newest_mail(tx: &mut Tx, to: String) -> Result<Option<(String, String)>, Failure<Never>> {
    let row = sqlx::query(
        "select subject, body from outreach.message where recipient = $1 order by created_at desc, id desc limit 1",
    )
    .bind(to)
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}
