//! The command line of the benchmark.

mod arithmetic;
mod bars;
mod baseline;
mod cases;
mod check;
mod cluster;
mod drain;
mod growth;
mod hall;
mod hello;
mod house;
mod load;
mod machine;
mod measure;
mod options;
mod report;
mod run;
mod server;
mod stage;
mod usage;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::{Parser, Subcommand};

// As in the server, so that hello-world and the server allocate alike.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Turnout against one transaction a booking, on this machine, in one run.
#[derive(Debug, Parser)]
#[command(name = "turnout-bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the benchmark.
    Run(options::Options),
    /// The load generator: reads a specification on stdin, reports on stdout.
    #[command(hide = true)]
    Load,
    /// Serve one word over the HTTP stack of the server.
    #[command(hide = true)]
    Hello {
        /// The port on 127.0.0.1.
        #[arg(long)]
        port: u16,
    },
}

fn main() -> ExitCode {
    match execute() {
        Ok(code) => code,
        Err(error) => {
            // When even this cannot be written there is nobody left to tell.
            let _ = writeln!(std::io::stderr().lock(), "turnout-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute() -> Result<ExitCode> {
    let cli = Cli::parse();
    if let Command::Load = cli.command {
        load::serve_stdin()?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Run(options) => {
                if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
                    return Err(anyhow!("another crypto provider is in the way"));
                }
                run::run(&options).await
            }
            Command::Hello { port } => hello::serve(port).await.map(|()| ExitCode::SUCCESS),
            Command::Load => Ok(ExitCode::SUCCESS),
        }
    })
}

/// Prints for the person at the terminal. A closed pipe is not an error worth a word.
fn print(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}
