//! The proxy as a program: faults from the command line, then a line of them on standard input whenever they are to change.

use std::io::Write;

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use faultproxy::{Address, End, Faults, Protocol, Proxy};

/// Breaks connections on purpose, between a client and its peer.
///
/// On standard input a line of faults replaces the present ones (`commit_swallow=0.02 delay_ms=5`; an empty line heals), `cut` and
/// `reset` end all open connections, and `counters` tells what was done.
#[derive(Debug, Parser)]
#[command(name = "faultproxy", version)]
struct Cli {
    /// Where to listen: 127.0.0.1:0 or the path of a new Unix socket.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: Address,
    /// Where to pass on to: 127.0.0.1:5432 or the path of a Unix socket.
    #[arg(long)]
    to: Address,
    /// What it understands.
    #[arg(long, value_enum, default_value_t = Kind::Postgres)]
    protocol: Kind,
    /// The same seed draws the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The faults to begin with.
    #[arg(long, default_value = "")]
    faults: Faults,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Tcp,
    Postgres,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(run(cli))
}

async fn run(cli: Cli) -> Result<()> {
    let protocol = match cli.protocol {
        Kind::Tcp => Protocol::Tcp,
        Kind::Postgres => Protocol::Postgres,
    };
    let proxy = Proxy::start(&cli.listen, cli.to, protocol, cli.seed)
        .await
        .with_context(|| format!("cannot listen on {}", cli.listen))?;
    proxy.control().set(cli.faults);
    say(&format!("listening on {}", proxy.address()))?;
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    std::thread::spawn(move || {
        std::io::stdin().lines().map_while(Result::ok).try_for_each(|line| tell.blocking_send(line))
    });
    loop {
        tokio::select! {
            line = told.recv() => match line {
                Some(line) => say(&obey(&proxy, line.trim()).unwrap_or_else(|error| error.to_string()))?,
                None => return Ok(()),
            },
            interrupted = tokio::signal::ctrl_c() => return interrupted.context("signals cannot be heard"),
        }
    }
}

fn obey(proxy: &Proxy, line: &str) -> Result<String> {
    let control = proxy.control();
    match line {
        "cut" => control.cut_all(End::Close),
        "reset" => control.cut_all(End::Reset),
        "counters" => return Ok(format!("{:?}", control.counters())),
        faults => match faults.parse() {
            Ok(faults) => control.set(faults),
            Err(unknown) => bail!("{unknown}; or a line `cut`, `reset`, `counters`"),
        },
    }
    Ok("done".to_owned())
}

fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").context("nobody listens any more")
}
