//! Starts a postmaster that died again, at once, until told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::postmaster::{Blueprint, Postmaster};

/// Longest pause between two tries to start it again.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Watches the postmaster until `stopping`, then stops it cleanly.
pub async fn watch(
    blueprint: Blueprint,
    mut postmaster: Postmaster,
    restarts: Arc<AtomicU64>,
    stopping: CancellationToken,
) {
    loop {
        let status = tokio::select! {
            () = stopping.cancelled() => return postmaster.stop().await,
            status = postmaster.ended() => status,
        };
        let since = Instant::now();
        tracing::error!(status, "the private PostgreSQL died; starting it again");
        postmaster = tokio::select! {
            () = stopping.cancelled() => return,
            revived = revive(&blueprint) => revived,
        };
        restarts.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("private_postgres_restarts_total").increment(1);
        let took_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(took_ms, pid = postmaster.pid(), "the private PostgreSQL runs again");
    }
}

async fn revive(blueprint: &Blueprint) -> Postmaster {
    let mut pause = Duration::from_millis(50);
    loop {
        match Postmaster::start(blueprint).await {
            Ok(postmaster) => return postmaster,
            Err(error) => tracing::error!(%error, "the private PostgreSQL does not start"),
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
