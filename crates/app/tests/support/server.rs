//! The binary as a process of its own, that can be killed and started again, and leaves nothing behind.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};

/// Longer than anything may take; whoever waits so long waits for something that never came back.
pub const NEVER_CAME_BACK: Duration = Duration::from_secs(60);
/// The key of nodes that share a database.
pub const SHARED_KEY: &str = "KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio=";
/// A client that waits no longer for an answer than this does not know what became of its request.
const CLIENT_PATIENCE: Duration = Duration::from_secs(12);
const STOP_TIME_MAX: Duration = Duration::from_secs(40);

static SERVERS: AtomicU32 = AtomicU32::new(0);

/// A server process. Dropped, it is stopped; its PostgreSQL and its files are gone too, even when this process is killed.
pub struct Server {
    child: Child,
    data: PathBuf,
    settings: Vec<String>,
    /// `http://127.0.0.1:PORT`
    pub base: String,
    /// A client that gives up in time.
    pub http: reqwest::Client,
    remains: Remains,
}

/// What a sale is to a buyer, and to its organiser.
#[derive(Debug, Clone)]
pub struct Sale {
    /// The event's name in addresses.
    pub slug: String,
    /// Its one ticket type.
    pub kind: String,
    /// `/api/v1/organisations/org_.../events/evt_...`
    pub path: String,
    /// The organiser's access token.
    pub token: String,
}

impl Server {
    /// A server with a private PostgreSQL, or with the one that `database.url` names. It answers when this returns.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let number = SERVERS.fetch_add(1, Ordering::Relaxed);
        let data = std::env::temp_dir().join(format!("turnout-fault-{}-{number}", std::process::id()));
        Self::start_in(data, settings).await
    }

    /// The same with its files in a directory that may exist already, and is removed with the server.
    pub async fn start_in(data: PathBuf, settings: &[(&str, &str)]) -> Self {
        std::fs::create_dir_all(&data).unwrap();
        std::fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let ours = [
            ("http.connections_per_address_max", "5000"),
            ("limits.requests_per_caller_per_minute", "100000000"),
            ("limits.holds_per_address_per_minute", "100000000"),
            ("holds.ttl_seconds", "5"),
            ("log.level", "error"),
            // So that batches go ahead of each other, although there are few buyers.
            ("boxoffice.ahead_min", "1"),
            // Tickets drawn by an unoptimised build would take the processors from those who buy.
            ("jobs.concurrency", "1"),
        ];
        let settings: Vec<String> = ours
            .iter()
            .chain(settings)
            .flat_map(|(key, value)| ["--set".to_owned(), format!("{key}={value}")])
            .collect();
        let http = reqwest::Client::builder().timeout(CLIENT_PATIENCE).build().unwrap();
        let remains = Remains::of(&data);
        let child = spawn(&data, port, &settings);
        let mut server = Self { child, data, settings, base: format!("http://127.0.0.1:{port}"), http, remains };
        server.wait_until_ready().await;
        server
    }

    /// Returns when the server says that it can serve.
    pub async fn wait_until_ready(&mut self) {
        let since = Instant::now();
        while self.status_of("/readyz").await != Some(200) {
            assert!(self.child.try_wait().unwrap().is_none(), "the server stopped while it was starting");
            assert!(since.elapsed() < NEVER_CAME_BACK, "the server is not ready");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// The status of a GET; none without an answer.
    pub async fn status_of(&self, path: &str) -> Option<u16> {
        let answer = self.http.get(format!("{}{path}", self.base)).send().await.ok()?;
        Some(answer.status().as_u16())
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// kill -9, and the next start at once.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let port = self.base.rsplit(':').next().unwrap().parse().unwrap();
        self.child = spawn(&self.data, port, &self.settings);
    }

    /// kill -9 of the private PostgreSQL's first process.
    pub fn kill_postgres(&self) {
        let pid = first_line(&self.data.join(POSTMASTER)).unwrap();
        assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    }

    /// Waits until the private PostgreSQL lets somebody in, and answers how long that took.
    pub async fn postgres_returns(&self) -> Duration {
        let since = Instant::now();
        loop {
            if let Ok(connection) = self.postgres().connect().await {
                let took = since.elapsed();
                connection.close().await.unwrap();
                return took;
            }
            assert!(since.elapsed() < NEVER_CAME_BACK, "PostgreSQL never came back");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The way of the superuser into the private PostgreSQL.
    pub fn postgres(&self) -> PgConnectOptions {
        let socket = self.data.join("postgresql");
        PgConnectOptions::new_without_pgpass().socket(socket).username("postgres").database("turnout")
    }

    /// The superuser's view of the private PostgreSQL.
    pub async fn superuser(&self) -> PgPool {
        PgPoolOptions::new().max_connections(2).connect_with(self.postgres()).await.unwrap()
    }

    /// A call that must succeed.
    pub async fn call(&self, method: Method, path: &str, token: &str, body: Value) -> Value {
        let request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token).json(&body);
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Founds an organisation and opens the sale of free tickets to one event.
    pub async fn open_sale(&self, capacity: i32) -> Sale {
        let token = self.sign_in("olga@example.org").await;
        let new = json!({"name": "Fault", "currency": "EUR", "time_zone": "Europe/Amsterdam"});
        let house = self.call(Method::POST, "/api/v1/organisations", &token, new).await;
        let events = format!("/api/v1/organisations/{}/events", house["id"].as_str().unwrap());
        let new = json!({"title": "Fault test", "starts_local": "2037-03-12T19:00", "ends_local": "2037-03-12T23:00",
            "zone": "Europe/Amsterdam", "currency": "EUR", "attendance": "in_person", "venue_name": "Hall"});
        let event = self.call(Method::POST, &events, &token, new).await;
        let path = format!("{events}/{}", event["id"].as_str().unwrap());
        let new = json!({"name": "Entry", "pricing": "free", "capacity": capacity});
        let kind = self.call(Method::POST, &format!("{path}/ticket-types"), &token, new).await;
        self.call(Method::POST, &format!("{path}/publish"), &token, json!({})).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Sale { slug: text(&event["slug"]), kind: text(&kind["id"]), path, token }
    }

    async fn sign_in(&self, email: &str) -> String {
        let begun = self.call(Method::POST, "/api/v1/auth/sign-ins", "", json!({"email": email})).await;
        let mail = loop {
            let mails = self.call(Method::GET, &format!("/dev/mail.json?to={email}"), "", Value::Null).await;
            if let Some(text) = mails.pointer("/items/0/text").and_then(Value::as_str) {
                break text.to_owned();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let code = mail.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).unwrap();
        let verify = format!("/api/v1/auth/sign-ins/{}/verify", begun["id"].as_str().unwrap());
        let proof = json!({"code": code, "browser_secret": begun["browser_secret"]});
        let signed = self.call(Method::POST, &verify, "", proof).await;
        signed["access_token"].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
        let since = Instant::now();
        let has_ended = |child: &mut Child| matches!(child.try_wait(), Ok(Some(_)));
        while asked.is_ok() && !has_ended(&mut self.child) && since.elapsed() < STOP_TIME_MAX {
            std::thread::sleep(Duration::from_millis(20));
        }
        if !has_ended(&mut self.child) {
            // Whatever keeps it, the remains below take its database with them.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        let _ = std::fs::remove_file(self.data.join(PID));
        self.remains.clear();
    }
}

const PID: &str = "server.pid";
const POSTMASTER: &str = "postgresql/data/postmaster.pid";

fn first_line(file: &Path) -> Option<String> {
    std::fs::read_to_string(file).ok()?.lines().next().map(str::to_owned)
}

fn spawn(data: &Path, port: u16, settings: &[String]) -> Child {
    // Another binary: a release, for honest times, without building the tests for release as well.
    let binary = std::env::var("TURNOUT_TEST_SERVER").unwrap_or(env!("CARGO_BIN_EXE_turnout").to_owned());
    let mut command = Command::new(binary);
    command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(data).args(settings);
    // What a broken database makes a server say would bury what the test says.
    let errors = if std::env::var_os("TURNOUT_TEST_LOG").is_some() { Stdio::inherit() } else { Stdio::null() };
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors).spawn().unwrap();
    std::fs::write(data.join(PID), format!("{}\n", child.id())).unwrap();
    child
}

/// A small shell that waits on a pipe for this process to let go, however that happens, and then ends what runs in a directory, takes
/// off the file system mounted there, and removes it.
struct Remains(Child);

impl Remains {
    fn of(data: &Path) -> Self {
        let script = format!(
            "cat >/dev/null; end() {{ pid=$(head -n 1 \"$2\" 2>/dev/null); [ -n \"$pid\" ] || return 0; kill -\"$1\" \"$pid\" 2>/dev/null; \
             for _ in $(seq 50); do kill -0 \"$pid\" 2>/dev/null || return 0; sleep 0.1; done; kill -9 \"$pid\"; sleep 0.2; }}; \
             end KILL \"$0/{PID}\"; end QUIT \"$0/{POSTMASTER}\"; mountpoint -q \"$0\" && umount \"$0\"; rm -rf \"$0\""
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(data).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        Self(shell.spawn().unwrap())
    }

    fn clear(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
