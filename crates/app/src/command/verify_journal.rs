//! `turnout verify-journal`: recomputes every hash chain.

use anyhow::{Result, bail};
use app::start;
use platform::config::Config;

/// Reads the whole journal and tells whether anything was changed, removed or put in between.
pub async fn verify_journal(config: Config) -> Result<()> {
    platform::telemetry::install(&config.log)?;
    let started = start::start_beside(config).await?;
    let outcome = platform::journal::verify(started.platform.db.owner_pool()).await;
    started.platform.db.close().await;
    if let Some(cluster) = started.cluster {
        cluster.stop().await;
    }
    let (read, broken) = outcome?;
    for link in &broken {
        super::print(format!("broken: {} {} at version {}", link.aggregate_kind, link.aggregate_id, link.version))?;
    }
    if !broken.is_empty() {
        bail!("{} of {read} entries do not follow from the ones before them", broken.len());
    }
    super::print(format!("All {read} entries of the journal follow from the ones before them."))
}
