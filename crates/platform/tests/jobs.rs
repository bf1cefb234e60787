//! Jobs and subscribers: queued with the transaction, tried again, dead at last, brought back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::events::{EventCancelled, EventCreated};
use kernel::{AccountId, EventId, OrganisationId, Role};
use platform::jobs::{self, JobFailure, JobHandler, Payload, When};
use platform::journal::{Delivered, Subscriber};
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use serde::{Deserialize, Serialize};
use testkit::{TestApp, TestAppBuilder};
use uuid::Uuid;
use web::{Authenticator, Credential, Module, OpenApiRouter, Principal};

struct Nobody;

impl Authenticator for Nobody {
    fn authenticate<'a>(&'a self, _: &'a Platform, _: Credential) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
        async { Ok(None) }.boxed()
    }
    fn role<'a>(
        &'a self,
        _: &'a Platform,
        _: AccountId,
        _: OrganisationId,
    ) -> BoxFuture<'a, Result<Option<Role>, Fault>> {
        async { Ok(None) }.boxed()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Count {
    by: u32,
}

impl Payload for Count {
    const NAME: &'static str = "test.count";
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Doomed {}

impl Payload for Doomed {
    const NAME: &'static str = "test.doomed";
    const ATTEMPTS_MAX: i32 = 1;
}

static COUNTED: AtomicU32 = AtomicU32::new(0);
static HEARD: AtomicU32 = AtomicU32::new(0);
static HEALED: AtomicU32 = AtomicU32::new(0);

fn modules() -> Vec<Module> {
    let count = JobHandler::new::<Count, _, _>(|_, count: Count| async move {
        COUNTED.fetch_add(count.by, Ordering::SeqCst);
        Ok(())
    });
    let doomed = JobHandler::new::<Doomed, _, _>(|_, _| async move {
        if HEALED.load(Ordering::SeqCst) == 0 { Err(JobFailure::passing("the mail server is on fire")) } else { Ok(()) }
    });
    let hear = Subscriber::new::<EventCreated, _, _>("test.hear", |_, heard: Delivered<EventCreated>| async move {
        assert_eq!(heard.event.event, EventId::from(Uuid::from_u128(5)));
        HEARD.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    vec![Module { name: "test", routes: OpenApiRouter::new(), jobs: vec![count, doomed], subscribers: vec![hear] }]
}

async fn start() -> TestApp {
    TestAppBuilder::new(modules, Arc::new(Nobody)).start().await
}

async fn queue(tx: &mut Tx, (by, is_refused): (u32, bool)) -> Result<(), Failure<platform::NotFound>> {
    tx.enqueue(&Count { by }, When::Now).await?;
    if is_refused { Err(platform::NotFound.into()) } else { Ok(()) }
}

async fn queue_doomed(tx: &mut Tx, (): ()) -> Result<(), Failure<Never>> {
    Ok(tx.enqueue(&Doomed {}, When::Now).await?)
}

async fn record(tx: &mut Tx, organisation: OrganisationId) -> Result<(), Failure<Never>> {
    let event = EventId::from(Uuid::from_u128(5));
    tx.record(Some(organisation), &EventCreated { event }).await?;
    Ok(tx.record(Some(organisation), &EventCancelled { event }).await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_and_events_leave_with_their_transaction_and_not_without_it() {
    let app = start().await;
    let db = &app.platform.db;
    db.write(Scope::Nobody, "queue", (1, false), queue).await.unwrap();
    assert!(db.write(Scope::Nobody, "queue", (100, true), queue).await.is_err());
    app.drain().await;
    assert_eq!(COUNTED.load(Ordering::SeqCst), 1, "the refused transaction queued nothing");

    let organisation = OrganisationId::from(Uuid::from_u128(1));
    db.write(Scope::Tenant(organisation), "record", organisation, record).await.unwrap();
    app.drain().await;
    app.drain().await;
    assert_eq!(HEARD.load(Ordering::SeqCst), 1, "a subscriber hears its kind of event, once");

    db.write(Scope::Nobody, "queue_doomed", (), queue_doomed).await.unwrap();
    app.drain().await;
    let dead = jobs::list(db.owner_pool(), true).await.unwrap();
    assert_eq!(dead.len(), 1);
    let job = dead.first().unwrap();
    assert!(job.is_dead() && job.kind == "test.doomed" && job.last_error.as_deref().unwrap().contains("on fire"));
    HEALED.store(1, Ordering::SeqCst);
    assert!(jobs::retry(db.owner_pool(), job.id).await.unwrap());
    app.drain().await;
    assert!(jobs::list(db.owner_pool(), false).await.unwrap().is_empty());
    assert!(!jobs::retry(db.owner_pool(), job.id).await.unwrap(), "a job that is done cannot be retried");
}
