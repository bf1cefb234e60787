//! The worker: runs jobs and the relay in this process until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use graphile_worker::WorkerOptions;
use graphile_worker::recovery::WorkerRecoveryConfig;
use tokio_util::sync::CancellationToken;

use super::{Handlers, JobHandler, QUEUE_SCHEMA};
use crate::journal::{Relay, Subscriber, delivery_handler, is_behind};
use crate::{Fault, Platform};

/// A worker that is dead is noticed after so long, and its jobs are given to others.
const SILENCE_SECONDS_MAX: u64 = 30;
const HEARTBEAT_SECONDS: u64 = 5;

/// Why a worker could not start or had to stop.
#[derive(Debug, thiserror::Error)]
#[error("the job worker: {0}")]
pub struct WorkerError(String);

/// The jobs and subscribers of a process.
#[derive(Clone)]
pub struct Worker {
    handlers: Handlers,
    relay: Relay,
}

impl Worker {
    /// A worker for these jobs and subscribers.
    pub fn new(platform: Platform, mut jobs: Vec<JobHandler>, subscribers: Vec<Subscriber>) -> Self {
        let subscribers = Arc::new(subscribers);
        jobs.push(delivery_handler(Arc::clone(&subscribers)));
        Self {
            handlers: Handlers { platform: platform.clone(), handlers: Arc::new(jobs) },
            relay: Relay::new(platform, subscribers),
        }
    }

    fn options(&self) -> WorkerOptions {
        let config = &self.handlers.platform.config.jobs;
        let recovery = WorkerRecoveryConfig::default()
            .heartbeat_interval(Duration::from_secs(HEARTBEAT_SECONDS))
            .sweep_interval(Duration::from_secs(HEARTBEAT_SECONDS * 2))
            .sweep_threshold(Duration::from_secs(SILENCE_SECONDS_MAX));
        WorkerOptions::default()
            .pg_pool(self.handlers.platform.db.owner_pool().clone())
            .schema(QUEUE_SCHEMA)
            .concurrency(config.concurrency.max(1))
            .poll_interval(config.poll)
            .worker_recovery(recovery)
            .listen_os_shutdown_signals(false)
            .define_jobs(self.handlers.handlers.iter().map(|handler| (handler.define)()))
            .add_extension(self.handlers.clone())
    }

    /// Runs jobs and the relay until `stop`; jobs under way are finished. When the database goes away the worker starts anew.
    pub async fn run(self, stop: CancellationToken) {
        let relay = tokio::spawn(self.relay.clone().run(stop.clone()));
        while !stop.is_cancelled() {
            if let Err(error) = self.run_until(&stop).await {
                tracing::warn!(%error, "the job worker stopped; it starts again");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(Duration::from_millis(500)) => {}
            }
        }
        if let Err(error) = relay.await {
            tracing::warn!(%error, "the relay did not stop cleanly");
        }
    }

    async fn run_until(&self, stop: &CancellationToken) -> Result<(), WorkerError> {
        let worker = self.options().init().await.map_err(|error| WorkerError(error.to_string()))?;
        let running = worker.run();
        tokio::pin!(running);
        tokio::select! {
            ended = &mut running => return ended.map_err(|error| WorkerError(error.to_string())),
            () = stop.cancelled() => worker.request_shutdown(),
        }
        running.await.map_err(|error| WorkerError(error.to_string()))
    }

    /// Relays and runs everything that is due now, until nothing is left: for tests and demo data.
    pub async fn drain(&self) -> Result<(), Fault> {
        let worker = self.options().init().await.map_err(|error| Fault::dependency("jobs", error))?;
        loop {
            let relayed = self.relay.tick().await?;
            worker.run_once().await.map_err(|error| Fault::dependency("jobs", error))?;
            let pool = self.handlers.platform.db.owner_pool();
            if relayed == 0 && !is_behind(pool).await? && !super::dead::is_any_due(pool).await? {
                return Ok(());
            }
            if relayed == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}
