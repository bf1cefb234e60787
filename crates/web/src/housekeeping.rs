//! What the shell tidies up while it runs.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{AppState, idempotency};

const LIMITS_EVERY_SECONDS: u64 = 60;
const KEYS_EVERY_SECONDS: u64 = 3600;

/// Forgets quiet callers every minute and old idempotency keys every hour, until it is told to stop.
pub async fn keep_house(app: AppState, stop: CancellationToken) {
    let mut limits = tokio::time::interval(Duration::from_secs(LIMITS_EVERY_SECONDS));
    let mut keys = tokio::time::interval(Duration::from_secs(KEYS_EVERY_SECONDS));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = limits.tick() => app.limits.forget_the_quiet(),
            _ = keys.tick() => match idempotency::purge(&app.platform).await {
                Ok(0) => {}
                Ok(deleted) => tracing::info!(deleted, "forgot old idempotency keys"),
                Err(fault) => tracing::warn!(%fault, "old idempotency keys could not be deleted; it is tried again in an hour"),
            },
        }
    }
}
