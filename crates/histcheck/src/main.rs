//! `turnout-histcheck`: runs a workload against server nodes and judges whether the stock was linearizable.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use clap::{Args, Parser, Subcommand};
use histcheck::run::figures::Figures;
use histcheck::run::nodes::{Stage, superuser};
use histcheck::run::venue::Organiser;
use histcheck::run::workload::Workload;
use histcheck::run::{Plan, Site, run};

/// Nodes that are started when none are given.
const NODES_STARTED: usize = 2;

/// Decides whether concurrent bookings were linearizable.
#[derive(Debug, Parser)]
#[command(name = "turnout-histcheck", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everyone wants one pool.
    Hot(Options),
    /// A thousand pools.
    ManyPools(Options),
    /// Ticket types that draw from two shared pools at once.
    Bundles(Options),
    /// Holds that are confirmed, released, or left to expire.
    Endings(Options),
    /// The organiser changes capacities while buyers buy.
    Resizes(Options),
    /// Clients that hang up in mid-call, and purchases in one call.
    HangUps(Options),
    /// All six, one after the other.
    All(Options),
}

#[derive(Debug, Args)]
struct Options {
    /// How long a workload runs.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Clients at the same time.
    #[arg(long, default_value_t = 32)]
    clients: u32,
    /// Where the clients' choices begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server's binary, of which two nodes are started on a PostgreSQL of their own.
    #[arg(long, env = "TURNOUT_BIN", default_value = "target/debug/turnout")]
    turnout: PathBuf,
    /// Origin of a running node, instead of starting any; may be repeated. Its rate limits must be out of the way.
    #[arg(long = "node", requires = "database")]
    nodes: Vec<String>,
    /// The running nodes' database; the role `postgres` must be able to enter it.
    #[arg(long)]
    database: Option<String>,
}

impl Command {
    fn parts(self) -> (Vec<Workload>, Options) {
        match self {
            Self::Hot(options) => (vec![Workload::Hot], options),
            Self::ManyPools(options) => (vec![Workload::ManyPools], options),
            Self::Bundles(options) => (vec![Workload::Bundles], options),
            Self::Endings(options) => (vec![Workload::Endings], options),
            Self::Resizes(options) => (vec![Workload::Resizes], options),
            Self::HangUps(options) => (vec![Workload::HangUps], options),
            Self::All(options) => (Workload::ALL.to_vec(), options),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match judge(Cli::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// True when nothing was found, in runs that could have found something.
async fn judge(cli: Cli) -> Result<bool> {
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        return Err(anyhow!("another crypto provider is in the way"));
    }
    let (workloads, options) = cli.command.parts();
    if options.nodes.is_empty() {
        let stage = Stage::start().await?;
        let judged = on_stage(&stage, &workloads, &options).await;
        stage.strike().await?;
        return judged;
    }
    let database = superuser(options.database.as_deref().unwrap_or_default()).await?;
    let site = Site { nodes: options.nodes.clone(), database };
    let organiser = Organiser::sign_up(site.nodes.first().context("there is a node")?).await?;
    let mut is_good = true;
    for workload in workloads {
        is_good &= tell(&run(&site, &organiser, options.plan(workload)).await?)?;
    }
    Ok(is_good)
}

/// Starts nodes for each workload, since each wants its holds to last as long as suits it.
async fn on_stage(stage: &Stage, workloads: &[Workload], options: &Options) -> Result<bool> {
    let mut organiser: Option<Organiser> = None;
    let mut is_good = true;
    for workload in workloads {
        let plan = options.plan(*workload);
        let ttl = workload.shape(plan.duration).ttl;
        let nodes = stage.nodes(&options.turnout, NODES_STARTED, ttl).await?;
        let site = nodes.site(&stage.database);
        let first = site.nodes.first().context("there is a node")?;
        let signed = match organiser.take() {
            Some(known) => known.at(first),
            None => Organiser::sign_up(first).await?,
        };
        let figures = run(&site, &signed, plan).await;
        organiser = Some(signed);
        nodes.stop().await?;
        is_good &= tell(&figures?)?;
    }
    Ok(is_good)
}

impl Options {
    fn plan(&self, workload: Workload) -> Plan {
        Plan { workload, duration: Duration::from_secs(self.seconds), clients: self.clients, seed: self.seed }
    }
}

fn tell(figures: &Figures) -> Result<bool> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{figures}")?;
    let complaints = figures.complaints();
    for complaint in &complaints {
        writeln!(out, "  {complaint}")?;
    }
    Ok(complaints.is_empty())
}
