//! A sale with a waiting room before it, people who wait, nodes that serve them.

use std::sync::Arc;

use boxoffice::waiting_room::admission::{Admitted, check_admission};
use boxoffice::waiting_room::model::gate::AdmissionRefusal;
use boxoffice::waiting_room::presented::Presented;
use boxoffice::waiting_room::{rooms, tick};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::{AccountId, EventId, OrganisationId, Role, Slug};
use platform::{Failure, Fault, Locals, Platform};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Response, TestApp, TestAppBuilder};
use tokio_util::sync::CancellationToken;
use web::{AppState, Authenticator, Credential, Module, Principal};

/// Everyone is who they say they are, and owns every organisation.
#[derive(Default)]
struct Doorman;

impl Authenticator for Doorman {
    fn authenticate<'a>(
        &'a self,
        _: &'a Platform,
        credential: Credential,
    ) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
        let account = match credential {
            Credential::Bearer(token) => token.parse::<AccountId>().ok(),
            Credential::SessionCookie(_) => None,
        };
        let principal = account.map(|account| Principal::Account { account, session: account.uuid().into() });
        async move { Ok(principal) }.boxed()
    }
    fn role<'a>(
        &'a self,
        _: &'a Platform,
        _: AccountId,
        _: OrganisationId,
    ) -> BoxFuture<'a, Result<Option<Role>, Fault>> {
        async move { Ok(Some(Role::Owner)) }.boxed()
    }
}

fn modules() -> Vec<Module> {
    vec![catalog::module(), payments::module(), boxoffice::module()]
}

/// A server with a published event.
pub struct Sale {
    pub app: TestApp,
    pub organiser: Client,
    pub organisation: OrganisationId,
    /// The event in the organiser's addresses.
    pub path: String,
    pub slug: String,
    pub kind: String,
}

/// A published event with so many free places, and no waiting room yet.
pub async fn sale(capacity: i32) -> Sale {
    let app =
        TestAppBuilder::new(modules, Arc::new(Doorman)).set("http.connections_per_address_max", "10000").start().await;
    let organisation: OrganisationId = app.platform.random.id(app.platform.clock.now());
    let account: AccountId = app.platform.random.id(app.platform.clock.now());
    let organiser = app.client.with_bearer(&account.to_string());
    let events = format!("/api/v1/organisations/{organisation}/events");
    let new = json!({
        "title": "On sale", "starts_local": "2027-03-12T19:00", "ends_local": "2027-03-13T01:00", "zone": "Europe/Amsterdam",
        "attendance": "in_person", "venue_name": "Pakhuis 14", "city": "Rotterdam", "country": "Netherlands", "currency": "EUR",
    });
    let event = organiser.post(&events, new).await.expect(201);
    let path = format!("{events}/{}", text(&event["id"]));
    let new = json!({"name": "Entry", "pricing": "free", "capacity": capacity, "maximum_per_order": 4});
    let kind = organiser.post(&format!("{path}/ticket-types"), new).await.expect(201);
    organiser.post(&format!("{path}/publish"), json!({})).await.expect(200);
    Sale { organiser, organisation, path, slug: text(&event["slug"]), kind: text(&kind["id"]), app }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Someone with a browser.
#[derive(Debug, Clone)]
pub struct Person {
    pub secret: String,
    pub token: String,
    pub base: String,
}

impl Sale {
    /// Sets the waiting room up to open in so many seconds.
    pub async fn arm(&self, seconds: i64) -> Value {
        self.arm_with(seconds, json!({})).await.expect(200)
    }

    pub async fn arm_with(&self, seconds: i64, more: Value) -> Response {
        let opens_at = self.app.platform.clock.now() + jiff::SignedDuration::from_secs(seconds);
        let mut settings = json!({"opens_at": opens_at.to_string()});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.organiser.put(&format!("{}/waiting-room", self.path), settings).await
    }

    pub async fn steer(&self, action: &str) -> Response {
        self.organiser.post(&format!("{}/waiting-room/steer", self.path), json!({"action": action})).await
    }

    pub async fn figures(&self) -> Value {
        self.organiser.get(&format!("{}/waiting-room", self.path)).await.expect(200)
    }

    /// The waiting room as anyone sees it.
    pub async fn look(&self) -> Value {
        self.refresh(&self.app.platform).await;
        self.app.client.get(&format!("/api/v1/events/{}/waiting-room", self.slug)).await.expect(200)
    }

    /// A second passes, and this node looks after the room.
    pub async fn tick(&self) -> u64 {
        self.app.advance(1);
        let admitted = tick::tick_all(&self.app.platform, "first").await.unwrap();
        self.refresh(&self.app.platform).await;
        admitted
    }

    pub async fn ticks(&self, seconds: i64) -> u64 {
        let mut admitted = 0;
        for _ in 0..seconds {
            admitted += self.tick().await;
        }
        admitted
    }

    /// Seconds pass in which everyone is there.
    pub async fn wait(&self, people: &[Person], seconds: i64) {
        for _ in 0..seconds / 5 {
            for person in people {
                self.place(person).await;
            }
            self.write_presence(&self.app.platform).await;
            self.app.advance(4);
            self.tick().await;
        }
    }

    pub async fn write_presence(&self, platform: &Platform) {
        let hall = rooms::of(platform).hall_by_slug(platform, &self.slug).await.unwrap();
        hall.write_presence(platform).await.unwrap();
    }

    /// What a node would do by itself within a second.
    pub async fn refresh(&self, platform: &Platform) {
        let hall = rooms::of(platform).hall_by_slug(platform, &self.slug).await.unwrap();
        hall.refresh(platform).await.unwrap();
    }

    pub async fn join(&self) -> Person {
        self.join_at(self.app.client.base()).await
    }

    pub async fn join_at(&self, base: &str) -> Person {
        let joined = self.app.client.post(&format!("{base}{}", self.place_path()), json!({})).await.expect(201);
        Person { secret: text(&joined["browser_secret"]), token: text(&joined["token"]), base: base.to_owned() }
    }

    pub async fn people(&self, count: usize) -> Vec<Person> {
        let mut people = Vec::new();
        for _ in 0..count {
            people.push(self.join().await);
        }
        people
    }

    fn place_path(&self) -> String {
        format!("/api/v1/events/{}/waiting-room/place", self.slug)
    }

    /// Joins again with the secret of before.
    pub async fn join_again(&self, person: &Person) -> Response {
        let client = &self.app.client;
        let path = format!("{}{}", person.base, self.place_path());
        let request = client.request(Method::POST, &path).header("Turnout-Browser", &person.secret);
        client.send(request.json(&json!({}))).await
    }

    pub async fn ask(&self, method: Method, token: &str, secret: &str, base: &str) -> Response {
        let client = &self.app.client;
        let path = format!("{base}{}?token={token}", self.place_path());
        client.send(client.request(method, &path).header("Turnout-Browser", secret)).await
    }

    pub async fn place(&self, person: &Person) -> Value {
        self.ask(Method::GET, &person.token, &person.secret, &person.base).await.expect(200)
    }

    pub async fn leave(&self, person: &Person) {
        self.ask(Method::DELETE, &person.token, &person.secret, &person.base).await.expect(204);
    }

    /// The places of people, in the order given.
    pub async fn positions(&self, people: &[Person]) -> Vec<Option<i64>> {
        let mut positions = Vec::new();
        for person in people {
            positions.push(self.place(person).await["position"].as_i64());
        }
        positions
    }

    /// What someone brings to the gate.
    pub async fn presented(&self, person: &Person) -> Presented {
        let admission = self.place(person).await["admission"]["token"].as_str().map(str::to_owned);
        presented(admission.as_deref(), &person.secret, &self.app.platform)
    }

    /// The event as the gate knows it.
    pub fn event(&self) -> (EventId, Slug) {
        (self.path.rsplit('/').next().unwrap().parse().unwrap(), Slug::parse(&self.slug).unwrap())
    }

    /// Goes to the gate.
    pub async fn check(&self, presented: &Presented) -> Result<Option<Admitted>, Failure<AdmissionRefusal>> {
        let ((event, slug), platform) = (self.event(), &self.app.platform);
        check_admission(platform, (event, &slug), presented, platform.clock.now()).await
    }

    /// Asks for places with what someone has.
    pub async fn hold(&self, person: &Person, admission: &str, quantity: i64) -> Response {
        let client = &self.app.client;
        let request = client
            .request(Method::POST, &format!("{}/api/v1/events/{}/holds", person.base, self.slug))
            .header("Turnout-Browser", &person.secret)
            .header("Turnout-Admission", admission)
            .json(&json!({"lines": [{"ticket_type_id": self.kind, "quantity": quantity}]}));
        client.send(request).await
    }

    /// Orders what is held.
    pub async fn order(&self, hold: &Value, email: &str) -> Response {
        let path = format!("/api/v1/holds/{}/order", text(&hold["id"]));
        let buyer = json!({"secret": hold["secret"], "buyer": {"name": "Ada", "email": email}});
        self.app.client.post(&path, buyer).await
    }

    /// Orders in one call.
    pub async fn buy(&self, person: &Person, admission: &str, email: &str) -> Response {
        let client = &self.app.client;
        let request = client
            .request(Method::POST, &format!("{}/api/v1/events/{}/orders", person.base, self.slug))
            .header("Turnout-Browser", &person.secret)
            .header("Turnout-Admission", admission)
            .json(&json!({"lines": [{"ticket_type_id": self.kind, "quantity": 1}], "buyer": {"name": "Ada", "email": email}}));
        client.send(request).await
    }

    /// Another node on the same database, with nothing in its memory.
    pub async fn node(&self) -> Node {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let platform = Platform { locals: Locals::default(), ..self.app.platform.clone() };
        let router = web::router(AppState::new(platform.clone(), Arc::new(Doorman)), modules(), axum::Router::new());
        let stop = CancellationToken::new();
        tokio::spawn(web::serve(listener, router, platform.config.http.clone(), stop.clone()));
        Node { platform, base, stop }
    }
}

pub fn presented(admission: Option<&str>, secret: &str, platform: &Platform) -> Presented {
    let mut headers = http::HeaderMap::new();
    headers.insert("turnout-browser", secret.parse().unwrap());
    if let Some(admission) = admission {
        headers.insert("turnout-admission", admission.parse().unwrap());
    }
    Presented::of(&headers, platform)
}

/// Another process, as far as the database can tell.
pub struct Node {
    pub platform: Platform,
    pub base: String,
    stop: CancellationToken,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
