//! An organiser with events, through the API.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test support")]
#![allow(dead_code, reason = "every test file uses a part of it")]

use serde_json::{Value, json};
use testkit::{Client, TestApp, TestAppBuilder};

/// The whole server.
pub async fn start() -> TestApp {
    builder().start().await
}

/// The whole server, before it starts.
pub fn builder() -> TestAppBuilder {
    TestAppBuilder::new(app::compose::modules, app::compose::authenticator()).pages(app::compose::pages())
}

/// Signs a person in with the code from the mail; answers a client with the access token.
pub async fn sign_in(app: &TestApp, email: &str) -> Client {
    let begun = app.client.post("/api/v1/auth/sign-ins", json!({"email": email})).await.expect(202);
    let (_, mail) = app.newest_mail(email).await.unwrap();
    let code = mail.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).unwrap().to_owned();
    let path = format!("/api/v1/auth/sign-ins/{}/verify", begun["id"].as_str().unwrap());
    let signed =
        app.client.post(&path, json!({"code": code, "browser_secret": begun["browser_secret"]})).await.expect(200);
    app.client.with_bearer(signed["access_token"].as_str().unwrap())
}

/// An organisation, signed in as its owner.
pub struct House {
    /// The owner.
    pub owner: Client,
    /// `/api/v1/organisations/org_...`
    pub path: String,
}

/// Founds an organisation.
pub async fn found(app: &TestApp, name: &str) -> House {
    let owner = sign_in(app, &format!("{name}@example.org")).await;
    let house = owner
        .post(
            "/api/v1/organisations",
            json!({"name": name, "slug": name, "currency": "EUR", "time_zone": "Europe/Amsterdam"}),
        )
        .await
        .expect(201);
    app.drain().await;
    House { owner, path: format!("/api/v1/organisations/{}", house["id"].as_str().unwrap()) }
}

/// A published event.
pub struct Show {
    /// `/api/v1/organisations/org_.../events/evt_...`
    pub path: String,
    /// Its name in addresses.
    pub slug: String,
}

impl House {
    /// The same organisation in the hands of a program whose key does not run out while the clock is moved.
    pub async fn with_key(self) -> Self {
        let new =
            json!({"name": "test", "scopes": ["view_organisation", "edit_events", "view_orders", "manage_orders"]});
        let key = self.owner.post(&format!("{}/api-keys", self.path), new).await.expect(201);
        Self { owner: self.owner.with_bearer(key["secret"].as_str().unwrap()), path: self.path }
    }

    /// Creates an event that is not published yet.
    pub async fn draft(&self, title: &str) -> Show {
        let new = json!({
            "title": title, "starts_local": "2027-03-12T19:00", "ends_local": "2027-03-12T23:00", "zone": "Europe/Amsterdam", "currency": "EUR",
            "attendance": "in_person", "venue_name": "Pakhuis 14", "city": "Rotterdam",
        });
        let event = self.owner.post(&format!("{}/events", self.path), new).await.expect(201);
        Show {
            path: format!("{}/events/{}", self.path, event["id"].as_str().unwrap()),
            slug: event["slug"].as_str().unwrap().to_owned(),
        }
    }

    /// Adds a ticket type with a pool of its own; answers its id.
    pub async fn add_type(&self, show: &Show, name: &str, price: i64, capacity: i32) -> String {
        let pricing = if price == 0 { "free" } else { "paid" };
        let new = json!({"name": name, "pricing": pricing, "price": {"amount": price, "currency": "EUR"}, "capacity": capacity});
        let kind = self.owner.post(&format!("{}/ticket-types", show.path), new).await.expect(201);
        kind["id"].as_str().unwrap().to_owned()
    }

    /// Publishes an event.
    pub async fn publish(&self, show: &Show) {
        self.owner.post(&format!("{}/publish", show.path), json!({})).await.expect(200);
    }

    /// A published event with one ticket type; answers it with the type's id.
    pub async fn show(&self, title: &str, price: i64, capacity: i32) -> (Show, String) {
        let show = self.draft(title).await;
        let kind = self.add_type(&show, "Entry", price, capacity).await;
        self.publish(&show).await;
        (show, kind)
    }

    /// The only pool of an event.
    pub async fn pool(&self, show: &Show) -> Value {
        self.owner.get(&format!("{}/pools", show.path)).await.expect(200)["items"][0].clone()
    }
}

/// Asks for places.
pub async fn hold(client: &Client, show: &Show, kind: &str, quantity: i32) -> testkit::Response {
    client
        .post(
            &format!("/api/v1/events/{}/holds", show.slug),
            json!({"lines": [{"ticket_type_id": kind, "quantity": quantity}]}),
        )
        .await
}

/// Orders what is held.
pub async fn order(client: &Client, hold: &Value, email: &str) -> testkit::Response {
    let body = json!({"secret": hold["secret"], "buyer": {"name": "Ada Buyer", "email": email}});
    client.post(&format!("/api/v1/holds/{}/order", hold["id"].as_str().unwrap()), body).await
}

/// Looks at an order with its secret.
pub async fn look(client: &Client, order: &Value) -> Value {
    client
        .get(&format!(
            "/api/v1/orders/{}?secret={}",
            order["code"].as_str().unwrap(),
            order["secret"].as_str().unwrap()
        ))
        .await
        .expect(200)
}

/// Presses a button of the test provider's page.
pub async fn press(client: &Client, order: &Value, outcome: &str) {
    let checkout = order["payment"]["checkout_url"].as_str().unwrap();
    let form = [("outcome", outcome), ("seconds", "1")];
    let fields = if outcome == "pay_late" { &form[..] } else { &form[..1] };
    let answer =
        client.send(client.request(reqwest::Method::POST, checkout).header("Origin", client.base()).form(fields)).await;
    assert!(answer.status.is_redirection(), "{}", answer.text());
}
