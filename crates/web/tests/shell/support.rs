//! The tiny application.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::routing::{get, post};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Request, StatusCode};
use kernel::{AccountId, ApiKeyId, OrganisationId, Role, SessionId};
use platform::clock::Clock;
use platform::config::Config;
use platform::db::{Db, DbSettings};
use platform::random::Random;
use platform::storage::Storage;
use platform::vault::Vault;
use platform::{Fault, Platform};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;
use web::rights::{EditEvents, ViewOrders};
use web::{
    AppState, Authenticator, Created, Credential, Form, Frame, Html, IfMatch, Json, MaybeSigned, Member, Module,
    NoContent, OpenApiRouter, Path, Principal, Problem, Query, RateLimits, RawBearer, Signed, Versioned,
};

pub const ALICE: u128 = 1;
pub const ORGANISATION: u128 = 100;

pub fn organisation() -> OrganisationId {
    Uuid::from_u128(ORGANISATION).into()
}

/// Knows a few tokens. Alice is a viewer of the organisation; the key may edit events.
#[derive(Default)]
pub struct FakeAuthenticator {
    pub asked: AtomicU32,
}

impl Authenticator for FakeAuthenticator {
    fn authenticate<'a>(
        &'a self,
        _: &'a Platform,
        credential: Credential,
    ) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (Credential::Bearer(token) | Credential::SessionCookie(token)) = credential;
        let alice =
            Principal::Account { account: Uuid::from_u128(ALICE).into(), session: SessionId::from(Uuid::from_u128(2)) };
        let key = Principal::ApiKey {
            key: ApiKeyId::from(Uuid::from_u128(3)),
            organisation: organisation(),
            rights: vec![kernel::Right::EditEvents],
        };
        let answer = match token.as_str() {
            "alice" => Ok(Some(alice)),
            "key" => Ok(Some(key)),
            "broken" => Err(Fault::corrupt("password=hunter2")),
            _ => Ok(None),
        };
        std::future::ready(answer).boxed()
    }

    fn role<'a>(
        &'a self,
        _: &'a Platform,
        account: AccountId,
        asked: OrganisationId,
    ) -> BoxFuture<'a, Result<Option<Role>, Fault>> {
        let is_viewer = account == Uuid::from_u128(ALICE).into() && asked == organisation();
        std::future::ready(Ok(is_viewer.then_some(Role::Viewer))).boxed()
    }
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    name: String,
    #[serde(default)]
    lines: Vec<Line>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    quantity: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    limit: Option<u32>,
}

async fn create(Json(thing): Json<Thing>) -> Created<Thing> {
    Created { location: "/api/v1/things/1".to_owned(), body: thing }
}

async fn search(Query(search): Query<Search>) -> Json<Value> {
    Json(json!({"limit": search.limit}))
}

async fn form(Form(thing): Form<Search>) -> Json<Value> {
    Json(json!({"limit": thing.limit}))
}

async fn me(signed: Signed) -> Json<Value> {
    Json(json!({"account": signed.account}))
}

async fn maybe(MaybeSigned(signed): MaybeSigned, RawBearer(bearer): RawBearer) -> Json<Value> {
    Json(json!({"account": signed.map(|signed| signed.account), "bearer": bearer}))
}

async fn edit(member: Member<EditEvents>) -> Json<Value> {
    Json(json!({"organisation": member.organisation, "role": member.role}))
}

async fn orders(member: Member<ViewOrders>) -> Json<Value> {
    Json(json!({"organisation": member.organisation, "role": member.role}))
}

async fn path(Path(id): Path<kernel::OrderId>) -> Json<Value> {
    Json(json!({"id": id}))
}

async fn versioned() -> Versioned<Value> {
    Versioned { version: 7, body: json!({"name": "x"}) }
}

async fn patch(if_match: IfMatch) -> Result<NoContent, Problem> {
    if_match.require().map(|_| NoContent)
}

async fn page(frame: Frame) -> Html {
    Html::new(format!("<p>{} {} {}</p>", frame.theme, frame.path, frame.css))
}

async fn sleepy(State(app): State<AppState>) -> &'static str {
    tokio::time::sleep(app.platform.config.http.request_timeout * 20).await;
    "awake"
}

async fn broken() -> Result<NoContent, Problem> {
    Err(Fault::corrupt("row 7 of secret_table").into())
}

async fn unavailable() -> Result<NoContent, Problem> {
    Err(Fault::Database(sqlx::Error::PoolTimedOut).into())
}

#[expect(clippy::panic, reason = "this handler is there to panic")]
async fn panicking() -> &'static str {
    panic!("secret words")
}

/// The module of the tiny application.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .route("/api/v1/things", post(create).get(search))
        .route("/api/v1/me", get(me))
        .route("/api/v1/maybe", get(maybe).post(maybe))
        .route("/api/v1/organisations/{organisation}/events", get(edit).post(edit))
        .route("/api/v1/organisations/{organisation}/orders", get(orders))
        .route("/api/v1/orders/{order}", get(path))
        .route("/api/v1/versioned", get(versioned).patch(patch))
        .route("/api/v1/sleepy", get(sleepy).post(sleepy))
        .route("/api/v1/broken", get(broken))
        .route("/api/v1/unavailable", get(unavailable))
        .route("/api/v1/panicking", get(panicking).post(panicking))
        .route("/api/v1/large", get(|| async { Json(vec!["the same words"; 1000]) }))
        .route("/api/v1/huge", get(|| async { Json(vec!["the same words"; 100_000]) }))
        .route("/api/v1/events/{slug}/holds", post(|| async { NoContent }))
        .route("/form", post(form))
        .route("/page", get(page))
        .route("/app/door", get(page))
        .route("/broken-page", get(broken))
        .route("/stream", get(|| async { ([("content-type", "text/event-stream")], "data: x\n\n".repeat(1000)) }))
}

pub fn module() -> Module {
    Module { name: "tiny", routes: routes(), jobs: Vec::new(), subscribers: Vec::new() }
}

/// A platform whose database is not there, unless one is given.
pub fn platform(settings: &[(&str, &str)], public_url: &str, database: Option<&testkit::Database>) -> Platform {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let data = std::env::temp_dir().join(format!("turnout-shell-{}", std::process::id()));
    let mut config = Config::for_test(&data, settings).unwrap();
    // Tests of the time limit need no database, and a busy disk is no reason for the others to fail.
    config.http.request_timeout = Duration::from_millis(if database.is_some() { 60_000 } else { 2_500 });
    let (clock, random, vault) = (Clock::machine(), Random::system(), Vault::new([7; 32]));
    let nowhere = || "postgres://nobody@127.0.0.1:9/nothing".parse().unwrap();
    let options = database.map_or_else(nowhere, testkit::Database::options);
    let limits = DbSettings {
        connections_max: 20,
        acquire_timeout: Duration::from_secs(5),
        statement_timeout: Duration::from_secs(10),
    };
    Platform {
        locals: platform::Locals::default(),
        db: Db::new(options, limits, clock.clone(), random.clone(), vault.clone()),
        clock,
        random,
        vault,
        storage: Storage::on_disk(&data).unwrap(),
        mail: None,
        http: reqwest::Client::new(),
        config: Arc::new(config),
        public_url: public_url.into(),
    }
}

pub fn state(settings: &[(&str, &str)]) -> AppState {
    AppState::new(platform(settings, "http://localhost:3000", None), Arc::new(FakeAuthenticator::default()))
        .with_limits(RateLimits::unlimited())
}

pub fn app() -> Router {
    web::router(state(&[]), vec![module()], Router::new())
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| json!({"not json": error.to_string(), "text": self.text()}))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The problem, which must be a whole one; answers its code.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        let document = self.json();
        assert_eq!(
            (self.status.as_u16(), self.header("content-type")),
            (status, "application/problem+json"),
            "{}",
            self.text()
        );
        assert_eq!(document["status"], json!(status));
        assert_eq!(document["trace_id"].as_str().unwrap().len(), 32, "{document}");
        assert_eq!(
            document["type"].as_str().unwrap(),
            format!("/docs/problems#{}", document["code"].as_str().unwrap())
        );
        assert!(
            document["detail"].as_str().is_some_and(|detail| !detail.is_empty()) && document["errors"].is_array(),
            "{document}"
        );
        document["code"].as_str().unwrap().to_owned()
    }
}

pub async fn send(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    Answer { status: parts.status, headers: parts.headers, body: to_bytes(body, usize::MAX).await.unwrap().to_vec() }
}

/// A request with headers and a body.
pub fn request(method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let builder = headers
        .iter()
        .fold(Request::builder().method(method).uri(path), |builder, (name, value)| builder.header(*name, *value));
    builder.body(Body::from(body.to_owned())).unwrap()
}

pub async fn fetch(router: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    send(router, request(Method::GET, path, headers, "")).await
}

pub async fn post_json(router: &Router, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers = [&[("content-type", "application/json")], headers].concat();
    send(router, request(Method::POST, path, &headers, body)).await
}
