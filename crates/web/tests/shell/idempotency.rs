//! A request with a key happens once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::StatusCode;
use platform::{Failure, Fault, Never, Scope, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::Database;
use tokio::sync::Notify;
use web::{AppState, Created, Json, Module, OpenApiRouter, Problem, RateLimits};

use crate::support::{Answer, FakeAuthenticator, platform, post_json};

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    does: String,
}

/// A server whose one operation counts how often it runs.
struct Server {
    router: Router,
    runs: Arc<AtomicU32>,
    go_on: Arc<Notify>,
    platform: platform::Platform,
    superuser: PgPool,
}

/// A transaction that takes effect, as far as the key can tell.
async fn effect(tx: &mut Tx, (): ()) -> Result<(), Failure<Never>> {
    sqlx::query("select 1").execute(tx.conn()).await?;
    Ok(())
}

impl Server {
    async fn start() -> Self {
        let database = Database::fresh().await;
        let platform = platform(&[], "http://localhost:3000", Some(&database));
        let (runs, go_on) = (Arc::<AtomicU32>::default(), Arc::new(Notify::new()));
        let (counted, waited) = (Arc::clone(&runs), Arc::clone(&go_on));
        let operation = move |State(app): State<AppState>, Json(wish): Json<Wish>| async move {
            let run = counted.fetch_add(1, Ordering::SeqCst) + 1;
            if wish.does.contains("wait") {
                waited.notified().await;
            }
            if wish.does.contains("commit") {
                app.platform.db.write(Scope::Nobody, "effect", (), effect).await.map_err(Failure::into_fault)?;
            }
            if wish.does.contains("break") {
                return Err(Problem::from(Fault::corrupt("broken")));
            }
            assert!(!wish.does.contains("panic"), "as wished");
            Ok(Created { location: format!("/api/v1/orders/{run}"), body: json!({"run": run}) })
        };
        let routes = OpenApiRouter::new()
            .route("/api/v1/orders", post(operation.clone()).put(operation.clone()))
            .route("/api/v1/other", post(operation));
        let module = Module { name: "tiny", routes, jobs: Vec::new(), subscribers: Vec::new() };
        let state = AppState::new(platform.clone(), Arc::new(FakeAuthenticator::default()))
            .with_limits(RateLimits::unlimited());
        Self {
            router: web::router(state, vec![module], Router::new()),
            runs,
            go_on,
            platform,
            superuser: database.superuser().await,
        }
    }

    async fn post(&self, key: &str, does: &str) -> Answer {
        post_json(&self.router, "/api/v1/orders", &[("idempotency-key", key)], &json!({"does": does}).to_string()).await
    }

    fn runs(&self) -> u32 {
        self.runs.load(Ordering::SeqCst)
    }

    async fn states(&self) -> Vec<String> {
        sqlx::query_scalar("select state from platform.idempotency order by key")
            .fetch_all(&self.superuser)
            .await
            .unwrap()
    }

    async fn age_by_seconds(&self, seconds: f64) {
        let aged = "update platform.idempotency set created_at = created_at - make_interval(secs => $1)";
        sqlx::query(aged).bind(seconds).execute(&self.superuser).await.unwrap();
    }

    async fn until(&self, runs: u32) {
        while self.runs() < runs {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn the_first_answer_is_given_again_byte_for_byte() {
    let server = Server::start().await;
    let first = server.post("k1", "commit").await;
    let again = server.post("\"k1\"", "commit").await;
    assert_eq!((first.status, first.json()), (StatusCode::CREATED, json!({"run": 1})));
    assert_eq!((again.status, &again.body, again.header("location")), (first.status, &first.body, "/api/v1/orders/1"));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_eq!((server.runs(), server.states().await), (1, vec!["done".to_owned()]));
    let stored: Vec<u8> =
        sqlx::query_scalar("select body from platform.idempotency").fetch_one(&server.superuser).await.unwrap();
    assert!(!String::from_utf8_lossy(&stored).contains("run"), "answers can hold secrets, so they are sealed");
}

#[tokio::test]
async fn of_many_at_once_one_runs() {
    let server = Arc::new(Server::start().await);
    let tries: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn({
                let server = Arc::clone(&server);
                async move { server.post("k", "commit, wait").await }
            })
        })
        .collect();
    server.until(1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.go_on.notify_one();
    let mut statuses = Vec::new();
    for answer in tries {
        let answer = answer.await.unwrap();
        if answer.status == StatusCode::CONFLICT {
            assert_eq!(
                (answer.problem(409), answer.header("retry-after")),
                ("idempotency_in_progress".to_owned(), "1")
            );
        }
        statuses.push(answer.status.as_u16());
    }
    assert!(statuses.contains(&201) && statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    assert_eq!((server.runs(), server.post("k", "commit, wait").await.status), (1, StatusCode::CREATED));
}

#[tokio::test]
async fn many_keys_at_once_do_not_get_in_each_others_way() {
    let server = Arc::new(Server::start().await);
    let post = |key: u32, does: &'static str| {
        let server = Arc::clone(&server);
        async move { (key, server.post(&format!("k{key:02}"), does).await) }
    };
    // Each key three times, and once for another request, all in the same moment.
    let mut tries = tokio::task::JoinSet::new();
    for key in 0..40 {
        for does in ["commit", "commit", "commit", "something else"] {
            tries.spawn(post(key, does));
        }
    }
    let answers = tries.join_all().await;
    for key in 0..40 {
        let of_key = || answers.iter().filter(|(of, _)| *of == key).map(|(_, answer)| answer);
        let firsts: Vec<_> = of_key().filter(|answer| answer.status == StatusCode::CREATED).collect();
        assert!(!firsts.is_empty() && firsts.iter().all(|answer| answer.body == firsts[0].body), "{key}");
        assert!(of_key().all(|answer| [201, 409, 422].contains(&answer.status.as_u16())), "{key}");
    }
    assert_eq!((server.runs(), server.states().await), (40, vec!["done".to_owned(); 40]));
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let server = Server::start().await;
    server.post("k", "commit").await;
    assert_eq!(server.post("k", "something else").await.problem(422), "idempotency_key_reused");
    let elsewhere =
        post_json(&server.router, "/api/v1/other", &[("idempotency-key", "k")], r#"{"does":"commit"}"#).await;
    assert_eq!(elsewhere.problem(422), "idempotency_key_reused");
    assert_eq!(server.runs(), 1);
    let alice = post_json(
        &server.router,
        "/api/v1/orders",
        &[("idempotency-key", "k"), ("authorization", "Bearer alice")],
        r#"{"does":"commit"}"#,
    )
    .await;
    assert_eq!((alice.status, server.runs()), (StatusCode::CREATED, 2), "another caller has keys of their own");
}

#[tokio::test]
async fn without_a_key_and_with_other_methods_nothing_is_stored() {
    let server = Server::start().await;
    let body = r#"{"does":"commit"}"#;
    post_json(&server.router, "/api/v1/orders", &[], body).await;
    let put = crate::support::request(
        http::Method::PUT,
        "/api/v1/orders",
        &[("content-type", "application/json"), ("idempotency-key", "k")],
        body,
    );
    crate::support::send(&server.router, put).await;
    assert_eq!((server.runs(), server.states().await), (2, Vec::new()));
    for key in ["", "\"\"", &"x".repeat(256)] {
        assert_eq!(server.post(key, "commit").await.problem(400), "idempotency_key_invalid");
    }
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_is_kept() {
    let server = Server::start().await;
    let refused =
        post_json(&server.router, "/api/v1/orders", &[("idempotency-key", "k")], r#"{"does":"x","more":1}"#).await;
    assert_eq!(refused.problem(422), "invalid_fields");
    let again =
        post_json(&server.router, "/api/v1/orders", &[("idempotency-key", "k")], r#"{"does":"x","more":1}"#).await;
    assert_eq!(
        (again.status, again.body, again.headers["idempotency-replayed"].to_str().unwrap()),
        (refused.status, refused.body, "true")
    );
}

#[tokio::test]
async fn a_fault_before_the_commit_can_be_tried_again() {
    let server = Server::start().await;
    for does in ["break", "panic"] {
        assert_eq!(server.post(does, does).await.problem(500), "internal");
        assert_eq!(server.post(does, does).await.problem(500), "internal");
    }
    assert_eq!((server.runs(), server.states().await), (4, Vec::new()));
}

#[tokio::test]
async fn a_fault_after_the_commit_is_kept() {
    let server = Server::start().await;
    assert_eq!(server.post("k", "commit, break").await.problem(500), "internal");
    let again = server.post("k", "commit, break").await;
    assert_eq!((again.problem(500), again.header("idempotency-replayed")), ("internal".to_owned(), "true"));
    assert_eq!((server.runs(), server.states().await), (1, vec!["done".to_owned()]));
}

#[tokio::test]
async fn a_client_that_hangs_up_finds_its_answer() {
    let server = Arc::new(Server::start().await);
    let hanging_up = tokio::spawn({
        let server = Arc::clone(&server);
        async move { server.post("k", "commit, wait").await }
    });
    server.until(1).await;
    hanging_up.abort();
    assert!(hanging_up.await.is_err());
    server.go_on.notify_one();
    let mut answer = server.post("k", "commit, wait").await;
    while answer.status == StatusCode::CONFLICT {
        tokio::time::sleep(Duration::from_millis(10)).await;
        answer = server.post("k", "commit, wait").await;
    }
    assert_eq!((answer.status, answer.header("idempotency-replayed"), server.runs()), (StatusCode::CREATED, "true", 1));
}

/// What a crash leaves behind: a row in the given state without an answer.
async fn after_a_crash(server: &Server, key: &str, state: &str) {
    server.post(key, "commit").await;
    let lost = "update platform.idempotency set state = $2, status = null, headers = null, body = null where key = $1";
    sqlx::query(lost).bind(key).bind(state).execute(&server.superuser).await.unwrap();
}

#[tokio::test]
async fn a_request_that_was_lost_before_its_commit_is_taken_over() {
    let server = Server::start().await;
    after_a_crash(&server, "k", "in_progress").await;
    assert_eq!(server.post("k", "commit").await.problem(409), "idempotency_in_progress");
    server.age_by_seconds(61.0).await;
    assert_eq!((server.post("k", "commit").await.json(), server.runs()), (json!({"run": 2}), 2));
}

#[tokio::test]
async fn a_request_that_was_lost_after_its_commit_is_never_run_again() {
    let server = Server::start().await;
    after_a_crash(&server, "k", "effect").await;
    assert_eq!(server.post("k", "commit").await.problem(409), "idempotency_in_progress");
    server.age_by_seconds(61.0).await;
    let answer: Value = {
        let answer = server.post("k", "commit").await;
        assert_eq!(answer.problem(409), "outcome_unknown");
        answer.json()
    };
    assert!(answer["detail"].as_str().unwrap().contains("Look up"));
    assert_eq!(server.runs(), 1);
}

#[tokio::test]
async fn old_keys_are_forgotten() {
    let server = Server::start().await;
    server.post("old", "commit").await;
    server.age_by_seconds(47.0 * 3600.0).await;
    server.post("new", "commit").await;
    web::purge_idempotency(&server.platform).await.unwrap();
    assert_eq!(server.states().await.len(), 2);
    server.age_by_seconds(2.0 * 3600.0).await;
    assert_eq!(web::purge_idempotency(&server.platform).await.unwrap(), 1);
    assert_eq!(server.states().await.len(), 1);
}
