//! A crowd in the waiting room of one real server: memory, CPU, the longest silence of a stream, a kill -9 in the middle that loses nobody.
//!
//! `WAITING_ROOM_PEOPLE=20000` sets how many there are (500 in the ordinary tests), `WAITING_ROOM_PLACES` for how many places,
//! `TURNOUT_TEST_SERVER` another binary, a release for honest figures. A process
//! may have so many files open; people beyond `SOCKETS_MAX` share connections by HTTP/2, a hundred on each.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "a load test on the real clock"
)]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use boxoffice::waiting_room::model::draw::draw;
use kernel::WaitingEntryId;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// How many people have a connection of their own.
const SOCKETS_MAX: usize = 19_600;
/// How many streams share one connection beyond that.
const STREAMS_A_CONNECTION: usize = 100;
/// How many people join at the same time.
const JOINING_MAX: usize = 128;
/// The stream promises a sign of life every ten seconds.
const SILENCE_MAX: Duration = Duration::from_secs(10);

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The binary with a data directory of its own; both are gone when it is dropped.
struct Server {
    child: Child,
    data: PathBuf,
    base: String,
    http: reqwest::Client,
}

impl Server {
    fn start(data: &Path, port: u16) -> Child {
        let binary = std::env::var("TURNOUT_TEST_SERVER").unwrap_or(env!("CARGO_BIN_EXE_turnout").to_owned());
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
        for setting in [
            "log.level=error",
            "http.connections_max=60000",
            "http.connections_per_address_max=60000",
            "limits.requests_per_caller_per_minute=10000000",
            "limits.holds_per_address_per_minute=10000000",
        ] {
            command.args(["--set", setting]);
        }
        command.arg("--data").arg(data).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
    }

    async fn new() -> Self {
        let data = std::env::temp_dir().join(format!("turnout-waiting-{}", std::process::id()));
        std::fs::create_dir_all(&data).unwrap();
        std::fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        let server = Self { child: Self::start(&data, port), data, base: format!("http://127.0.0.1:{port}"), http };
        server.ready().await;
        server
    }

    async fn ready(&self) {
        while self.http.get(format!("{}/readyz", self.base)).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn port(&self) -> u16 {
        self.base.rsplit(':').next().unwrap().parse().unwrap()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = Self::start(&self.data, self.port());
    }

    async fn call(&self, method: reqwest::Method, path: &str, token: &str, body: Value) -> Value {
        let request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token).json(&body);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// CPU seconds of the server and of its PostgreSQL, and the server's memory in MiB.
    fn usage(&self) -> Usage {
        let file = std::fs::read_to_string(self.data.join("postgresql/data/postmaster.pid")).unwrap();
        let postmaster: u32 = file.lines().next().unwrap().trim().parse().unwrap();
        let mut postgres = 0.0;
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            if let Some((parent, seconds)) = stat(pid).filter(|(parent, _)| pid == postmaster || *parent == postmaster)
            {
                let _ = parent;
                postgres += seconds;
            }
        }
        let server = stat(self.child.id()).unwrap().1;
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        Usage { at: Instant::now(), server, postgres, memory_mib: kib / 1024.0 }
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

/// The parent of a process and the CPU seconds it has used (proc(5), fields 4, 14 and 15; a tick is 10 ms on Linux).
fn stat(pid: u32) -> Option<(u32, f64)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some((fields.get(1)?.parse().ok()?, ticks / 100.0))
}

#[derive(Clone, Copy)]
struct Usage {
    at: Instant,
    server: f64,
    postgres: f64,
    memory_mib: f64,
}

impl Usage {
    #[expect(clippy::print_stdout, reason = "what was measured, for whoever reads the log")]
    fn print_since(&self, before: Self, what: &str) {
        let seconds = (self.at - before.at).as_secs_f64();
        println!(
            "{what}: {:.1} s, server {:.0} % of a core and {:.0} MiB, PostgreSQL {:.0} % of a core",
            seconds,
            (self.server - before.server) / seconds * 100.0,
            self.memory_mib,
            (self.postgres - before.postgres) / seconds * 100.0
        );
    }
}

/// An organiser, an event, its ticket type.
struct Sale {
    token: String,
    path: String,
    slug: String,
    kind: String,
}

async fn set_up(server: &Server, places: usize) -> Sale {
    use reqwest::Method;
    let email = json!({"email": "olga@example.org"});
    let begun = server.call(Method::POST, "/api/v1/auth/sign-ins", "", email).await;
    let mail = loop {
        let mails = server.call(Method::GET, "/dev/mail.json?to=olga@example.org", "", Value::Null).await;
        if let Some(text) = mails.pointer("/items/0/text").and_then(Value::as_str) {
            break text.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let code = mail.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).unwrap();
    let verify = format!("/api/v1/auth/sign-ins/{}/verify", begun["id"].as_str().unwrap());
    let body = json!({"code": code, "browser_secret": begun["browser_secret"]});
    let signed = server.call(Method::POST, &verify, "", body).await;
    let token = signed["access_token"].as_str().unwrap().to_owned();
    let new = json!({"name": "Crowd", "currency": "EUR", "time_zone": "Europe/Amsterdam"});
    let house = server.call(Method::POST, "/api/v1/organisations", &token, new).await;
    let events = format!("/api/v1/organisations/{}/events", house["id"].as_str().unwrap());
    let new = json!({"title": "On sale", "starts_local": "2037-03-12T19:00", "ends_local": "2037-03-12T23:00",
        "zone": "Europe/Amsterdam", "currency": "EUR", "attendance": "in_person", "venue_name": "Hall"});
    let event = server.call(Method::POST, &events, &token, new).await;
    let path = format!("{events}/{}", event["id"].as_str().unwrap());
    let new = json!({"name": "Entry", "pricing": "free", "capacity": places, "maximum_per_order": 4});
    let kind = server.call(Method::POST, &format!("{path}/ticket-types"), &token, new).await;
    server.call(Method::POST, &format!("{path}/publish"), &token, json!({})).await;
    let (slug, kind) = (event["slug"].as_str().unwrap().to_owned(), kind["id"].as_str().unwrap().to_owned());
    Sale { token, path, slug, kind }
}

impl Sale {
    /// Sets the opening to so many seconds from now.
    async fn open_in(&self, server: &Server, seconds: i64) {
        let opens_at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
        let body = json!({"opens_at": opens_at.to_string(), "shoppers_min": 50});
        server.call(reqwest::Method::PUT, &format!("{}/waiting-room", self.path), &self.token, body).await;
    }
}

/// What the whole crowd has seen.
#[derive(Default)]
struct Seen {
    streams: AtomicU64,
    messages: AtomicU64,
    longest_silence_ms: AtomicU64,
    reconnects: AtomicU64,
    admitted: AtomicU64,
    places: AtomicU64,
    buyers: AtomicU64,
    in_vain: AtomicU64,
    told_sold_out: AtomicU64,
    first_told_ms: AtomicU64,
    last_told_ms: AtomicU64,
    lost: AtomicU64,
    pushed_back: AtomicU64,
    is_restarting: AtomicBool,
}

/// Someone who waits.
struct Person {
    number: usize,
    token: String,
    secret: String,
    ahead: i64,
}

/// The crowd's knowledge of the world.
#[derive(Clone)]
struct World {
    base: String,
    slug: String,
    kind: String,
    begun: Instant,
    http: reqwest::Client,
    seen: Arc<Seen>,
}

/// A stream, on a socket of its own or shared.
enum Stream {
    Own(BufReader<TcpStream>),
    Shared(reqwest::Response, String),
}

impl Stream {
    async fn open(world: &World, person: &Person, shared: Option<&reqwest::Client>) -> Option<Self> {
        let path = format!("/api/v1/events/{}/waiting-room/stream?token={}", world.slug, person.token);
        if let Some(client) = shared {
            let request = client.get(format!("{}{path}", world.base)).header("Turnout-Browser", &person.secret);
            let answer = request.send().await.ok()?;
            return answer.status().is_success().then(|| Self::Shared(answer, String::new()));
        }
        let mut socket = TcpStream::connect(world.base.strip_prefix("http://").unwrap()).await.ok()?;
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nTurnout-Browser: {}\r\n\r\n", person.secret);
        socket.write_all(head.as_bytes()).await.ok()?;
        let mut reader = BufReader::with_capacity(1024, socket);
        let mut line = String::new();
        reader.read_line(&mut line).await.ok()?;
        line.starts_with("HTTP/1.1 200").then_some(Self::Own(reader))
    }

    /// The next line that says something; `None` when the stream broke.
    async fn line(&mut self) -> Option<String> {
        loop {
            let line = match self {
                Self::Own(reader) => {
                    let mut line = String::new();
                    if reader.read_line(&mut line).await.ok()? == 0 {
                        return None;
                    }
                    line
                }
                Self::Shared(answer, read) => {
                    let Some((line, rest)) = read.split_once('\n') else {
                        read.push_str(std::str::from_utf8(&answer.chunk().await.ok()??).ok()?);
                        continue;
                    };
                    let (line, rest) = (line.to_owned(), rest.to_owned());
                    *read = rest;
                    line
                }
            };
            if line.starts_with("data: ") || line.starts_with(": ") {
                return Some(line);
            }
        }
    }
}

/// Waits to the end: until they have had their turn, or heard that there is nothing left.
async fn wait(world: World, mut person: Person, shared: Option<reqwest::Client>) {
    let seen = Arc::clone(&world.seen);
    loop {
        let Some(mut stream) = Stream::open(&world, &person, shared.as_ref()).await else {
            // The same pause that the stream asks browsers for, spread out.
            tokio::time::sleep(Duration::from_millis(500 + (person.number as u64 * 7919) % 2000)).await;
            continue;
        };
        seen.streams.fetch_add(1, Ordering::Relaxed);
        let mut last = Instant::now();
        while let Some(line) = stream.line().await {
            let silence = u64::try_from(last.elapsed().as_millis()).unwrap();
            last = Instant::now();
            seen.messages.fetch_add(1, Ordering::Relaxed);
            seen.longest_silence_ms.fetch_max(silence, Ordering::Relaxed);
            let Some(data) = line.strip_prefix("data: ") else { continue };
            let place: Value = serde_json::from_str(data).unwrap();
            if hear(&world, &mut person, &place).await {
                return;
            }
        }
        seen.streams.fetch_sub(1, Ordering::Relaxed);
        seen.reconnects.fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes in what was told; answers whether that was the end.
async fn hear(world: &World, person: &mut Person, place: &Value) -> bool {
    let seen = &world.seen;
    if let Some(ahead) = place["ahead"].as_i64() {
        if ahead > person.ahead {
            seen.pushed_back.fetch_add(1, Ordering::Relaxed);
        }
        person.ahead = ahead;
    }
    match place["state"].as_str() {
        Some("admitted") => {
            seen.admitted.fetch_add(1, Ordering::Relaxed);
            shop(world, person, place["admission"]["token"].as_str().unwrap()).await;
            true
        }
        Some("waiting") if place["is_sold_out"] == true => {
            let now = u64::try_from(world.begun.elapsed().as_millis()).unwrap();
            let _ = seen.first_told_ms.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
            seen.last_told_ms.fetch_max(now, Ordering::Relaxed);
            seen.told_sold_out.fetch_add(1, Ordering::Relaxed);
            true
        }
        Some("waiting") => false,
        _ => {
            seen.lost.fetch_add(1, Ordering::Relaxed);
            true
        }
    }
}

/// Two of three buy, two places or one, after a while; the others look around and go.
async fn shop(world: &World, person: &Person, admission: &str) {
    tokio::time::sleep(Duration::from_millis(1000 + (person.number as u64 * 7919) % 4000)).await;
    if person.number.is_multiple_of(3) {
        return;
    }
    for quantity in [2, 1] {
        let body = json!({"lines": [{"ticket_type_id": world.kind, "quantity": quantity}],
            "buyer": {"name": "Ada", "email": format!("ada{}@example.org", person.number)}});
        let path = format!("{}/api/v1/events/{}/orders", world.base, world.slug);
        // Whoever gets no answer asks again under the same key, which has one effect at most.
        let key = format!("{}-{quantity}", person.number);
        let (status, text) = loop {
            let request = world
                .http
                .post(&path)
                .header("Turnout-Browser", &person.secret)
                .header("Turnout-Admission", admission)
                .header("Idempotency-Key", &key)
                .json(&body);
            if let Ok(answer) = request.send().await {
                let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap_or_default());
                // A request that was killed with its server keeps its key for a minute.
                if status != 503 && !text.contains("idempotency_in_progress") {
                    break (status, text);
                }
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        };
        if status == 201 {
            world.seen.places.fetch_add(quantity, Ordering::Relaxed);
            world.seen.buyers.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let is_expected = ["sold_out", "outcome_unknown", "admission_spent"].iter().any(|code| text.contains(code));
        assert!(is_expected, "{status} {text}");
    }
    world.seen.in_vain.fetch_add(1, Ordering::Relaxed);
}

async fn join(world: World, number: usize, joining: Arc<Semaphore>) -> Person {
    let _turn = joining.acquire().await.unwrap();
    let path = format!("{}/api/v1/events/{}/waiting-room/place", world.base, world.slug);
    loop {
        let answer = world.http.post(&path).json(&json!({})).send().await.unwrap();
        if answer.status().as_u16() == 503 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            continue;
        }
        assert_eq!(answer.status().as_u16(), 201);
        let joined: Value = answer.json().await.unwrap();
        let text = |name: &str| joined[name].as_str().unwrap().to_owned();
        return Person { number, token: text("token"), secret: text("browser_secret"), ahead: i64::MAX };
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_waits_and_a_restart_loses_nobody() {
    let (people, places) = (setting("WAITING_ROOM_PEOPLE", 500), setting("WAITING_ROOM_PLACES", 100));
    let mut server = Server::new().await;
    let sale = set_up(&server, places).await;
    sale.open_in(&server, 3600).await;
    let seen = Arc::new(Seen::default());
    let world = World {
        base: server.base.clone(),
        slug: sale.slug.clone(),
        kind: sale.kind.clone(),
        begun: Instant::now(),
        http: reqwest::Client::builder().pool_max_idle_per_host(JOINING_MAX).build().unwrap(),
        seen: Arc::clone(&seen),
    };
    let empty = server.usage();
    let crowd = gather(&world, people).await;
    let joined = server.usage();
    joined.print_since(empty, &format!("{people} people join"));
    let mut crowd_waits = tokio::task::JoinSet::new();
    let mut shared = None;
    for person in crowd {
        if person.number >= SOCKETS_MAX && person.number % STREAMS_A_CONNECTION == 0 {
            shared = Some(reqwest::Client::builder().http2_prior_knowledge().build().unwrap());
        }
        crowd_waits.spawn(wait(world.clone(), person, shared.clone()));
        if crowd_waits.len() % 50 == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    until("everyone listens", || seen.streams.load(Ordering::Relaxed) == people as u64).await;
    let connected = server.usage();
    connected.print_since(joined, &format!("{people} streams open"));
    tokio::time::sleep(Duration::from_secs(10)).await;
    server.usage().print_since(connected, "waiting for the opening");

    sale.open_in(&server, 2).await;
    let opening = server.usage();
    until("a third is sold", || seen.places.load(Ordering::Relaxed) >= places as u64 / 3).await;
    server.usage().print_since(opening, "the draw and the first third of the sale");
    restart(&mut server, &seen).await;
    let back = server.usage();
    while crowd_waits.join_next().await.is_some() {}
    server.usage().print_since(back, "the rest of the sale");
    report(&server, &sale, &seen, (people, places)).await;
}

async fn gather(world: &World, people: usize) -> Vec<Person> {
    let joining = Arc::new(Semaphore::new(JOINING_MAX));
    let mut coming = tokio::task::JoinSet::new();
    for number in 0..people {
        coming.spawn(join(world.clone(), number, Arc::clone(&joining)));
    }
    let mut crowd = coming.join_all().await;
    crowd.sort_by_key(|person| person.number);
    crowd
}

#[expect(clippy::print_stdout, reason = "what was measured, for whoever reads the log")]
async fn restart(server: &mut Server, seen: &Seen) {
    let before = seen.reconnects.load(Ordering::Relaxed);
    let waiting = seen.streams.load(Ordering::Relaxed) - seen.admitted.load(Ordering::Relaxed);
    let silent = seen.longest_silence_ms.load(Ordering::Relaxed);
    seen.is_restarting.store(true, Ordering::Relaxed);
    let since = Instant::now();
    server.kill();
    server.ready().await;
    println!("kill -9 with {waiting} people waiting: answers again after {} ms", since.elapsed().as_millis());
    until("everyone is back", || {
        let gone = seen.admitted.load(Ordering::Relaxed) + seen.told_sold_out.load(Ordering::Relaxed);
        seen.reconnects.load(Ordering::Relaxed) > before
            && seen.streams.load(Ordering::Relaxed) + 50 >= waiting.saturating_sub(gone)
    })
    .await;
    println!(
        "everyone listens again after {} ms; the longest silence before was {silent} ms",
        since.elapsed().as_millis()
    );
    seen.is_restarting.store(false, Ordering::Relaxed);
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_secs(300), "not after five minutes: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[expect(clippy::print_stdout, reason = "what was measured, for whoever reads the log")]
async fn report(server: &Server, sale: &Sale, seen: &Seen, (people, places): (usize, usize)) {
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let figures =
        server.call(reqwest::Method::GET, &format!("{}/waiting-room", sale.path), &sale.token, Value::Null).await;
    println!(
        "{} messages, longest silence {} ms; {} let in, {} bought {} of {places} places, {} in vain",
        of(&seen.messages),
        of(&seen.longest_silence_ms),
        of(&seen.admitted),
        of(&seen.buyers),
        of(&seen.places),
        of(&seen.in_vain)
    );
    println!(
        "{} were told that it is sold out, the last {} ms after the first; {} came back after the restart; {} lost, {} pushed back",
        of(&seen.told_sold_out),
        of(&seen.last_told_ms) - of(&seen.first_told_ms),
        of(&seen.reconnects),
        of(&seen.lost),
        of(&seen.pushed_back)
    );
    let pools = server.call(reqwest::Method::GET, &format!("{}/pools", sale.path), &sale.token, Value::Null).await;
    assert_eq!((&pools["items"][0]["sold"], &pools["items"][0]["held"]), (&json!(places), &json!(0)));
    assert_eq!((figures["drawn"].as_u64(), figures["left"].as_u64()), (Some(people as u64), Some(0)), "{figures}");
    assert_eq!(of(&seen.admitted) + of(&seen.told_sold_out), people as u64);
    assert_eq!((of(&seen.lost), of(&seen.pushed_back)), (0, 0));
    let silence = Duration::from_millis(of(&seen.longest_silence_ms));
    assert!(silence < SILENCE_MAX, "a stream was silent for {silence:?}");
    let (seed, line) = drawn(server, sale).await;
    assert_eq!(line.len(), people);
    assert_eq!(draw(&seed, &line), line, "the line is not the draw's");
    println!("the draw of {people} people was drawn again from its seed, and is the same");
}

async fn drawn(server: &Server, sale: &Sale) -> ([u8; 32], Vec<WaitingEntryId>) {
    let (mut line, mut seed, mut after) = (Vec::new(), [0; 32], 0);
    loop {
        let path = format!("/api/v1/events/{}/waiting-room/draw?after={after}", sale.slug);
        let page = server.call(reqwest::Method::GET, &path, "", Value::Null).await;
        let hex = page["draw"]["seed"].as_str().unwrap();
        for (byte, at) in seed.iter_mut().zip((0..hex.len()).step_by(2)) {
            *byte = u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        }
        line.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["entry"].as_str().unwrap().parse::<WaitingEntryId>().unwrap()),
        );
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => return (seed, line),
        }
    }
}
