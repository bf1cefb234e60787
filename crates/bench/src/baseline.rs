//! The baseline: one transaction a booking, as pgbench drives it without any HTTP or application in between.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use platform::clock::Clock;
use sqlx::postgres::PgPool;
use tokio::process::Command;

use crate::arithmetic::whole;
use crate::cluster::Cluster;
use crate::load::spec::Report;
use crate::load::tally::percentiles;
use crate::measure::{Look, Watched};
use crate::usage;

/// The database of the baseline.
pub const DATABASE: &str = "baseline";
const SCHEMA: &str = include_str!("sql/baseline.sql");
const BOOKING: &str = include_str!("sql/booking.sql");

/// Makes the baseline's database and its script.
///
/// # Errors
/// When PostgreSQL refuses.
pub async fn prepare(cluster: &Cluster, directory: &Path) -> Result<PgPool> {
    cluster.create_database(DATABASE, None).await?;
    let pool = cluster.pool(DATABASE).await?;
    sqlx::raw_sql(SCHEMA).execute(&pool).await?;
    std::fs::write(script(directory), BOOKING)?;
    Ok(pool)
}

fn script(directory: &Path) -> PathBuf {
    directory.join("booking.sql")
}

/// How pgbench is run.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Where the script is, and its log goes.
    pub directory: &'a Path,
    /// Clients.
    pub clients: u32,
    /// Seconds that do not count.
    pub warm_up: f64,
    /// Seconds that count.
    pub seconds: f64,
}

/// Runs pgbench; answers as the load generator does. Latencies are those of its own log, transaction by transaction.
///
/// # Errors
/// When pgbench fails.
pub async fn pgbench(run: &Run<'_>, watched: &Watched<'_>) -> Result<(Report, Look, Look)> {
    let prefix = run.directory.join("pgbench");
    let socket = run.cluster.socket().context("the cluster has no socket")?;
    let in_all = (run.warm_up + run.seconds).ceil() + 1.0;
    let mut command = Command::new(&run.cluster.pgbench);
    command.args(["--no-vacuum", "--protocol=prepared", "--username=postgres", "--jobs=1", "--log"]);
    command.arg(format!("--log-prefix={}", prefix.display())).arg(format!("--host={}", socket.display()));
    command.arg(format!("--file={}", script(run.directory).display()));
    command.arg(format!("--client={}", run.clients)).arg(format!("--time={}", whole(in_all))).arg(DATABASE);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let child = command.spawn().context("pgbench cannot be run")?;
    let pid = child.id().context("pgbench has no process number")?;
    let clock = Clock::machine();
    tokio::time::sleep(Duration::from_secs_f64(run.warm_up)).await;
    let (before, own, begin, opened) = (watched.look().await, usage::process_us(pid), clock.now(), Instant::now());
    tokio::time::sleep(Duration::from_secs_f64(run.seconds)).await;
    let (seconds, end) = (opened.elapsed().as_secs_f64(), clock.now());
    let (own_after, after) = (usage::process_us(pid), watched.look().await);
    let output = child.wait_with_output().await?;
    ensure!(output.status.success(), "pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
    let log = PathBuf::from(format!("{}.{pid}", prefix.display()));
    let text = std::fs::read_to_string(&log).with_context(|| format!("{} cannot be read", log.display()))?;
    std::fs::remove_file(&log)?;
    let latencies = latencies_between(&text, begin.as_microsecond(), end.as_microsecond());
    let done = u64::try_from(latencies.len())?;
    ensure!(done > 0, "pgbench did nothing: {}", String::from_utf8_lossy(&output.stderr));
    let report = Report {
        seconds,
        done,
        done_in_all: u64::try_from(text.lines().count())?,
        statuses: BTreeMap::new(),
        own_us: own_after? - own?,
        latency: percentiles(latencies.into_iter())?,
        ..Report::default()
    };
    Ok((report, before?, after?))
}

/// Latencies, microseconds, of the transactions that ended between two instants (microseconds since 1970). A line of the log is
/// `client transaction latency script seconds microseconds`.
fn latencies_between(log: &str, begin: i64, end: i64) -> Vec<u64> {
    let parse = |line: &str| {
        let mut fields = line.split(' ');
        let latency: u64 = fields.nth(2)?.parse().ok()?;
        let seconds: i64 = fields.nth(1)?.parse().ok()?;
        let microseconds: i64 = fields.next()?.parse().ok()?;
        let ended = seconds * 1_000_000 + microseconds;
        (begin..end).contains(&ended).then_some(latency)
    };
    log.lines().filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_outside_the_window_do_not_count() {
        let log =
            "0 1 900 0 10 999999\n1 1 1200 0 11 0\n0 2 1300 0 11 500000\n1 2 failed 0 11 600000\n0 3 1400 0 12 0\n";
        assert_eq!(latencies_between(log, 11_000_000, 12_000_000), [1200, 1300]);
    }

    #[test]
    fn a_booking_writes_what_the_schema_has() {
        for table in ["stock", "orders", "item", "ticket", "outbox"] {
            assert!(SCHEMA.contains(&format!("create table {table}")) && BOOKING.contains(table), "{table}");
        }
    }
}
