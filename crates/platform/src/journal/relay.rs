//! The relay: reads the journal in commit order and hands each event to its subscribers as a job.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use kernel::OrganisationId;
use kernel::events::JournalEvent;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::db::{Scope, Tx};
use crate::jobs::{JobFailure, JobHandler, Payload, When};
use crate::{Failure, Fault, Never, Platform};

/// How many events one transaction of the relay hands over.
const EVENTS_A_BATCH: i64 = 500;
/// How long the relay sleeps when nobody wakes it; events of other nodes wait this long at most.
const POLL_MILLISECONDS: u64 = 250;

/// An event as a subscriber gets it.
#[derive(Debug, Clone)]
pub struct Delivered<E> {
    /// The tenant it happened to.
    pub organisation: Option<OrganisationId>,
    /// What happened.
    pub event: E,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

type Handle = Arc<dyn Fn(Platform, StoredEvent) -> BoxFuture<'static, Result<(), JobFailure>> + Send + Sync>;

/// Someone who wants to hear of one kind of event. Delivery is at least once and in no fixed order: handlers must not mind either.
#[derive(Clone)]
pub struct Subscriber {
    name: &'static str,
    kind: &'static str,
    handle: Handle,
}

impl Subscriber {
    /// A subscriber with a name of its own (`boxoffice.settle_order`) and what it does.
    pub fn new<E, F, Fut>(name: &'static str, handle: F) -> Self
    where
        E: JournalEvent,
        F: Fn(Platform, Delivered<E>) -> Fut + Send + Sync + Clone + 'static,
        Fut: Future<Output = Result<(), JobFailure>> + Send + 'static,
    {
        let handle: Handle = Arc::new(move |platform, stored: StoredEvent| {
            let handle = handle.clone();
            async move {
                let event = serde_json::from_value(stored.payload).map_err(JobFailure::lasting)?;
                handle(
                    platform,
                    Delivered { organisation: stored.organisation, event, recorded_at: stored.recorded_at },
                )
                .await
            }
            .boxed()
        });
        Self { name, kind: E::KIND, handle }
    }
}

/// The job that carries one event to one subscriber.
#[derive(Debug, Serialize, Deserialize)]
struct Deliver {
    subscriber: String,
    position: i64,
}

impl Payload for Deliver {
    const NAME: &'static str = "journal.deliver";
}

struct StoredEvent {
    organisation: Option<OrganisationId>,
    payload: serde_json::Value,
    recorded_at: Timestamp,
}

/// The handler of delivery jobs, for the worker.
pub(crate) fn delivery_handler(subscribers: Arc<Vec<Subscriber>>) -> JobHandler {
    JobHandler::new::<Deliver, _, _>(move |platform, deliver: Deliver| {
        let subscribers = Arc::clone(&subscribers);
        async move {
            let Some(subscriber) = subscribers.iter().find(|subscriber| subscriber.name == deliver.subscriber) else {
                return Err(JobFailure::lasting(format!("no subscriber is called {}", deliver.subscriber)));
            };
            let stored = platform
                .db
                .read(Scope::System, "load_event", deliver.position, load)
                .await
                .map_err(Failure::into_fault)?;
            (subscriber.handle)(platform.clone(), stored).await
        }
    })
}

async fn load(tx: &mut Tx, position: i64) -> Result<StoredEvent, Failure<Never>> {
    let row = sqlx::query!(
        "select organisation_id, payload, recorded_at
         from platform.journal
         where position = $1",
        position
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(StoredEvent {
        organisation: row.organisation_id.map(OrganisationId::from),
        payload: row.payload,
        recorded_at: row.recorded_at.to_jiff(),
    })
}

/// Reads the journal for all subscribers of a process. Several nodes may run one; a row lock lets one work at a time.
#[derive(Clone)]
pub struct Relay {
    platform: Platform,
    subscribers: Arc<Vec<Subscriber>>,
}

impl Relay {
    /// A relay for these subscribers.
    pub fn new(platform: Platform, subscribers: Arc<Vec<Subscriber>>) -> Self {
        Self { platform, subscribers }
    }

    /// Relays until it is told to stop. Faults are logged and tried again.
    pub async fn run(self, stop: CancellationToken) {
        let recorded = self.platform.db.recorded();
        loop {
            let woken = recorded.notified();
            match self.tick().await {
                Ok(handed) if handed >= usize::try_from(EVENTS_A_BATCH).unwrap_or(usize::MAX) => continue,
                Ok(_) => {}
                Err(fault) => tracing::warn!(%fault, "the relay could not read the journal; it tries again"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = woken => {}
                () = tokio::time::sleep(Duration::from_millis(POLL_MILLISECONDS)) => {}
            }
        }
    }

    /// Hands over one batch; answers how many events were read.
    pub async fn tick(&self) -> Result<usize, Fault> {
        let wanted: Vec<(&'static str, &'static str)> =
            self.subscribers.iter().map(|subscriber| (subscriber.kind, subscriber.name)).collect();
        self.platform.db.write(Scope::System, "relay_journal", wanted, hand_over).await.map_err(Failure::into_fault)
    }
}

/// Whether events were committed that the relay has not read. It may have to wait for them: it never reads past a transaction that still
/// runs, in whichever database of the cluster.
pub(crate) async fn is_behind(pool: &sqlx::PgPool) -> Result<bool, Fault> {
    let mut connection = pool.acquire().await?;
    let row = sqlx::query!(
        "select exists (
           select from platform.journal j
           where (j.transaction_id, j.position) > (
             select coalesce(max(c.transaction_id), '0'), coalesce(max(c.position), 0) from platform.journal_cursor c where c.consumer = 'relay')) as \"is_behind!\"
         from (select set_config('turnout.scope', 'system', true)) scope"
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(row.is_behind)
}

/// Rows are read in the order of their transactions, and only those older than every transaction still running: a row that commits late
/// with a low number is never skipped.
async fn hand_over(tx: &mut Tx, wanted: Vec<(&'static str, &'static str)>) -> Result<usize, Failure<Never>> {
    sqlx::query!("insert into platform.journal_cursor (consumer) values ('relay') on conflict (consumer) do nothing")
        .execute(tx.conn())
        .await?;
    let is_mine =
        sqlx::query!("select consumer from platform.journal_cursor where consumer = 'relay' for update skip locked")
            .fetch_optional(tx.conn())
            .await?
            .is_some();
    if !is_mine {
        return Ok(0);
    }
    let rows = sqlx::query!(
        "select j.position, j.kind
         from platform.journal j, platform.journal_cursor c
         where c.consumer = 'relay'
           and (j.transaction_id, j.position) > (c.transaction_id, c.position)
           and j.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
         order by j.transaction_id, j.position
         limit $1",
        EVENTS_A_BATCH
    )
    .fetch_all(tx.conn())
    .await?;
    let Some(last) = rows.last().map(|row| row.position) else { return Ok(0) };
    for row in &rows {
        for (_, subscriber) in wanted.iter().filter(|(kind, _)| *kind == row.kind) {
            tx.enqueue(&Deliver { subscriber: (*subscriber).to_owned(), position: row.position }, When::Now).await?;
        }
    }
    sqlx::query!(
        "update platform.journal_cursor
         set (transaction_id, position, updated_at) = (select j.transaction_id, j.position, now() from platform.journal j where j.position = $1)
         where consumer = 'relay'",
        last
    )
    .execute(tx.conn())
    .await?;
    Ok(rows.len())
}
