//! An organiser who sets everything up over the API, as a person would.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::hall::{self, Hall};
use crate::load::spec::Show;

/// The person who signs in.
const EMAIL: &str = "bench@example.org";
/// How long the mail with the code may take.
const MAIL_SECONDS_MAX: u64 = 30;
/// Tickets an order may have in events whose tickets are scanned.
pub const TICKETS_AN_ORDER_MAX: u32 = 100;

/// An organisation and a key to it; the same in every copy of the database.
#[derive(Debug, Clone)]
pub struct House {
    http: reqwest::Client,
    key: String,
    path: String,
    /// Whether the server takes a free order in one call.
    pub has_one_call: bool,
}

/// An event with what an organiser knows of it.
#[derive(Debug, Clone)]
pub struct Event {
    /// What buyers need.
    pub show: Show,
    path: String,
}

impl House {
    /// Signs in with the code from the mailbox, founds an organisation, and makes a key that outlives the sign-in.
    ///
    /// # Errors
    /// When the server answers otherwise than its documentation says.
    pub async fn found(base: &str) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        let mut house = Self { http, key: String::new(), path: String::new(), has_one_call: false };
        let begun = house.call(Method::POST, base, "/api/v1/auth/sign-ins", &json!({"email": EMAIL})).await?;
        let code = house.code(base).await?;
        let verify = format!("/api/v1/auth/sign-ins/{}/verify", text(&begun, "/id")?);
        let proof = json!({"code": code, "browser_secret": text(&begun, "/browser_secret")?});
        let signed = house.call(Method::POST, base, &verify, &proof).await?;
        house.key = text(&signed, "/access_token")?;
        let new = json!({"name": "Bench", "currency": "EUR", "time_zone": "Europe/Amsterdam"});
        let founded = house.call(Method::POST, base, "/api/v1/organisations", &new).await?;
        house.path = format!("/api/v1/organisations/{}", text(&founded, "/id")?);
        let new = json!({"name": "bench", "scopes": ["view_organisation", "edit_events", "view_orders"]});
        let key = house.call(Method::POST, base, &format!("{}/api-keys", house.path), &new).await?;
        house.key = text(&key, "/secret")?;
        let probe = house.publish(base, "Probe", 10).await?;
        house.has_one_call = house.takes_orders_in_one_call(base, &probe.show).await?;
        Ok(house)
    }

    /// A published event with one free type and so many places.
    pub async fn publish(&self, base: &str, title: &str, capacity: u32) -> Result<Event> {
        let event = self.draft(base, title, capacity).await?;
        self.call(Method::POST, base, &format!("{}/publish", event.path), &json!({})).await?;
        Ok(event)
    }

    /// A published event whose one free type sells all seats of a layout.
    pub async fn publish_seated(&self, base: &str, title: &str, hall: &Hall) -> Result<Event> {
        let event = self.draft(base, title, hall.seats).await?;
        let seating = json!({"layout_id": hall.layout, "categories": {(hall::CATEGORY): [event.show.ticket_type]}});
        self.call(Method::PUT, base, &format!("{}/seating", event.path), &seating).await?;
        self.call(Method::POST, base, &format!("{}/publish", event.path), &json!({})).await?;
        Ok(event)
    }

    /// A layout with so many seats.
    pub async fn build_hall(&self, base: &str, seats: u32) -> Result<Hall> {
        let layout = self
            .call(Method::POST, base, &format!("{}/layouts", self.path), &hall::document(usize::try_from(seats)?))
            .await?;
        Ok(Hall { layout: text(&layout, "/id")?, seats })
    }

    async fn draft(&self, base: &str, title: &str, capacity: u32) -> Result<Event> {
        let new = json!({
            "title": title, "starts_local": "2037-03-12T19:00", "ends_local": "2037-03-12T23:00", "zone": "Europe/Amsterdam",
            "currency": "EUR", "attendance": "in_person", "venue_name": "Pakhuis 14", "city": "Rotterdam",
        });
        let event = self.call(Method::POST, base, &format!("{}/events", self.path), &new).await?;
        let path = format!("{}/events/{}", self.path, text(&event, "/id")?);
        let new = json!({"name": "Entry", "pricing": "free", "capacity": capacity, "maximum_per_order": TICKETS_AN_ORDER_MAX});
        let kind = self.call(Method::POST, base, &format!("{path}/ticket-types"), &new).await?;
        Ok(Event { show: Show { slug: text(&event, "/slug")?, ticket_type: text(&kind, "/id")? }, path })
    }

    /// A check-in list of an event with one device; answers the device's token.
    pub async fn device(&self, base: &str, event: &Event) -> Result<String> {
        let list =
            self.call(Method::POST, base, &format!("{}/check-in-lists", event.path), &json!({"name": "Door"})).await?;
        let path = format!("{}/check-in-lists/{}/devices", event.path, text(&list, "/id")?);
        text(&self.call(Method::POST, base, &path, &json!({"name": "Phone"})).await?, "/token")
    }

    /// Buys free tickets, in one call where the server has it; answers the order.
    pub async fn buy(&self, base: &str, show: &Show, quantity: u32, buyer: &str) -> Result<Value> {
        let event = format!("/api/v1/events/{}", show.slug);
        let lines = json!([{"ticket_type_id": show.ticket_type, "quantity": quantity}]);
        let buyer = json!({"name": "Ada Buyer", "email": buyer});
        if self.has_one_call {
            let order = json!({"lines": lines, "buyer": buyer});
            return self.call(Method::POST, base, &format!("{event}/orders"), &order).await;
        }
        let hold = self.call(Method::POST, base, &format!("{event}/holds"), &json!({"lines": lines})).await?;
        let path = format!("/api/v1/holds/{}/order", text(&hold, "/id")?);
        self.call(Method::POST, base, &path, &json!({"secret": text(&hold, "/secret")?, "buyer": buyer})).await
    }

    /// Asks for an order without lines, which sells nothing: a server that has no such call does not find it.
    async fn takes_orders_in_one_call(&self, base: &str, show: &Show) -> Result<bool> {
        let url = format!("{base}/api/v1/events/{}/orders", show.slug);
        let answer = self.http.post(url).json(&json!({"lines": []})).send().await?;
        Ok(![StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&answer.status()))
    }

    async fn code(&self, base: &str) -> Result<String> {
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(MAIL_SECONDS_MAX) {
            let mails = self.call(Method::GET, base, &format!("/dev/mail.json?to={EMAIL}"), &Value::Null).await?;
            let mail = mails.pointer("/items/0/text").and_then(Value::as_str).unwrap_or_default();
            if let Some(code) = mail.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6) {
                return Ok(code.to_owned());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the mail with the code did not come within {MAIL_SECONDS_MAX} s")
    }

    async fn call(&self, method: Method, base: &str, path: &str, body: &Value) -> Result<Value> {
        let mut request = self.http.request(method, format!("{base}{path}"));
        if !self.key.is_empty() {
            request = request.bearer_auth(&self.key);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.with_context(|| format!("{path} cannot be reached"))?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).with_context(|| format!("{path} answers no JSON"))
    }
}

fn text(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    Ok(found.with_context(|| format!("there is no {pointer} in {value}"))?.to_owned())
}
