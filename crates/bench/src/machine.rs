//! The machine that the figures are of.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use sqlx::postgres::PgPool;
use sqlx::query_scalar;

use crate::cluster::{Cluster, PARAMETERS};

/// What a reader has to know to compare figures.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many of them.
    pub cores: usize,
    /// Memory, bytes.
    pub memory_bytes: u64,
    /// The kernel.
    pub kernel: String,
    /// The file system of the database.
    pub file_system: String,
    /// PostgreSQL's own words about itself.
    pub postgres: String,
    /// The settings of PostgreSQL that decide the figures, as it reports them.
    pub postgres_settings: Vec<(String, String)>,
    /// The load average when it began: of the last 1, 5 and 15 minutes.
    pub load_before: String,
}

impl Machine {
    /// Looks at this machine.
    ///
    /// # Errors
    /// When PostgreSQL does not answer.
    pub async fn look(cluster: &Cluster, database: &PgPool) -> Result<Self> {
        let host = rustix::system::uname();
        let mut postgres_settings = Vec::new();
        for (name, _) in PARAMETERS {
            let value = query_scalar("select current_setting($1)").bind(name).fetch_one(database).await?;
            postgres_settings.push((name.to_owned(), value));
        }
        Ok(Self {
            processor: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism()?.get(),
            memory_bytes: memory(&field("/proc/meminfo", "MemTotal").unwrap_or_default()),
            kernel: format!("{} {}", host.sysname().to_string_lossy(), host.release().to_string_lossy()),
            file_system: cluster.file_system.clone(),
            postgres: query_scalar("select version()").fetch_one(database).await?,
            postgres_settings,
            load_before: read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" "),
        })
    }

    /// A few lines for people.
    pub fn describe(&self) -> String {
        let settings: Vec<String> =
            self.postgres_settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let postgres = self.postgres.split(" on ").next().unwrap_or_default();
        format!(
            "{} x {}, {} GB memory, {}, {} (load {})\n{postgres} on a Unix socket: {}",
            self.cores,
            self.processor,
            self.memory_bytes.div_ceil(1 << 30),
            self.kernel,
            self.file_system,
            self.load_before,
            settings.join(", ")
        )
    }
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The value behind `name :` in a file of the kernel.
fn field(path: &str, name: &str) -> Option<String> {
    let text = read(path);
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.find_map(|(found, value)| (found.trim() == name).then(|| value.trim().to_owned()))
}

/// `24576000 kB` in bytes.
fn memory(text: &str) -> u64 {
    text.split(' ').next().and_then(|number| number.parse::<u64>().ok()).unwrap_or_default() * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_counts_in_kilobytes() {
        assert_eq!((memory("24576 kB"), memory("")), (25_165_824, 0));
        assert!(memory(&field("/proc/meminfo", "MemTotal").unwrap()) > 0);
    }
}
