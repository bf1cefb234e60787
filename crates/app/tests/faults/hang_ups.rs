//! Clients that hang up at any byte of their request, or right behind it: nothing stays half done, and nothing leaks.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use faultproxy::Draw;
use serde_json::json;
use testkit::Database;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::TURN;
use crate::support::buyers::{Buyers, Manner};
use crate::support::server::{NEVER_CAME_BACK, Sale, Server};
use crate::support::verdict::{Unclaimed, check, rounds, stuck_transactions};

/// Clients that hang up at the same time.
const AT_ONCE: usize = 64;
/// Beside them somebody buys and must not notice.
const BUYERS: usize = 2;
const OUTSTANDING: usize = 2;
/// Connections of the pool, logs and timers may come and go.
const DESCRIPTORS_SPARE: usize = 40;

/// The request as it goes over the wire; every second one carries a key.
fn request(server: &Server, sale: &Sale, number: u64) -> Vec<u8> {
    let body = json!({"lines": [{"ticket_type_id": sale.kind, "quantity": 1}]}).to_string();
    let host = server.base.trim_start_matches("http://");
    let key = if number.is_multiple_of(2) { format!("Idempotency-Key: abort-{number}\r\n") } else { String::new() };
    let head = format!(
        "POST /api/v1/events/{}/holds HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n",
        sale.slug
    );
    format!("{head}{key}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Says a part of the request, waits a moment, and is gone: in order, with a reset, or in the middle of the answer.
async fn hang_up(address: String, request: Vec<u8>, mut draw: Draw) {
    let Ok(mut stream) = TcpStream::connect(address).await else { return };
    // Half of them say everything: those are the ones whose work is under way.
    let whole = u64::try_from(request.len()).unwrap();
    let length = if draw.below(2) == 0 { whole } else { draw.below(whole) };
    let said = request.get(..usize::try_from(length).unwrap()).unwrap();
    if stream.write_all(said).await.is_err() {
        return;
    }
    tokio::time::sleep(Duration::from_micros(draw.below(30_000))).await;
    match draw.below(3) {
        0 => drop(stream.shutdown().await),
        1 => stream.set_zero_linger().unwrap(),
        _ => drop(tokio::time::timeout(Duration::from_millis(5), stream.read_u8()).await),
    }
}

fn descriptors(server: &Server) -> usize {
    std::fs::read_dir(Path::new("/proc").join(server.pid().to_string()).join("fd")).map_or(0, Iterator::count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_hang_up_leave_nothing_behind() {
    let _turn = TURN.lock().await;
    let database = Database::fresh().await;
    let server = Server::start(&[("database.url", &database.url())]).await;
    let sale = server.open_sale(1_000_000).await;
    let superuser = database.superuser().await;
    let buyers = Buyers::start(&server, &sale, Manner::Forgets, BUYERS, OUTSTANDING).await;
    buyers.ledger.sell(10).await;
    let before = descriptors(&server);
    let aborts = rounds("FAULT_ABORTS", 2_000);
    let (places, mut clients, since) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new(), Instant::now());
    for number in 0..aborts {
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        let address = server.base.trim_start_matches("http://").to_owned();
        let (request, draw) = (request(&server, &sale, number), Draw::new(11, number));
        clients.spawn(async move {
            hang_up(address, request, draw).await;
            drop(place);
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let took = since.elapsed();
    let ledger = buyers.finish().await;
    let since = Instant::now();
    while stuck_transactions(&superuser).await > 0 || descriptors(&server) > before + DESCRIPTORS_SPARE {
        assert!(
            since.elapsed() < NEVER_CAME_BACK,
            "{} transactions, {} descriptors",
            stuck_transactions(&superuser).await,
            descriptors(&server)
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!(
        "{aborts} clients hung up in {} ms; descriptors {before} before, {} after; clean after {} ms; who stayed: {}",
        took.as_millis(),
        descriptors(&server),
        since.elapsed().as_millis(),
        ledger.summary()
    );
    assert_eq!(ledger.silent(), 0, "nobody else noticed");
    check(&server, &superuser, &[&ledger], Unclaimed::Allowed).await;
    superuser.close().await;
}
