//! People, their letters and their organisations.

use std::sync::{Arc, Mutex};

use kernel::mail::MailRequest;
use platform::Platform;
use platform::jobs::{JobFailure, JobHandler};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Response, TestApp, TestAppBuilder};
use web::{Module, OpenApiRouter};

/// What would have been mailed, with the server that wanted it.
static LETTERS: Mutex<Vec<(String, MailRequest)>> = Mutex::new(Vec::new());

async fn keep(platform: Platform, letter: MailRequest) -> Result<(), JobFailure> {
    LETTERS.lock().unwrap().push((platform.public_url.to_string(), letter));
    Ok(())
}

fn modules() -> Vec<Module> {
    let postman = Module {
        name: "postman",
        routes: OpenApiRouter::new(),
        jobs: vec![JobHandler::new::<MailRequest, _, _>(keep)],
        subscribers: Vec::new(),
    };
    vec![identity::module(), postman]
}

pub async fn app() -> TestApp {
    app_with(&[]).await
}

/// An application with settings of its own.
pub async fn app_with(settings: &[(&str, &str)]) -> TestApp {
    let builder = TestAppBuilder::new(modules, Arc::new(identity::Authenticator::default()));
    let app = settings.iter().fold(builder, |builder, (key, value)| builder.set(key, value)).start().await;
    // The port may have been that of an earlier test's server.
    LETTERS.lock().unwrap().retain(|(server, _)| server != app.client.base());
    app
}

/// The letters to an address, the oldest first.
pub async fn letters(app: &TestApp, to: &str) -> Vec<MailRequest> {
    app.drain().await;
    let letters = LETTERS.lock().unwrap();
    let mine = letters.iter().filter(|(server, letter)| *server == app.client.base() && letter.to.as_str() == to);
    mine.map(|(_, letter)| letter.clone()).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The same client on another machine: no cookies, no token.
pub fn stranger(app: &TestApp) -> Client {
    Client::new(app.client.base())
}

/// A sign-in that waits for its code.
pub struct Begun {
    pub id: String,
    pub secret: String,
    pub code: String,
    pub link: String,
}

pub async fn begin(app: &TestApp, email: &str) -> Begun {
    let answer = stranger(app).post("/api/v1/auth/sign-ins", json!({ "email": email })).await.expect(202);
    let letter = letters(app, email).await.pop().unwrap();
    Begun {
        id: text(&answer["id"]),
        secret: text(&answer["browser_secret"]),
        code: text(&letter.data["code"]),
        link: text(&letter.data["link"]),
    }
}

pub async fn verify(client: &Client, begun: &Begun, code: &str) -> Response {
    let path = format!("/api/v1/auth/sign-ins/{}/verify", begun.id);
    client.post(&path, json!({ "code": code, "browser_secret": begun.secret })).await
}

/// A code that is not the right one.
pub fn wrong(begun: &Begun) -> &'static str {
    if begun.code == "000000" { "000001" } else { "000000" }
}

/// Someone who is signed in.
pub struct Person {
    pub id: String,
    pub client: Client,
    pub access_token: String,
    pub refresh_token: String,
}

pub async fn person(app: &TestApp, email: &str) -> Person {
    let begun = begin(app, email).await;
    let tokens = verify(&stranger(app), &begun, &begun.code).await.expect(200);
    let access_token = text(&tokens["access_token"]);
    Person {
        id: text(&tokens["account"]["id"]),
        client: app.client.with_bearer(&access_token),
        access_token,
        refresh_token: text(&tokens["refresh_token"]),
    }
}

/// Founds an organisation and gives its path.
pub async fn organisation(owner: &Person, name: &str) -> String {
    let body = json!({ "name": name, "currency": "EUR", "time_zone": "Europe/Amsterdam" });
    let made = owner.client.post("/api/v1/organisations", body).await.expect(201);
    format!("/api/v1/organisations/{}", text(&made["id"]))
}

/// The token of the newest invitation to an address.
pub async fn invitation_token(app: &TestApp, email: &str) -> String {
    let letters = letters(app, email).await;
    let letter = letters.iter().rev().find(|letter| letter.template == "invitation").unwrap();
    let link = text(&letter.data["link"]);
    link.strip_prefix(&format!("{}/app/invitations#token=", app.client.base())).unwrap().to_owned()
}

/// Makes someone a member by invitation.
pub async fn join(app: &TestApp, owner: &Person, organisation: &str, email: &str, role: &str) -> Person {
    let body = json!({ "email": email, "role": role });
    owner.client.post(&format!("{organisation}/invitations"), body).await.expect(201);
    let token = invitation_token(app, email).await;
    let person = person(app, email).await;
    person.client.post("/api/v1/invitations/accept", json!({ "token": token })).await.expect(200);
    person
}

pub async fn patch(client: &Client, path: &str, body: Value) -> Response {
    client.send(client.request(Method::PATCH, path).json(&body)).await
}

/// The stable word of an answer that must have this status.
#[track_caller]
pub fn code(response: &Response, status: u16) -> String {
    text(&response.expect(status)["code"])
}
