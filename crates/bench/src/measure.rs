//! One window: the generator runs, everything is looked at when it begins and when it ends.

use std::collections::BTreeMap;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use sqlx::postgres::PgPool;
use sqlx::{Row, query};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use crate::arithmetic::float;
use crate::load::spec::{Latency, Report, Spec};
use crate::usage::Sample;

const LOG: &str = include_str!("sql/log.sql");

/// What was found in one window.
#[derive(Debug, Clone, Serialize)]
pub struct Window {
    /// Which case.
    pub case: String,
    /// In which round, from 0.
    pub round: usize,
    /// How long it was.
    pub seconds: f64,
    /// Operations a second that did what was asked.
    pub rate: f64,
    /// Operations a second that were refused for want of places.
    pub refusal_rate: f64,
    /// Operations that ended otherwise, connections that broke, and what had no good answer in an open loop.
    pub failed: u64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// How long answers took, milliseconds.
    pub latency: Latency,
    /// Processor time of the server for each answered operation, microseconds.
    pub server_us: f64,
    /// The same of all PostgreSQL processes.
    pub postgres_us: f64,
    /// The same of the generator.
    pub generator_us: f64,
    /// Processors that others on this machine used meanwhile.
    pub other_cores: f64,
    /// Processors that the host gave to somebody else.
    pub stolen_cores: f64,
    /// Bytes in PostgreSQL's log for each answered operation.
    pub log_bytes: f64,
    /// Whole pages in that log for each answered operation; many after a checkpoint.
    pub log_pages: f64,
    /// Flushes of that log a second.
    pub flushes: f64,
}

/// Who is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'a> {
    /// The postmaster.
    pub postmaster: u32,
    /// The server, if there is one.
    pub server: Option<u32>,
    /// Any database of the cluster.
    pub database: &'a PgPool,
}

/// Everything at one instant.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    sample: Sample,
    log_bytes: f64,
    log_pages: f64,
    flushes: f64,
}

impl Look {
    /// Processor time used since an earlier look.
    pub fn used_since(&self, earlier: &Self) -> Sample {
        self.sample.since(&earlier.sample)
    }
}

/// What the generator found, whichever it was.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The case's name.
    pub case: &'a str,
    /// The round.
    pub round: usize,
    /// What the generator reports.
    pub report: &'a Report,
}

impl Watched<'_> {
    /// Looks now.
    ///
    /// # Errors
    /// When one of them is gone.
    pub async fn look(&self) -> Result<Look> {
        // Times first: the query may have to wait under load.
        let sample = Sample::take(self.postmaster, self.server)?;
        let row = query(LOG).fetch_one(self.database).await?;
        let number = |name: &str| row.try_get::<f64, _>(name);
        Ok(Look { sample, log_bytes: number("bytes")?, log_pages: number("images")?, flushes: number("syncs")? })
    }
}

impl Window {
    /// Puts together what was reported and what was seen.
    pub fn of(found: &Found<'_>, before: &Look, after: &Look) -> Self {
        let (report, used) = (found.report, after.used_since(before));
        let answered = float(report.done + report.refused).max(1.0);
        let ours = used.server_us + used.postgres_us + used.own_us + report.own_us;
        let window_us = report.seconds * 1_000_000.0;
        Self {
            case: found.case.to_owned(),
            round: found.round,
            seconds: report.seconds,
            rate: float(report.done) / report.seconds,
            refusal_rate: float(report.refused) / report.seconds,
            failed: report.failed + report.errors + report.unfinished,
            statuses: report.statuses.clone(),
            latency: report.latency,
            server_us: used.server_us / answered,
            postgres_us: used.postgres_us / answered,
            generator_us: report.own_us / answered,
            other_cores: ((used.busy_us - ours) / window_us).max(0.0),
            stolen_cores: used.stolen_us / window_us,
            log_bytes: (after.log_bytes - before.log_bytes) / answered,
            log_pages: (after.log_pages - before.log_pages) / answered,
            flushes: (after.flushes - before.flushes) / report.seconds,
        }
    }

    /// Processor time of server and PostgreSQL together.
    pub fn work_us(&self) -> f64 {
        self.server_us + self.postgres_us
    }
}

/// Runs the generator in a process of its own; answers its report and what was seen around its window.
///
/// # Errors
/// When it fails, or anything watched is gone.
pub async fn generate(spec: &Spec, watched: &Watched<'_>) -> Result<(Report, Look, Look)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("load").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().context("the load generator cannot be started")?;
    let mut input = child.stdin.take().context("the load generator takes no input")?;
    input.write_all(&serde_json::to_vec(spec)?).await?;
    drop(input);
    let output = child.stdout.take().context("the load generator has no output")?;
    let mut lines = BufReader::new(output).lines();
    let (mut before, mut after, mut report) = (None, None, None);
    while let Some(line) = lines.next_line().await? {
        match line.as_str() {
            "begin" => before = Some(watched.look().await?),
            "end" => after = Some(watched.look().await?),
            line => report = Some(serde_json::from_str::<Report>(line)?),
        }
    }
    ensure!(child.wait().await?.success(), "the load generator failed");
    let before = before.context("the load generator did not begin")?;
    let after = after.context("the load generator did not end")?;
    Ok((report.context("the load generator did not report")?, before, after))
}
