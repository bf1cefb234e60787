//! An organiser with events to sell, made over HTTP.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use kernel::PoolId;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::workload::Shape;

/// How often the mailbox is looked into for the code. Milliseconds.
const MAIL_POLL_MILLISECONDS: u64 = 50;
/// How long the mail may take. Looks.
const MAIL_LOOKS_MAX: u32 = 600;
/// Ticket types that are made at the same time.
const MADE_AT_ONCE: usize = 8;

/// Someone who may edit events, with a key that does not run out.
#[derive(Debug, Clone)]
pub struct Organiser {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) key: String,
    pub(crate) path: String,
}

/// What is on sale.
#[derive(Debug, Clone)]
pub struct Venue {
    /// Its events.
    pub events: Arc<[Event]>,
    /// Its ticket types.
    pub stalls: Arc<[Stall]>,
}

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    /// `/api/v1/organisations/org_.../events/evt_...`
    pub path: String,
    /// Its pools.
    pub pools: Vec<PoolId>,
}

/// A ticket type.
#[derive(Debug, Clone)]
pub struct Stall {
    /// The event's name in addresses.
    pub slug: String,
    /// Which type.
    pub kind: String,
    /// The pools that a ticket draws one place of, in pool order.
    pub pools: Vec<PoolId>,
}

impl Organiser {
    /// Signs in with the code from the built-in mailbox and founds an organisation.
    pub async fn sign_up(base: &str) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build()?;
        let mut organiser = Self { http, base: base.to_owned(), key: String::new(), path: String::new() };
        let email = format!("histcheck-{}@example.org", std::process::id());
        let begun = organiser.post("/api/v1/auth/sign-ins", json!({"email": email})).await?;
        let code = organiser.code_from_mail(&email).await?;
        let verify = format!("/api/v1/auth/sign-ins/{}/verify", text(&begun, "/id")?);
        let proof = json!({"code": code, "browser_secret": text(&begun, "/browser_secret")?});
        organiser.key = text(&organiser.post(&verify, proof).await?, "/access_token")?;
        let new = json!({"name": "Histcheck", "currency": "EUR", "time_zone": "Europe/Amsterdam"});
        let house = organiser.post("/api/v1/organisations", new).await?;
        organiser.path = format!("/api/v1/organisations/{}", text(&house, "/id")?);
        let scopes = json!({"name": "histcheck", "scopes": ["view_organisation", "edit_events"]});
        let key = organiser.post(&format!("{}/api-keys", organiser.path), scopes).await?;
        organiser.key = text(&key, "/secret")?;
        Ok(organiser)
    }

    /// The same organiser at another node, or at one that was started again.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    async fn code_from_mail(&self, email: &str) -> Result<String> {
        for _ in 0..MAIL_LOOKS_MAX {
            let mails = self.call(Method::GET, &format!("/dev/mail.json?limit=1&to={email}"), Value::Null).await?;
            let mail = mails.pointer("/items/0/text").and_then(Value::as_str).unwrap_or_default();
            let is_code = |word: &&str| word.len() == 6;
            if let Some(code) = mail.split(|character: char| !character.is_ascii_digit()).find(is_code) {
                return Ok(code.to_owned());
            }
            tokio::time::sleep(Duration::from_millis(MAIL_POLL_MILLISECONDS)).await;
        }
        bail!("no mail with a sign-in code came")
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::POST, path, body).await
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if !self.key.is_empty() {
            request = request.bearer_auth(&self.key);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.with_context(|| format!("{method} {path}"))?;
        let (status, body) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            bail!("{method} {path} answered {status}: {body}");
        }
        Ok(serde_json::from_str(&body).unwrap_or(Value::Null))
    }
}

impl Venue {
    /// Makes the events of a workload and publishes them.
    pub async fn open(organiser: &Organiser, shape: &Shape) -> Result<Self> {
        let (mut events, mut stalls) = (Vec::new(), Vec::new());
        for number in 0..shape.events {
            let new = json!({
                "title": format!("{} {}", shape.title, number + 1), "currency": "EUR", "attendance": "in_person", "venue_name": "Hall",
                "starts_local": "2037-03-12T19:00", "ends_local": "2037-03-12T23:00", "zone": "Europe/Amsterdam",
            });
            let event = organiser.post(&format!("{}/events", organiser.path), new).await?;
            let path = format!("{}/events/{}", organiser.path, text(&event, "/id")?);
            let made = fill(organiser, &path, &text(&event, "/slug")?, shape).await?;
            organiser.post(&format!("{path}/publish"), json!({})).await?;
            let mut pools: Vec<PoolId> = made.iter().flat_map(|stall| stall.pools.clone()).collect();
            pools.sort();
            pools.dedup();
            events.push(Event { path, pools });
            stalls.extend(made);
        }
        Ok(Self { events: events.into(), stalls: stalls.into() })
    }
}

async fn fill(organiser: &Organiser, path: &str, slug: &str, shape: &Shape) -> Result<Vec<Stall>> {
    let mut places = Vec::new();
    if shape.is_bundled {
        let mut pools = Vec::new();
        for number in 0..shape.pools {
            let new = json!({"name": format!("Pool {}", number + 1), "capacity": shape.capacity});
            pools.push(text(&organiser.post(&format!("{path}/pools"), new).await?, "/id")?);
        }
        for (pool, next) in pools.iter().zip(pools.iter().cycle().skip(1)) {
            places.push(json!({"pool_ids": [pool, next]}));
        }
    } else {
        places.resize(shape.pools, json!({"capacity": shape.capacity}));
    }
    let mut stalls = Vec::new();
    let mut making: JoinSet<Result<Stall>> = JoinSet::new();
    for (number, place) in places.into_iter().enumerate() {
        if making.len() >= MADE_AT_ONCE
            && let Some(made) = making.join_next().await
        {
            stalls.push(made??);
        }
        let (organiser, path, slug) = (organiser.clone(), path.to_owned(), slug.to_owned());
        making.spawn(async move { make_type(&organiser, &path, slug, number, place).await });
    }
    while let Some(made) = making.join_next().await {
        stalls.push(made??);
    }
    Ok(stalls)
}

async fn make_type(organiser: &Organiser, path: &str, slug: String, number: usize, mut new: Value) -> Result<Stall> {
    if let Some(new) = new.as_object_mut() {
        new.insert("name".to_owned(), format!("Entry {}", number + 1).into());
        new.insert("pricing".to_owned(), "free".into());
    }
    let kind = organiser.post(&format!("{path}/ticket-types"), new).await?;
    let ids = kind.pointer("/pool_ids").and_then(Value::as_array).context("a type has pools")?;
    let mut pools =
        ids.iter().map(|id| Ok(id.as_str().unwrap_or_default().parse()?)).collect::<Result<Vec<PoolId>>>()?;
    pools.sort();
    Ok(Stall { slug, kind: text(&kind, "/id")?, pools })
}

pub(crate) fn text(value: &Value, pointer: &str) -> Result<String> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.map(str::to_owned).with_context(|| format!("no text at {pointer} of {value}"))
}
