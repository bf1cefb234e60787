//! An organisation with an event, people with roles, tickets that are really ordered, devices at the door.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::{AccountId, OrganisationId, Role};
use platform::{Fault, Platform};
use serde_json::{Value, json};
use testkit::{Client, Response, TestApp, TestAppBuilder};
use uuid::Uuid;
use web::{Authenticator, Credential, Principal};

/// Lets in whoever names an account it knows; roles are written down by the tests.
#[derive(Default)]
pub struct Doorman {
    roles: Mutex<HashMap<(AccountId, OrganisationId), Role>>,
}

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
        account: AccountId,
        organisation: OrganisationId,
    ) -> BoxFuture<'a, Result<Option<Role>, Fault>> {
        let role = self.roles.lock().unwrap().get(&(account, organisation)).copied();
        async move { Ok(role) }.boxed()
    }
}

/// A running server of everything that the door needs.
pub struct House {
    pub app: TestApp,
    doorman: Arc<Doorman>,
}

pub async fn house() -> House {
    let doorman = Arc::new(Doorman::default());
    let modules = || vec![catalog::module(), payments::module(), boxoffice::module(), admission::module()];
    let authenticator: Arc<dyn Authenticator> = doorman.clone();
    let app = TestAppBuilder::new(modules, authenticator).start().await;
    House { app, doorman }
}

/// An organisation and the people of its roles.
pub struct Team {
    pub organisation: OrganisationId,
    pub manager: Client,
    pub door: Client,
    pub viewer: Client,
}

/// A published event with free tickets.
pub struct Show {
    pub path: String,
    pub slug: String,
    /// "Standing" and "Seated".
    pub types: Vec<String>,
}

/// A device and the list it scans for.
pub struct Phone {
    pub client: Client,
    pub token: String,
    /// The path of the device, to revoke it.
    pub path: String,
}

impl House {
    pub fn person(&self, organisation: OrganisationId, role: Role) -> Client {
        let account: AccountId = self.app.platform.random.id(self.app.platform.clock.now());
        self.doorman.roles.lock().unwrap().insert((account, organisation), role);
        self.app.client.with_bearer(&account.to_string())
    }

    pub fn team(&self) -> Team {
        let organisation: OrganisationId = self.app.platform.random.id(self.app.platform.clock.now());
        let person = |role| self.person(organisation, role);
        Team { organisation, manager: person(Role::Manager), door: person(Role::Door), viewer: person(Role::Viewer) }
    }

    /// Orders free tickets; the answer is the order with its tickets.
    pub async fn order(&self, show: &Show, kind: usize, names: &[&str]) -> Value {
        let client = &self.app.client;
        let lines = json!([{ "ticket_type_id": show.types[kind], "quantity": names.len() }]);
        let hold =
            client.post(&format!("/api/v1/events/{}/holds", show.slug), json!({ "lines": lines })).await.expect(201);
        let attendees: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
        let buyer = json!({ "name": "Ada Byron", "email": "ada@example.org" });
        let body = json!({ "secret": hold["secret"], "buyer": buyer, "attendees": attendees });
        let path = format!("/api/v1/holds/{}/order", hold["id"].as_str().unwrap());
        client.post(&path, body).await.expect(201)
    }

    /// A device on an event's first list.
    pub async fn phone(&self, team: &Team, show: &Show, name: &str) -> Phone {
        let list = first_list(team, show).await;
        self.phone_of(team, show, &list, name).await
    }

    pub async fn phone_of(&self, team: &Team, show: &Show, list: &str, name: &str) -> Phone {
        let path = format!("{}/check-in-lists/{list}/devices", show.path);
        let made = team.manager.post(&path, json!({ "name": name })).await.expect(201);
        let token = text(&made["token"]);
        assert_eq!(text(&made["url"]), format!("{}/app/door#token={token}", self.app.client.base()));
        Phone { client: self.app.client.with_bearer(&token), token, path: format!("{path}/{}", text(&made["id"])) }
    }
}

impl Team {
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/organisations/{}{rest}", self.organisation)
    }

    pub async fn show(&self, title: &str) -> Show {
        let body = json!({
            "title": title, "starts_local": "2027-03-12T19:00", "ends_local": "2027-03-13T01:00", "zone": "Europe/Amsterdam",
            "attendance": "in_person", "venue_name": "Pakhuis 14", "city": "Rotterdam", "country": "Netherlands", "currency": "EUR",
        });
        let event = self.manager.post(&self.path("/events"), body).await.expect(201);
        let path = self.path(&format!("/events/{}", text(&event["id"])));
        let mut types = Vec::new();
        for name in ["Standing", "Seated"] {
            let body = json!({ "name": name, "pricing": "free", "capacity": 100, "maximum_per_order": 50 });
            let made = self.manager.post(&format!("{path}/ticket-types"), body).await.expect(201);
            types.push(text(&made["id"]));
        }
        self.manager.post(&format!("{path}/publish"), json!({})).await.expect(200);
        Show { path, slug: text(&event["slug"]), types }
    }

    /// Cancels an order by its code.
    pub async fn cancel(&self, show: &Show, code: &str) {
        let found = self.manager.get(&format!("{}/orders?q={code}", show.path)).await.expect(200);
        let order = text(&found["items"][0]["id"]);
        self.manager.post(&format!("{}/orders/{order}/cancel", show.path), json!({})).await.expect(200);
    }
}

/// The list that lets everyone in; ids of one instant have no order, so it is found by its name.
pub async fn first_list(team: &Team, show: &Show) -> String {
    let lists = team.manager.get(&format!("{}/check-in-lists", show.path)).await.expect(200);
    let mut items = lists["items"].as_array().unwrap().iter();
    text(&items.clone().find(|list| list["name"] == "Everyone").or(items.next()).unwrap()["id"])
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| unreachable!("{value} is no text")).to_owned()
}

/// A new name for a scan.
pub fn nonce(number: u128) -> Uuid {
    Uuid::from_u128(0x0197_0f3e_7c00_7000_8000_0000_0000_0000 + number)
}

/// Scans with a device.
pub async fn scan(client: &Client, code: &str, number: u128) -> Response {
    client.post("/api/v1/door/scans", json!({ "code": code, "nonce": nonce(number) })).await
}

/// The result of a scan that was answered.
pub async fn result(client: &Client, code: &str, number: u128) -> String {
    text(&scan(client, code, number).await.expect(200)["result"])
}

/// The QR code of an order's ticket.
pub fn qr(order: &Value, ticket: usize) -> String {
    text(&order["tickets"][ticket]["qr"])
}

/// The results in a list's log, the newest first.
pub async fn log(phone: &Phone) -> Vec<String> {
    let status = phone.client.get("/api/v1/door/status").await.expect(200);
    status["recent"].as_array().unwrap().iter().map(|scan| text(&scan["result"])).collect()
}
