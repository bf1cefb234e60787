//! Background jobs: rows of `graphile_worker`, queued in the transaction that causes them, harmless when run twice.

mod dead;
mod worker;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use graphile_worker::{IntoTaskHandlerResult, JobDefinition, TaskHandler, WorkerContext};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use kernel::mail::MailRequest;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

pub use dead::{QueuedJob, list, retry};
pub use worker::{Worker, WorkerError};

use crate::request::RequestContext;
use crate::{Failure, Fault, Platform, Refusal};

/// The schema of the job queue.
pub const QUEUE_SCHEMA: &str = "graphile_worker";

/// What a job is told: ids, rarely more. Its name is its kind.
pub trait Payload: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// `outreach.send_mail`
    const NAME: &'static str;
    /// How often it is tried, with a pause that grows to hours, before it is dead and waits for an operator.
    const ATTEMPTS_MAX: i32 = 12;
}

impl Payload for MailRequest {
    const NAME: &'static str = "outreach.send_mail";
}

/// When a job may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// As soon as the transaction has committed.
    Now,
    /// Not before.
    At(Timestamp),
}

/// Why a job did not succeed.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct JobFailure {
    reason: String,
}

impl JobFailure {
    /// A failure that another try may overcome.
    pub fn passing(reason: impl std::fmt::Display) -> Self {
        Self { reason: reason.to_string() }
    }
    /// A failure that only an operator or a new release can overcome; it is tried again all the same, and ends among the dead jobs.
    pub fn lasting(reason: impl std::fmt::Display) -> Self {
        Self { reason: reason.to_string() }
    }
}

impl From<Fault> for JobFailure {
    fn from(fault: Fault) -> Self {
        Self::passing(fault)
    }
}
impl<R: Refusal> From<Failure<R>> for JobFailure {
    fn from(failure: Failure<R>) -> Self {
        Self::passing(failure)
    }
}

type Run = Arc<dyn Fn(Platform, serde_json::Value) -> BoxFuture<'static, Result<(), JobFailure>> + Send + Sync>;

/// What a process does with one kind of job.
#[derive(Clone)]
pub struct JobHandler {
    name: &'static str,
    define: fn() -> JobDefinition,
    run: Run,
}

impl JobHandler {
    /// A handler for one kind of payload.
    pub fn new<P, F, Fut>(handle: F) -> Self
    where
        P: Payload,
        F: Fn(Platform, P) -> Fut + Send + Sync + Clone + 'static,
        Fut: Future<Output = Result<(), JobFailure>> + Send + 'static,
    {
        let run: Run = Arc::new(move |platform, payload| {
            let handle = handle.clone();
            async move {
                let payload = serde_json::from_value(payload).map_err(JobFailure::lasting)?;
                handle(platform, payload).await
            }
            .boxed()
        });
        Self { name: P::NAME, define: JobDefinition::of::<Task<P>>, run }
    }
}

/// The queue library's face of a payload: finds the handler among the worker's extensions.
struct Task<P> {
    payload: serde_json::Value,
    kind: std::marker::PhantomData<fn() -> P>,
}

impl<P> Serialize for Task<P> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.payload.serialize(serializer)
    }
}
impl<'de, P> Deserialize<'de> for Task<P> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { payload: serde_json::Value::deserialize(deserializer)?, kind: std::marker::PhantomData })
    }
}

impl<P: Payload> TaskHandler for Task<P> {
    const IDENTIFIER: &'static str = P::NAME;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let handlers = context.get_ext::<Handlers>().ok_or_else(|| "the worker has no handlers".to_owned())?;
        let run = handlers.find(P::NAME).ok_or_else(|| format!("no handler for {}", P::NAME))?;
        let job = *context.job().id();
        let request = RequestContext::system(format!("job-{job}"));
        let outcome = request.run(run(handlers.platform.clone(), self.payload)).await;
        let label = if outcome.is_ok() { "succeeded" } else { "failed" };
        metrics::counter!("turnout_jobs_total", "job" => P::NAME, "outcome" => label).increment(1);
        if let Err(failure) = &outcome {
            tracing::warn!(job, kind = P::NAME, %failure, "a job failed; it is tried again later");
        }
        outcome.map_err(|failure| failure.to_string())
    }
}

#[derive(Clone)]
pub(crate) struct Handlers {
    platform: Platform,
    handlers: Arc<Vec<JobHandler>>,
}

impl std::fmt::Debug for Handlers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.handlers.iter().map(|handler| handler.name)).finish()
    }
}

impl Handlers {
    fn find(&self, name: &str) -> Option<Run> {
        self.handlers.iter().find(|handler| handler.name == name).map(|handler| Arc::clone(&handler.run))
    }
}

/// Queues a job on the connection of a transaction.
pub(crate) async fn enqueue<P: Payload>(connection: &mut PgConnection, payload: &P, when: When) -> Result<(), Fault> {
    let run_at = match when {
        When::Now => None,
        When::At(instant) => Some(instant.to_sqlx()),
    };
    let payload = serde_json::to_value(payload).map_err(Fault::corrupt)?;
    sqlx::query!("select platform.enqueue($1, $2, $3, $4, null, null)", P::NAME, payload, run_at as _, P::ATTEMPTS_MAX)
        .fetch_one(connection)
        .await?;
    Ok(())
}
