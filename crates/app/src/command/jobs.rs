//! `turnout jobs`: what waits, what is dead, and bringing it back.

use anyhow::{Result, bail};
use app::start;
use clap::Subcommand;
use comfy_table::Table;
use platform::config::Config;
use platform::jobs;

/// What to do with background jobs.
#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// List jobs.
    List {
        /// Only those that used up their tries.
        #[arg(long)]
        dead: bool,
    },
    /// Give a job its tries back and make it due now.
    Retry {
        /// The job's number, as `list` shows it.
        id: i64,
    },
}

/// Runs one of them.
pub async fn jobs(config: Config, command: &Jobs) -> Result<()> {
    platform::telemetry::install(&config.log)?;
    let started = start::start_beside(config).await?;
    let pool = started.platform.db.owner_pool();
    let outcome = match command {
        Jobs::List { dead } => {
            jobs::list(pool, *dead).await.map_err(Into::into).and_then(|found| super::print(table(&found)))
        }
        Jobs::Retry { id } => match jobs::retry(pool, *id).await {
            Ok(true) => super::print(format!("Job {id} is due now.")),
            Ok(false) => Err(anyhow::anyhow!("there is no job {id}, or a worker has it right now")),
            Err(fault) => Err(fault.into()),
        },
    };
    started.platform.db.close().await;
    if let Some(cluster) = started.cluster {
        cluster.stop().await;
    }
    if let Err(error) = outcome {
        bail!(error);
    }
    Ok(())
}

fn table(found: &[jobs::QueuedJob]) -> String {
    if found.is_empty() {
        return "No jobs.".to_owned();
    }
    let mut table = Table::new();
    table.set_header(["id", "job", "tries", "state", "next run", "last error"]);
    for job in found {
        let state = if job.is_running {
            "running"
        } else if job.is_dead() {
            "dead"
        } else {
            "waiting"
        };
        let tries = format!("{}/{}", job.attempts, job.attempts_max);
        table.add_row([
            job.id.to_string(),
            job.kind.clone(),
            tries,
            state.to_owned(),
            job.run_at.clone(),
            job.last_error.clone().unwrap_or_default(),
        ]);
    }
    table.to_string()
}
