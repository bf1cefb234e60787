//! The command line of Turnout.

mod command;
mod demo;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::{Parser, Subcommand};
use platform::config::{Config, Sources};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The platform for running events.
#[derive(Debug, Parser)]
#[command(name = "turnout", version)]
struct Cli {
    /// A file of settings instead of turnout.toml in the working directory or the data directory.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where Turnout keeps its database, files and keys.
    #[arg(long, global = true, value_name = "DIRECTORY")]
    data: Option<PathBuf>,
    /// Any setting: --set http.listen=0.0.0.0:80 (may be repeated).
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages, the API and background work.
    Serve(command::serve::Serve),
    /// Bring the database's schema up to date, and nothing else.
    Migrate,
    /// Tell what is configured, what can be reached and what is missing.
    Doctor,
    /// Look after background jobs.
    #[command(subcommand)]
    Jobs(command::jobs::Jobs),
    /// Check the journal's hash chains.
    VerifyJournal,
    /// Print every setting with its default and its meaning.
    Config,
}

impl Cli {
    fn settings(&self) -> Result<Config> {
        let mut flags = Vec::new();
        if let Some(data) = &self.data {
            flags.push(("data.directory".to_owned(), data.display().to_string()));
        }
        if let Command::Serve(serve) = &self.command
            && let Some(listen) = serve.listen
        {
            flags.push(("http.listen".to_owned(), listen.to_string()));
        }
        for pair in &self.set {
            let (key, value) = pair.split_once('=').ok_or_else(|| anyhow!("--set takes KEY=VALUE, not {pair:?}"))?;
            flags.push((key.to_owned(), value.to_owned()));
        }
        Ok(Config::load(&Sources::of_process(self.config.clone(), flags))?)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            command::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        return Err(anyhow!("another crypto provider is in the way"));
    }
    runtime.block_on(async {
        match &cli.command {
            Command::Serve(serve) => command::serve::serve(cli.settings()?, serve).await,
            Command::Migrate => command::migrate::migrate(cli.settings()?).await,
            Command::Doctor => command::doctor::doctor(cli.settings()?).await,
            Command::Jobs(jobs) => command::jobs::jobs(cli.settings()?, jobs).await,
            Command::VerifyJournal => command::verify_journal::verify_journal(cli.settings()?).await,
            Command::Config => command::print(platform::config::DEFAULTS),
        }
    })
}
