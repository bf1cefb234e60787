//! `turnout migrate`: the schema alone.

use anyhow::Result;
use app::start;
use platform::config::Config;

/// Brings the schema up to date and stops.
pub async fn migrate(config: Config) -> Result<()> {
    platform::telemetry::install(&config.log)?;
    let started = start::start_beside(config).await?;
    if let Some(cluster) = started.cluster {
        started.platform.db.close().await;
        cluster.stop().await;
    }
    super::print("The schema is up to date.")
}
