//! The stream of a place.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::Client;

use crate::support::{Person, Sale, sale};

/// A stream that is being read.
struct Listening {
    answer: reqwest::Response,
    read: String,
}

impl Listening {
    async fn to(sale: &Sale, person: &Person) -> Self {
        let client = Client::new(&person.base);
        let path = format!("/api/v1/events/{}/waiting-room/stream?token={}", sale.slug, person.token);
        let request = client.request(reqwest::Method::GET, &path).header("Turnout-Browser", &person.secret);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, read: String::new() }
    }

    /// The next message, comments included; `None` when the stream ends.
    async fn message(&mut self) -> Option<String> {
        loop {
            if let Some((message, rest)) = self.read.split_once("\n\n") {
                let message = message.to_owned();
                self.read = rest.to_owned();
                return Some(message);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.answer.chunk()).await;
            let chunk = chunk.expect("the stream was silent for ten seconds").unwrap()?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next place that was told.
    async fn place(&mut self) -> Option<Value> {
        loop {
            let message = self.message().await?;
            if let Some(data) = message.lines().find_map(|line| line.strip_prefix("data: ")) {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }

    async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let place = self.place().await.expect("the stream goes on");
            if is_it(&place) {
                return place;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_tells_the_place_from_the_draw_to_the_admission() {
    let sale = sale(1000).await;
    sale.arm_with(10, json!({"shoppers_min": 1, "shoppers_max": 1})).await.expect(200);
    let people = sale.people(2).await;
    let mut streams = [Listening::to(&sale, &people[0]).await, Listening::to(&sale, &people[1]).await];
    let first = streams[0].place().await.unwrap();
    assert_eq!((first["room"].as_str(), first["position"].as_i64()), (Some("armed"), None));
    sale.app.advance(10);
    sale.tick().await;
    let mut admitted = 0;
    for stream in &mut streams {
        let place = stream.until(|place| place["room"] == "open").await;
        if place["state"] == "admitted" {
            admitted += 1;
            assert!(place["admission"]["token"].is_string());
        } else {
            assert_eq!((place["position"].as_i64(), place["estimate"].is_null()), (Some(1), true));
        }
    }
    assert_eq!(admitted, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_never_silent_for_ten_seconds_and_counts_as_being_there() {
    let sale = sale(1000).await;
    sale.arm_with(1000, json!({})).await.expect(200);
    let person = sale.join().await;
    let mut stream = Listening::to(&sale, &person).await;
    stream.place().await.unwrap();
    let since = Instant::now();
    let sign = stream.message().await.unwrap();
    assert_eq!(sign, ": still here");
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    // By the room's clock two minutes pass; the stream alone keeps the place.
    for _ in 0..24 {
        sale.write_presence(&sale.app.platform).await;
        sale.app.advance(4);
        sale.tick().await;
    }
    assert_eq!(sale.figures().await["waiting"], 1);
    drop(stream);
    tokio::time::sleep(Duration::from_millis(200)).await;
    sale.write_presence(&sale.app.platform).await;
    for _ in 0..14 {
        sale.app.advance(4);
        sale.tick().await;
    }
    assert_eq!(sale.figures().await["left"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_with_the_place_and_is_not_given_to_others() {
    let sale = sale(1000).await;
    sale.arm(1000).await;
    let (ada, bob) = (sale.join().await, sale.join().await);
    let thief = Person { secret: bob.secret.clone(), ..ada.clone() };
    let client = Client::new(&ada.base);
    let path = format!("/api/v1/events/{}/waiting-room/stream?token={}", sale.slug, thief.token);
    let request = client.request(reqwest::Method::GET, &path).header("Turnout-Browser", &thief.secret);
    client.send(request).await.expect(404);

    let mut stream = Listening::to(&sale, &ada).await;
    let mut tabs = [Listening::to(&sale, &ada).await, Listening::to(&sale, &ada).await];
    tabs[1].place().await.unwrap();
    let request = client.request(reqwest::Method::GET, &path).header("Turnout-Browser", &ada.secret);
    assert_eq!(client.send(request).await.expect(429)["code"], "too_many_streams");
    sale.leave(&ada).await;
    stream.until(|place| place["state"] == "left").await;
    assert_eq!(stream.message().await, None);
}
