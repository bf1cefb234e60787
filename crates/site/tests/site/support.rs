//! A server with an organiser, events in the states that tests need, and people who buy.

use serde_json::{Value, json};
use std::sync::Arc;
use testkit::{Client, Response, TestApp, TestAppBuilder};

use crate::html::{fill, form};

/// A running server of everything.
pub async fn start() -> TestApp {
    let modules = || {
        vec![
            identity::module(),
            catalog::module(),
            payments::module(),
            boxoffice::module(),
            outreach::module(),
            site::module(),
        ]
    };
    TestAppBuilder::new(modules, Arc::new(identity::Authenticator::default())).pages(site::pages()).start().await
}

/// A browser that knows nobody.
pub fn visitor(app: &TestApp) -> Client {
    Client::new(app.client.base())
}

/// GET that must succeed; the page.
pub async fn page(client: &Client, path: &str) -> String {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert!(answer.header("content-type").starts_with("text/html"), "{path}");
    answer.text()
}

/// Sends a form.
pub async fn post(client: &Client, path: &str, fields: &[(String, String)]) -> Response {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post_form(path, &fields).await
}

/// The path below the server that a redirect leads to.
#[track_caller]
pub fn redirect(client: &Client, answer: &Response) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").trim_start_matches(client.base()).to_owned()
}

/// Signs in with the forms and the code of the mail.
pub async fn signed_in(app: &TestApp, email: &str) -> Client {
    let client = visitor(app);
    let login = page(&client, "/login").await;
    let answer = post(&client, "/login", &fill(form(&login, "/login"), &[("email", email)])).await;
    let verify = redirect(&client, &answer);
    let asked = page(&client, &verify).await;
    let code = code(app, email).await;
    let answer = post(&client, "/login/verify", &fill(form(&asked, "/login/verify"), &[("code", &code)])).await;
    assert_eq!(redirect(&client, &answer), "/my/tickets");
    client
}

/// The six digits in the newest mail.
pub async fn code(app: &TestApp, email: &str) -> String {
    let (subject, text) = app.newest_mail(email).await.unwrap_or_else(|| panic!("no mail to {email}"));
    let words = format!("{subject} {text}");
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    words.split(|c: char| !c.is_alphanumeric()).find(digits).unwrap_or_else(|| panic!("no code in {words}")).to_owned()
}

/// Someone who holds events.
pub struct Organiser {
    pub client: Client,
    pub path: String,
    pub slug: String,
}

/// An event of theirs.
pub struct Event {
    pub path: String,
    pub slug: String,
    /// The ids of its ticket types.
    pub types: Vec<String>,
}

pub async fn organiser(app: &TestApp, name: &str) -> Organiser {
    let client = signed_in(app, "host@example.org").await;
    let body = json!({ "name": name, "currency": "EUR", "time_zone": "Europe/Amsterdam" });
    let made = client.post("/api/v1/organisations", body).await.expect(201);
    app.drain().await;
    Organiser { path: format!("/api/v1/organisations/{}", text(&made["id"])), slug: text(&made["slug"]), client }
}

impl Organiser {
    /// A draft with these ticket types.
    pub async fn draft(&self, title: &str, types: &[Value]) -> Event {
        let body = json!({
            "title": title, "starts_local": "2027-03-12T19:00", "ends_local": "2027-03-13T01:00", "zone": "Europe/Amsterdam",
            "attendance": "hybrid", "online_url": "https://meet.example.org/secret-room", "venue_name": "Pakhuis 14", "city": "Rotterdam",
            "country": "Netherlands", "currency": "EUR", "summary": "A night by the water.", "description": "**Bring** a coat.", "category": "music",
        });
        let event = self.client.post(&format!("{}/events", self.path), body).await.expect(201);
        let path = format!("{}/events/{}", self.path, text(&event["id"]));
        let mut ids = Vec::new();
        for kind in types {
            let made = self.client.post(&format!("{path}/ticket-types"), kind.clone()).await.expect(201);
            ids.push(text(&made["id"]));
        }
        Event { path, slug: text(&event["slug"]), types: ids }
    }

    /// The same, published.
    pub async fn event(&self, title: &str, types: &[Value]) -> Event {
        let event = self.draft(title, types).await;
        self.client.post(&format!("{}/publish", event.path), json!({})).await.expect(200);
        event
    }
}

pub fn free(name: &str, capacity: u32) -> Value {
    json!({ "name": name, "pricing": "free", "capacity": capacity })
}

pub fn paid(name: &str, cents: i64, capacity: u32) -> Value {
    json!({ "name": name, "pricing": "paid", "price": { "amount": cents, "currency": "EUR" }, "capacity": capacity })
}

impl Event {
    pub fn page(&self) -> String {
        format!("/e/{}", self.slug)
    }
    pub fn cart(&self) -> String {
        format!("/e/{}/cart", self.slug)
    }
    /// The name of the quantity field of a type.
    pub fn quantity(&self, kind: usize) -> String {
        format!("quantity[{}]", self.types[kind])
    }

    /// Chooses so many of each type on the page; the answer to the form.
    pub async fn choose(&self, client: &Client, quantities: &[&str]) -> Response {
        let shown = page(client, &self.page()).await;
        let names: Vec<String> = (0..quantities.len()).map(|kind| self.quantity(kind)).collect();
        let values: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(quantities.iter().copied()).collect();
        post(client, &self.cart(), &fill(form(&shown, &self.cart()), &values)).await
    }

    /// The same, and it works: the path of the checkout.
    pub async fn hold(&self, client: &Client, quantities: &[&str]) -> String {
        redirect(client, &self.choose(client, quantities).await)
    }

    /// Buys as Ada; where the checkout leads.
    pub async fn buy(&self, client: &Client, quantities: &[&str]) -> String {
        let checkout = self.hold(client, quantities).await;
        let shown = page(client, &checkout).await;
        let fields = fill(form(&shown, &checkout), &[("name", "Ada Byron"), ("email", "ada@example.org")]);
        redirect(client, &post(client, &checkout, &fields).await)
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
