//! Buyers under load: what they were told, what they were not told, and what nobody should ever be told.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::server::{NEVER_CAME_BACK, Sale, Server};

/// How long a client that insists asks again. A key whose request was lost is free after 60 seconds.
const INSISTS_MAX: Duration = Duration::from_secs(100);
const COMPLAINTS_KEPT_MAX: usize = 20;
static PURCHASES: AtomicU64 = AtomicU64::new(0);

/// What a buyer does when nobody answers, or the answer is "not now".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Sends no key, and forgets about it; it may have happened.
    Forgets,
    /// Asks again with the same `Idempotency-Key` until there is an answer or the sale is over.
    Insists,
    /// The same, but stays until there is an answer.
    Persists,
}

/// An order that the server has confirmed.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    /// Its code.
    pub code: String,
    /// Its secret.
    pub secret: String,
    /// The address that only this purchase was made with.
    pub email: String,
}

/// What the buyers of one server know.
#[derive(Debug, Default)]
pub struct Ledger {
    orders: Mutex<Vec<Acknowledged>>,
    complaints: Mutex<Vec<String>>,
    /// Since when a first success is waited for, and how long it took.
    watch: Mutex<Option<(Instant, Option<Duration>)>>,
    sold: AtomicU64,
    silent: AtomicU64,
    not_now: AtomicU64,
    replayed: AtomicU64,
    unknown: AtomicU64,
    in_progress: AtomicU64,
    slowest_ms: AtomicU64,
    is_over: AtomicBool,
}

impl Ledger {
    /// The orders that were confirmed.
    pub fn orders(&self) -> Vec<Acknowledged> {
        self.orders.lock().unwrap().clone()
    }
    /// How many those are.
    pub fn sold(&self) -> u64 {
        self.sold.load(Ordering::Relaxed)
    }
    /// Requests without an answer.
    pub fn silent(&self) -> u64 {
        self.silent.load(Ordering::Relaxed)
    }
    /// Requests that were answered with 503.
    pub fn not_now(&self) -> u64 {
        self.not_now.load(Ordering::Relaxed)
    }
    /// Requests that were told that one with their key is still running.
    pub fn in_progress(&self) -> u64 {
        self.in_progress.load(Ordering::Relaxed)
    }
    /// Answers that nobody should get, the first few of them.
    pub fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap().clone()
    }

    /// Counts from now on how long it takes until something is bought by a request that is sent from now on.
    pub fn start_watch(&self) {
        *self.watch.lock().unwrap() = Some((Instant::now(), None));
    }

    /// Waits for that.
    pub async fn first_success(&self) -> Duration {
        loop {
            let watch = *self.watch.lock().unwrap();
            let (since, took) = watch.unwrap();
            if let Some(took) = took {
                return took;
            }
            let state = || self.summary();
            assert!(since.elapsed() < NEVER_CAME_BACK, "it never came back: nothing is sold any more; {}", state());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until so many more have been sold.
    pub async fn sell(&self, more: u64) {
        let (since, before) = (Instant::now(), self.sold());
        while self.sold() < before + more {
            assert!(since.elapsed() < NEVER_CAME_BACK, "nothing is sold any more; {}", self.summary());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A line of figures.
    pub fn summary(&self) -> String {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        format!(
            "{} acknowledged, {} requests without an answer, {} answered 503, {} answers replayed, {} of unknown outcome, slowest answer {} ms",
            self.sold(),
            self.silent(),
            self.not_now(),
            read(&self.replayed),
            read(&self.unknown),
            read(&self.slowest_ms)
        )
    }

    fn complain(&self, about: String) {
        let mut complaints = self.complaints.lock().unwrap();
        if complaints.len() < COMPLAINTS_KEPT_MAX {
            complaints.push(about);
        }
    }

    fn acknowledge(&self, order: &Value, email: &str, sent: Instant) {
        let text = |name: &str| order[name].as_str().unwrap().to_owned();
        self.orders.lock().unwrap().push(Acknowledged {
            code: text("code"),
            secret: text("secret"),
            email: email.to_owned(),
        });
        self.sold.fetch_add(1, Ordering::Relaxed);
        if let Some((since, took @ None)) = &mut *self.watch.lock().unwrap()
            && sent >= *since
        {
            *took = Some(since.elapsed());
        }
    }
}

/// What a request came to.
enum Answer {
    Done(Value),
    Refused(String),
    NotNow,
    Silence,
}

/// Buyers of one sale at one server.
pub struct Buyers {
    /// What they know.
    pub ledger: Arc<Ledger>,
    tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Buyer {
    http: reqwest::Client,
    base: String,
    sale: Sale,
    manner: Manner,
    has_one_call: bool,
    ledger: Arc<Ledger>,
}

impl Buyers {
    /// So many buyers, each with so many purchases under way at the same time, one after the other.
    pub async fn start(server: &Server, sale: &Sale, manner: Manner, buyers: usize, outstanding: usize) -> Self {
        let ledger = Arc::new(Ledger::default());
        let one_call = format!("{}/api/v1/events/{}/orders", server.base, sale.slug);
        let probe = server.http.post(one_call).json(&json!({})).send().await.unwrap().status();
        let buyer = Buyer {
            http: server.http.clone(),
            base: server.base.clone(),
            sale: sale.clone(),
            manner,
            has_one_call: ![StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&probe),
            ledger: Arc::clone(&ledger),
        };
        let mut tasks = JoinSet::new();
        for _ in 0..buyers * outstanding {
            tasks.spawn(buyer.clone().keep_buying());
        }
        Self { ledger, tasks }
    }

    /// Lets them finish what they have begun and go home.
    pub async fn finish(mut self) -> Arc<Ledger> {
        self.ledger.is_over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        self.ledger
    }
}

impl Buyer {
    async fn keep_buying(self) {
        while !self.ledger.is_over.load(Ordering::Relaxed) {
            let number = PURCHASES.fetch_add(1, Ordering::Relaxed);
            let email = format!("buyer{number}@example.org");
            let is_bought = if self.has_one_call && number.is_multiple_of(2) {
                self.buy_at_once(number, &email).await
            } else {
                self.hold_and_order(number, &email).await
            };
            if !is_bought {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    async fn buy_at_once(&self, number: u64, email: &str) -> bool {
        let path = format!("/api/v1/events/{}/orders", self.sale.slug);
        let body = json!({"lines": self.lines(), "buyer": {"name": "Ada", "email": email}, "attendees": []});
        self.order(&path, &body, email, &format!("order-{number}")).await.is_some()
    }

    async fn hold_and_order(&self, number: u64, email: &str) -> bool {
        let path = format!("/api/v1/events/{}/holds", self.sale.slug);
        let (answer, _) = self.ask(&path, &json!({"lines": self.lines()}), &format!("hold-{number}")).await;
        let Answer::Done(hold) = answer else { return false };
        let path = format!("/api/v1/holds/{}/order", hold["id"].as_str().unwrap());
        let body = json!({"secret": hold["secret"], "buyer": {"name": "Ada", "email": email}});
        let ordered = self.order(&path, &body, email, &format!("order-{number}")).await;
        // A hold becomes one order at most, so it may be asked for under another key when the first says that it does not know.
        match ordered {
            Some(is_known) if is_known || self.manner == Manner::Forgets => is_known,
            Some(_) => self.order(&path, &body, email, &format!("order-{number}-again")).await == Some(true),
            None => false,
        }
    }

    /// True when the order was confirmed, false when it is not known whether there is one, nothing when there is none.
    async fn order(&self, path: &str, body: &Value, email: &str, key: &str) -> Option<bool> {
        let (answer, sent) = self.ask(path, body, key).await;
        match answer {
            Answer::Done(order) => {
                self.ledger.acknowledge(&order, email, sent);
                Some(true)
            }
            Answer::Refused(code) if code == "outcome_unknown" => {
                self.ledger.unknown.fetch_add(1, Ordering::Relaxed);
                Some(false)
            }
            Answer::Refused(_) => None,
            Answer::NotNow | Answer::Silence => Some(false),
        }
    }

    fn lines(&self) -> Value {
        json!([{"ticket_type_id": self.sale.kind, "quantity": 1}])
    }

    /// Asks once, or until there is an answer; says when the last request was sent.
    async fn ask(&self, path: &str, body: &Value, key: &str) -> (Answer, Instant) {
        let key = (self.manner != Manner::Forgets).then(|| format!("{}-{key}", std::process::id()));
        let since = Instant::now();
        loop {
            let sent = Instant::now();
            let answer = self.call(path, body, key.as_deref()).await;
            let is_final = match &answer {
                Answer::Done(_) => true,
                Answer::Refused(code) => code != "idempotency_in_progress",
                Answer::NotNow | Answer::Silence => false,
            };
            let has_left = self.manner == Manner::Insists && self.ledger.is_over.load(Ordering::Relaxed);
            if is_final || key.is_none() || has_left {
                return (answer, sent);
            }
            if since.elapsed() > INSISTS_MAX {
                let waited = since.elapsed().as_secs();
                self.ledger.complain(format!("POST {path} with key {key:?} got no answer in {waited} s"));
                return (answer, sent);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn call(&self, path: &str, body: &Value, key: Option<&str>) -> Answer {
        let mut request = self.http.request(Method::POST, format!("{}{path}", self.base)).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let since = Instant::now();
        let answered = async {
            let answer = request.send().await.ok()?;
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            Some((status, headers, answer.text().await.ok()?))
        }
        .await;
        let Some((status, headers, text)) = answered else {
            self.ledger.silent.fetch_add(1, Ordering::Relaxed);
            return Answer::Silence;
        };
        let took = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.ledger.slowest_ms.fetch_max(took, Ordering::Relaxed);
        let is_replayed = headers.contains_key("idempotency-replayed");
        self.ledger.replayed.fetch_add(u64::from(is_replayed), Ordering::Relaxed);
        let answer: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        match status {
            200 | 201 => Answer::Done(answer),
            503 if !headers.contains_key("retry-after") => {
                self.ledger.complain(format!("POST {path}: 503 without Retry-After: {text}"));
                Answer::NotNow
            }
            503 if is_replayed => {
                self.ledger.complain(format!("POST {path}: a replayed 503, for ever: {text}"));
                Answer::Refused("outcome_unknown".to_owned())
            }
            503 => {
                self.ledger.not_now.fetch_add(1, Ordering::Relaxed);
                Answer::NotNow
            }
            409 | 410 => {
                let code = answer["code"].as_str().unwrap_or_default().to_owned();
                self.ledger.in_progress.fetch_add(u64::from(code == "idempotency_in_progress"), Ordering::Relaxed);
                Answer::Refused(code)
            }
            _ => {
                self.ledger.complain(format!("POST {path}: {status} {text}"));
                Answer::Refused(String::new())
            }
        }
    }
}
