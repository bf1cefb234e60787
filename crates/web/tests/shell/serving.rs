//! The accept loop, seen through raw sockets. Limits are short, bounds are generous.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::routing::{get, post};
use http::StatusCode;
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use platform::config::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use web::HttpSettings;

/// Far above every limit set here: what takes longer hangs.
const HANGS: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
    go_on: Arc<Notify>,
    entered: Arc<Notify>,
}

fn settings() -> HttpSettings {
    let mut http = Config::for_test(&std::env::temp_dir(), &[]).unwrap().http;
    http.header_read_timeout = Duration::from_millis(600);
    http.keep_alive_timeout = Duration::from_secs(60);
    http.request_timeout = Duration::from_secs(2);
    http.drain = Duration::from_secs(15);
    http
}

impl Server {
    async fn start(settings: HttpSettings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let (go_on, entered) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (waited, told) = (Arc::clone(&go_on), Arc::clone(&entered));
        let wait = move || async move {
            told.notify_one();
            waited.notified().await;
            "done"
        };
        let refuse = || async { (StatusCode::CONFLICT, "own words") };
        let echo = |request: Request| async move { request.into_body().collect().await.unwrap().to_bytes() };
        let large = || async { vec![b'x'; 64 * 1024 * 1024] };
        let router = Router::new()
            .route("/", get(|| async { "hello" }))
            .route("/wait", get(wait))
            .route("/refuse", get(refuse))
            .route("/echo", post(echo))
            .route("/large", get(large))
            .route("/upgrade", get(upgrade));
        let running = tokio::spawn(web::serve(listener, router, settings, shutdown.clone()));
        Self { address, shutdown, running, go_on, entered }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Ends, in time.
    async fn stops(self) -> Duration {
        let began = Instant::now();
        self.shutdown.cancel();
        tokio::time::timeout(HANGS, self.running).await.expect("the server stops").unwrap();
        began.elapsed()
    }
}

/// Switches to a protocol that sends back what it gets.
async fn upgrade(mut request: Request) -> axum::response::Response {
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut socket = TokioIo::new(upgraded.await.unwrap());
        let mut bytes = [0; 4];
        while socket.read_exact(&mut bytes).await.is_ok() {
            socket.write_all(&bytes).await.unwrap();
        }
    });
    let answer = http::Response::builder().status(101).header("connection", "upgrade").header("upgrade", "echo");
    answer.body(axum::body::Body::empty()).unwrap()
}

/// Everything up to the end of the connection, which must come.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A reset is an end as well.
    let _ = tokio::time::timeout(HANGS, stream.read_to_end(&mut text)).await.expect("the server closes the connection");
    String::from_utf8_lossy(&text).into_owned()
}

/// One answer with `content-length`, leaving the connection open.
async fn read_answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = async {
        loop {
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).await.unwrap();
            assert_ne!(count, 0, "the connection ended after {text:?}");
            text.push_str(&String::from_utf8_lossy(&bytes[..count]));
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head
                .to_lowercase()
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
            if body.len() >= length {
                return;
            }
        }
    };
    tokio::time::timeout(HANGS, read).await.expect("an answer comes");
    text
}

async fn ask(stream: &mut TcpStream, path: &str) -> String {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
    read_answer(stream).await
}

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    let server = Server::start(settings()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        assert!(ask(&mut stream, "/").await.ends_with("hello"));
    }
    let refused = ask(&mut stream, "/refuse").await;
    assert!(
        refused.starts_with("HTTP/1.1 409") && refused.ends_with("own words"),
        "the application's own errors pass: {refused}"
    );
    assert!(ask(&mut stream, "/").await.ends_with("hello"));
}

#[tokio::test]
async fn a_client_that_says_nothing_is_closed() {
    let server = Server::start(settings()).await;
    assert_eq!(read_to_end(&mut server.connect().await).await, "");
}

#[tokio::test]
async fn a_head_sent_drop_by_drop_is_closed() {
    let server = Server::start(settings()).await;
    for beginning in ["GET / HT", "PRI", "GET / HTTP/1.1\r\nhost: x\r\n"] {
        let (mut reader, mut writer) = server.connect().await.into_split();
        writer.write_all(beginning.as_bytes()).await.unwrap();
        let dripping = tokio::spawn(async move {
            while writer.write_all(b"x: y\r\n").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let mut text = Vec::new();
        let _ =
            tokio::time::timeout(HANGS, reader.read_to_end(&mut text)).await.expect("the server closes the connection");
        dripping.abort();
    }
}

#[tokio::test]
async fn the_next_head_on_a_connection_has_the_same_time() {
    let server = Server::start(settings()).await;
    let mut stream = server.connect().await;
    assert!(ask(&mut stream, "/").await.ends_with("hello"));
    stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_its_own_time() {
    let mut settings = settings();
    settings.header_read_timeout = Duration::from_millis(300);
    settings.keep_alive_timeout = Duration::from_millis(2500);
    let server = Server::start(settings).await;
    let mut stream = server.connect().await;
    ask(&mut stream, "/").await;
    let idle = Instant::now();
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert!(ask(&mut stream, "/").await.ends_with("hello"), "longer than a head may take, shorter than idleness may");
    assert_eq!(read_to_end(&mut stream).await, "");
    assert!(idle.elapsed() > Duration::from_millis(2500));
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_closed() {
    let mut settings = settings();
    settings.drain = Duration::from_secs(15);
    let server = Server::start(settings).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    // Without reading, the connection ends after `request_timeout`; only then can the server stop before the time to drain is over.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(server.stops().await < Duration::from_secs(12));
    drop(stream);
}

#[tokio::test]
async fn hypers_own_refusals_are_problems() {
    let server = Server::start(settings()).await;
    let many = (0..200).map(|n| format!("x-{n}: y\r\n")).collect::<String>();
    let long = format!("x: {}\r\n", "y".repeat(200_000));
    for (request, status) in [
        ("NONSENSE\r\n\r\n".to_owned(), 400),
        (format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"), 431),
        (format!("GET / HTTP/1.1\r\n{long}\r\n"), 431),
    ] {
        let mut stream = server.connect().await;
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = read_answer(&mut stream).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")) && head.contains("content-type: application/problem+json"),
            "{head}"
        );
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((problem["status"].as_u64(), problem["trace_id"].as_str().unwrap().len()), (Some(status), 32));
    }
}

#[tokio::test]
async fn http2_is_spoken_on_the_same_port() {
    let server = Server::start(settings()).await;
    let stream = TokioIo::new(server.connect().await);
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    let driver = tokio::spawn(connection);
    for _ in 0..3 {
        let request =
            http::Request::get(format!("http://{}/", server.address)).body(axum::body::Body::empty()).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!((answer.version(), answer.status()), (http::Version::HTTP_2, StatusCode::OK));
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
    }
    assert!(server.stops().await < Duration::from_secs(12));
    let _ = tokio::time::timeout(HANGS, driver).await.expect("the connection ends");
}

#[tokio::test]
async fn one_address_holds_no_more_connections_than_it_may() {
    let mut settings = settings();
    settings.connections_per_address_max = 2;
    settings.header_read_timeout = Duration::from_secs(60);
    let server = Server::start(settings).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    ask(&mut first, "/").await;
    ask(&mut second, "/").await;
    assert_eq!(read_to_end(&mut server.connect().await).await, "");
    drop(first);
    let mut is_admitted = false;
    for _ in 0..100 {
        let mut next = server.connect().await;
        let _ = next.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        is_admitted = read_to_end(&mut next).await.ends_with("hello");
        if is_admitted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(is_admitted, "a place that was given back is free");
}

#[tokio::test]
async fn beyond_the_cap_in_all_the_next_connection_waits() {
    let mut settings = settings();
    settings.connections_max = 1;
    let server = Server::start(settings).await;
    let mut first = server.connect().await;
    ask(&mut first, "/").await;
    let mut second = server.connect().await;
    second.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut byte = [0; 1];
    assert!(tokio::time::timeout(Duration::from_millis(300), second.read(&mut byte)).await.is_err(), "it waits");
    drop(first);
    assert!(read_answer(&mut second).await.ends_with("hello"));
}

#[tokio::test]
async fn a_drain_finishes_what_runs_and_closes_what_does_not() {
    let server = Server::start(settings()).await;
    let (mut idle, mut half, mut busy) = (server.connect().await, server.connect().await, server.connect().await);
    ask(&mut idle, "/").await;
    half.write_all(b"GET / HTTP/1.1\r\nho").await.unwrap();
    busy.write_all(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    server.entered.notified().await;
    server.shutdown.cancel();
    assert_eq!(read_to_end(&mut idle).await, "");
    assert_eq!(read_to_end(&mut half).await, "");
    assert!(!server.running.is_finished());
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody new comes in");
    server.go_on.notify_one();
    assert!(read_to_end(&mut busy).await.ends_with("done"));
    tokio::time::timeout(HANGS, server.running).await.expect("the server stops").unwrap();
}

#[tokio::test]
async fn a_half_sent_head_does_not_hold_up_the_end() {
    let mut settings = settings();
    settings.header_read_timeout = Duration::from_secs(60);
    settings.drain = Duration::from_secs(60);
    let server = Server::start(settings).await;
    let mut streams = Vec::new();
    for beginning in ["", "G", "PRI", "GET / HTTP/1.1\r\nho", "POST /echo HTTP/1.1\r\ncontent-length"] {
        let mut stream = server.connect().await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(server.stops().await < Duration::from_secs(15));
}

#[tokio::test]
async fn a_drain_has_an_end() {
    let mut settings = settings();
    settings.drain = Duration::from_millis(500);
    let server = Server::start(settings).await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    server.entered.notified().await;
    assert!(server.stops().await < Duration::from_secs(10));
    assert_eq!(read_to_end(&mut busy).await, "");
}

#[tokio::test]
async fn an_upgraded_connection_keeps_its_place_and_lives_on() {
    let mut settings = settings();
    settings.connections_per_address_max = 1;
    settings.keep_alive_timeout = Duration::from_millis(300);
    let server = Server::start(settings).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /upgrade HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")
        .await
        .unwrap();
    assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 101"));
    tokio::time::sleep(Duration::from_millis(900)).await;
    stream.write_all(b"ping").await.unwrap();
    let mut bytes = [0; 4];
    tokio::time::timeout(HANGS, stream.read_exact(&mut bytes)).await.expect("an echo comes").unwrap();
    assert_eq!(&bytes, b"ping");
    assert_eq!(read_to_end(&mut server.connect().await).await, "", "its place is taken");
    drop(stream);
    assert!(server.stops().await < Duration::from_secs(12));
}
