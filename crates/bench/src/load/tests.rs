//! The generator against a server that stalls.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use super::run;
use super::spec::{Operation, Report, Show, Spec};

/// Answers every request with this; all of them are late when they come within the stall.
fn serve(answer: &'static [u8], stall: Option<(Duration, Duration)>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let start = Instant::now();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).is_ok_and(|count| count > 0) {
                    let stalled = stall.map_or(Duration::ZERO, |(from, until)| {
                        let now = start.elapsed();
                        if now >= from { until.saturating_sub(now) } else { Duration::ZERO }
                    });
                    std::thread::sleep(stalled);
                    if stream.write_all(answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

fn ask(address: SocketAddr, rate: Option<f64>, operation: Operation) -> Report {
    run(Spec { address, connections: 2, threads: 2, warm_up_seconds: 0.2, seconds: 1.0, rate, first: 7, operation })
        .unwrap()
}

fn fetch() -> Operation {
    Operation::Fetch { paths: vec!["/".to_owned()], accept_encoding: None }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn a_stall_is_felt_by_everyone_who_was_due_in_it() {
    let stall = Some((Duration::from_millis(600), Duration::from_millis(1000)));
    let open = ask(serve(OK, stall), Some(200.0), fetch());
    // 400 ms of 1 s: two in five were due in it, and waited for 200 ms in the middle. A busy machine makes them wait longer.
    assert_eq!((open.done, open.unfinished, open.failed, open.errors), (200, 0, 0, 0), "{open:?}");
    assert!(open.latency.p90 > 150.0 && open.latency.p99 > 300.0, "{open:?}");
    // The closed loop asked each connection once in that time, so that its percentiles know nothing of it.
    let closed = ask(serve(OK, stall), None, fetch());
    assert!(closed.done > 500 && closed.latency.max > 200.0, "{closed:?}");
    assert!(closed.latency.p99 < closed.latency.max / 2.0, "{closed:?}");
}

#[test]
fn what_a_server_cannot_keep_up_with_counts_as_waiting() {
    let for_ever = Some((Duration::ZERO, Duration::from_secs(60)));
    let report = ask(serve(OK, for_ever), Some(50.0), fetch());
    assert_eq!((report.done, report.unfinished, report.unknown_in_all), (0, 50, 2));
    assert!(report.latency.p50 >= 9_900.0, "{report:?}");
}

#[test]
fn a_refusal_is_an_answer_and_a_rush_ends_when_nobody_is_left_to_ask() {
    let body = b"HTTP/1.1 409 Conflict\r\ncontent-length: 19\r\n\r\n{\"code\":\"sold_out\"}";
    let show = Show { slug: "s".to_owned(), ticket_type: "t".to_owned() };
    let operation = Operation::Rush { shows: vec![show; 3], callers_each: 10, in_one_call: true, quantity: 1 };
    let report = ask(serve(body, None), Some(25.0), operation.clone());
    // Due at 25 a second: 5 before the window, and 25 in it.
    assert_eq!((report.refused, report.done, report.failed, report.ran_out), (25, 0, 0, false), "{report:?}");
    assert_eq!(report.statuses, BTreeMap::from([(409, 25)]));
    assert!(ask(serve(body, None), None, operation).ran_out);
}
