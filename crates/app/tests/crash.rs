//! kill -9 of the server, and of PostgreSQL, under load: no acknowledged order is lost, no place leaks, and selling goes on.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::Mutex;

const BUYERS: usize = 16;

/// The binary with a data directory of its own; both are gone when it is dropped.
struct Server {
    child: Child,
    data: PathBuf,
    base: String,
    http: reqwest::Client,
}

impl Server {
    fn start(data: &Path, port: u16) -> Child {
        Command::new(env!("CARGO_BIN_EXE_turnout"))
            .args([
                "serve",
                "--listen",
                &format!("127.0.0.1:{port}"),
                "--set",
                "holds.ttl_seconds=5",
                "--set",
                "log.level=error",
            ])
            .args([
                "--set",
                "limits.requests_per_caller_per_minute=1000000",
                "--set",
                "limits.holds_per_address_per_minute=1000000",
            ])
            .arg("--data")
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    async fn new() -> Self {
        let data = std::env::temp_dir().join(format!("turnout-crash-{}", std::process::id()));
        std::fs::create_dir_all(&data).unwrap();
        std::fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
        let server = Self { child: Self::start(&data, port), data, base: format!("http://127.0.0.1:{port}"), http };
        while server.http.get(format!("{}/readyz", server.base)).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    fn port(&self) -> u16 {
        self.base.rsplit(':').next().unwrap().parse().unwrap()
    }

    async fn call(&self, method: reqwest::Method, path: &str, token: &str, body: Value) -> Value {
        let answer = self
            .http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(token)
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    fn kill_server(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = Self::start(&self.data, self.port());
    }

    fn kill_postgres(&self) {
        let file = std::fs::read_to_string(self.data.join("postgresql/data/postmaster.pid")).unwrap();
        let pid = file.lines().next().unwrap();
        assert!(Command::new("kill").args(["-9", pid]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let stopped = Command::new("kill").args(["-INT", &pid]).status().is_ok_and(|status| status.success());
        if !stopped {
            self.child.kill().unwrap();
        }
        self.child.wait().unwrap();
        std::fs::remove_dir_all(&self.data).unwrap();
    }
}

/// What the buyers know.
#[derive(Default)]
struct Known {
    acknowledged: Mutex<Vec<(String, String)>>,
    count: AtomicU64,
    unknown: AtomicU64,
    is_over: AtomicBool,
}

async fn ask(http: &reqwest::Client, url: String, body: Value) -> Option<(u16, Value)> {
    let answer = http.post(url).json(&body).send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.json().await.ok()?))
}

/// Buys one free ticket after the other; whatever does not answer is forgotten, and may have happened.
async fn keep_buying(http: reqwest::Client, base: String, slug: String, kind: String, known: Arc<Known>) {
    while !known.is_over.load(Ordering::Relaxed) {
        let hold = ask(
            &http,
            format!("{base}/api/v1/events/{slug}/holds"),
            json!({"lines": [{"ticket_type_id": kind, "quantity": 1}]}),
        )
        .await;
        let Some((201, hold)) = hold else {
            known.unknown.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let url = format!("{base}/api/v1/holds/{}/order", hold["id"].as_str().unwrap());
        let order =
            ask(&http, url, json!({"secret": hold["secret"], "buyer": {"name": "Ada", "email": "ada@example.org"}}))
                .await;
        if let Some((201, order)) = order {
            known
                .acknowledged
                .lock()
                .await
                .push((order["code"].as_str().unwrap().to_owned(), order["secret"].as_str().unwrap().to_owned()));
            known.count.fetch_add(1, Ordering::Relaxed);
        } else {
            known.unknown.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn next_success(known: &Known, since: u64) -> Duration {
    let start = Instant::now();
    while known.count.load(Ordering::Relaxed) <= since {
        assert!(start.elapsed() < Duration::from_secs(90), "nothing is sold any more");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    start.elapsed()
}

async fn set_up(server: &Server) -> (String, String) {
    let begun =
        server.call(reqwest::Method::POST, "/api/v1/auth/sign-ins", "", json!({"email": "olga@example.org"})).await;
    let mail = loop {
        let mails = server.call(reqwest::Method::GET, "/dev/mail.json?to=olga@example.org", "", Value::Null).await;
        if let Some(text) = mails.pointer("/items/0/text").and_then(Value::as_str) {
            break text.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let code = mail.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).unwrap();
    let verify = format!("/api/v1/auth/sign-ins/{}/verify", begun["id"].as_str().unwrap());
    let signed = server
        .call(reqwest::Method::POST, &verify, "", json!({"code": code, "browser_secret": begun["browser_secret"]}))
        .await;
    let token = signed["access_token"].as_str().unwrap();
    let house = server
        .call(
            reqwest::Method::POST,
            "/api/v1/organisations",
            token,
            json!({"name": "Crash", "currency": "EUR", "time_zone": "Europe/Amsterdam"}),
        )
        .await;
    let events = format!("/api/v1/organisations/{}/events", house["id"].as_str().unwrap());
    let new = json!({"title": "Crash test", "starts_local": "2037-03-12T19:00", "ends_local": "2037-03-12T23:00", "zone": "Europe/Amsterdam", "currency": "EUR",
        "attendance": "in_person", "venue_name": "Hall"});
    let event = server.call(reqwest::Method::POST, &events, token, new).await;
    let path = format!("{events}/{}", event["id"].as_str().unwrap());
    let kind = server
        .call(
            reqwest::Method::POST,
            &format!("{path}/ticket-types"),
            token,
            json!({"name": "Entry", "pricing": "free", "capacity": 1_000_000}),
        )
        .await;
    server.call(reqwest::Method::POST, &format!("{path}/publish"), token, json!({})).await;
    (event["slug"].as_str().unwrap().to_owned(), kind["id"].as_str().unwrap().to_owned())
}

fn rounds() -> usize {
    std::env::var("CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_order_is_lost_and_no_place_leaks() {
    let mut server = Server::new().await;
    let (slug, kind) = set_up(&server).await;
    let known = Arc::new(Known::default());
    let mut buyers = tokio::task::JoinSet::new();
    for _ in 0..BUYERS {
        buyers.spawn(keep_buying(
            server.http.clone(),
            server.base.clone(),
            slug.clone(),
            kind.clone(),
            Arc::clone(&known),
        ));
    }
    let mut slowest = [Duration::ZERO; 2];
    for round in 0..rounds() * 2 {
        let before = known.count.load(Ordering::Relaxed);
        next_success(&known, before + 20).await;
        let is_postgres = round % 2 == 1;
        if is_postgres {
            server.kill_postgres()
        } else {
            server.kill_server()
        }
        // Answers that were on their way when the kill came do not count as the first success after it.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let took = Duration::from_millis(100) + next_success(&known, known.count.load(Ordering::Relaxed)).await;
        let victim = if is_postgres { "PostgreSQL" } else { "the server" };
        println!(
            "kill -9 of {victim}: selling again after {} ms; {} acknowledged so far",
            took.as_millis(),
            known.count.load(Ordering::Relaxed)
        );
        let slot = slowest.get_mut(usize::from(is_postgres)).unwrap();
        *slot = (*slot).max(took);
    }
    known.is_over.store(true, Ordering::Relaxed);
    while buyers.join_next().await.is_some() {}
    let unknown = known.unknown.load(Ordering::Relaxed);
    assert!(unknown > 0, "no request was hit by a kill: the test does not test");
    check(&server, &known).await;
    println!(
        "slowest return: server {} ms, PostgreSQL {} ms; {unknown} requests got no good answer",
        slowest[0].as_millis(),
        slowest[1].as_millis()
    );
}

#[expect(clippy::print_stdout, reason = "what was measured, for whoever reads the log")]
async fn check(server: &Server, known: &Known) {
    let options: PgConnectOptions = PgConnectOptions::new_without_pgpass()
        .socket(server.data.join("postgresql"))
        .username("postgres")
        .database("turnout");
    let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
    let paid: std::collections::HashSet<String> =
        sqlx::query_scalar("select code from boxoffice.orders where state = 'paid'")
            .fetch_all(&pool)
            .await
            .unwrap()
            .into_iter()
            .collect();
    let acknowledged = known.acknowledged.lock().await;
    let lost: Vec<_> = acknowledged.iter().filter(|(code, _)| !paid.contains(code)).collect();
    assert!(lost.is_empty(), "{} acknowledged orders are lost", lost.len());
    // One of them through the front door too.
    let (code, secret) = acknowledged.first().unwrap();
    let order =
        server.call(reqwest::Method::GET, &format!("/api/v1/orders/{code}?secret={secret}"), "", Value::Null).await;
    assert_eq!((order["state"].as_str(), order["tickets"].as_array().unwrap().len()), (Some("paid"), 1));
    let since = Instant::now();
    loop {
        let held: i32 = sqlx::query_scalar("select held from boxoffice.pool").fetch_one(&pool).await.unwrap();
        if held == 0 {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "{held} places leaked");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(testkit::violations(&pool).await, Vec::new());
    let (entries, broken) = platform::journal::verify(&pool).await.unwrap();
    assert_eq!(broken, Vec::new());
    println!(
        "{} acknowledged, {} paid, {entries} journal entries, 0 lost, 0 leaked, 0 invariants broken",
        acknowledged.len(),
        paid.len()
    );
    pool.close().await;
}
