//! Processor time, from `/proc`: of a process, of a PostgreSQL cluster with all its processes, of the whole machine.
//!
//! Linux counts in ticks of 10 ms (`proc(5)`), so a window of seconds is known to about a percent.

use std::path::Path;

use anyhow::{Context, Result};

use crate::arithmetic::float;

/// The fields of `/proc/PID/stat` that matter, times in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    parent: u32,
    own: u64,
    /// Of children that have ended and were waited for.
    ended_children: u64,
}

/// Processor time used up to now, microseconds, and what the machine did in that time.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Of the server.
    pub server_us: f64,
    /// Of all processes of the cluster.
    pub postgres_us: f64,
    /// Of the benchmark itself.
    pub own_us: f64,
    /// Of everything on this machine.
    pub busy_us: f64,
    /// Taken by the host for somebody else.
    pub stolen_us: f64,
}

impl Sample {
    /// Looks now. A server that does not exist counts nothing.
    ///
    /// # Errors
    /// When `/proc` does not say what it should.
    pub fn take(postmaster: u32, server: Option<u32>) -> Result<Self> {
        let (busy_us, stolen_us) = machine_us()?;
        Ok(Self {
            server_us: server.map_or(Ok(0.0), process_us)?,
            postgres_us: cluster_us(postmaster)?,
            own_us: process_us(std::process::id())?,
            busy_us,
            stolen_us,
        })
    }

    /// What was used since an earlier look.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            server_us: self.server_us - earlier.server_us,
            postgres_us: self.postgres_us - earlier.postgres_us,
            own_us: self.own_us - earlier.own_us,
            busy_us: self.busy_us - earlier.busy_us,
            stolen_us: self.stolen_us - earlier.stolen_us,
        }
    }
}

/// Processor time of one process with all its threads, microseconds.
///
/// # Errors
/// When there is no such process.
pub fn process_us(pid: u32) -> Result<f64> {
    Ok(us(stat(pid)?.own))
}

/// Processor time of a postmaster, its children, and those that have ended, microseconds.
fn cluster_us(postmaster: u32) -> Result<f64> {
    let main = stat(postmaster)?;
    let mut ticks = main.own + main.ended_children;
    for entry in std::fs::read_dir("/proc").context("/proc cannot be read")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process that ended since the directory was read is counted with the ended ones next time.
        if let Ok(child) = stat(pid)
            && child.parent == postmaster
        {
            ticks += child.own;
        }
    }
    Ok(us(ticks))
}

fn stat(pid: u32) -> Result<Stat> {
    let path = format!("/proc/{pid}/stat");
    let text = std::fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
    parse_stat(&text).with_context(|| format!("{path} has another shape"))
}

/// `pid (name) state ppid ... utime stime cutime cstime`; the name may hold spaces and brackets.
fn parse_stat(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let mut ticks = fields.skip(9).map(|field| field.parse::<u64>().ok());
    let own = ticks.next()?? + ticks.next()??;
    let ended_children = ticks.next()?? + ticks.next()??;
    Some(Stat { parent, own, ended_children })
}

fn machine_us() -> Result<(f64, f64)> {
    let text = std::fs::read_to_string("/proc/stat").context("/proc/stat cannot be read")?;
    let (busy, stolen) = parse_machine(&text).context("/proc/stat has another shape")?;
    Ok((us(busy), us(stolen)))
}

/// `cpu user nice system idle iowait irq softirq steal ...`: busy ticks, stolen ticks.
fn parse_machine(text: &str) -> Option<(u64, u64)> {
    let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let fields: Vec<u64> = line.split_whitespace().map_while(|field| field.parse().ok()).collect();
    let [user, nice, system, _idle, _waiting, irq, softirq, stolen, ..] = fields.as_slice() else { return None };
    Some((user + nice + system + irq + softirq, *stolen))
}

fn us(ticks: u64) -> f64 {
    float(ticks) * 1_000_000.0 / float(rustix::param::clock_ticks_per_second())
}

/// The kind of file system a directory is on, from `/proc/self/mountinfo`.
pub fn file_system_of(directory: &Path) -> Option<String> {
    let text = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    parse_mounts(&text, directory)
}

/// The last of the longest mount points above the directory, since a later mount covers an earlier one.
fn parse_mounts(text: &str, directory: &Path) -> Option<String> {
    let mounts = text.lines().filter_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let point = left.split(' ').nth(4)?.replace("\\040", " ");
        let kind = right.split(' ').next()?.to_owned();
        directory.starts_with(&point).then_some((point.len(), kind))
    });
    mounts.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name() {
        let text = "42 (a) b (c)) S 7 42 42 0 -1 4194560 1 2 3 4 500 60 7 8 20 0 1 0 99 0 0";
        assert_eq!(parse_stat(text), Some(Stat { parent: 7, own: 560, ended_children: 15 }));
        assert_eq!(parse_stat("42 (x) S"), None);
    }

    #[test]
    fn waiting_is_not_work_and_stolen_time_is_nobodys() {
        let text = "cpu  10 1 20 1000 50 2 3 4 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(parse_machine(text), Some((36, 4)));
    }

    #[test]
    fn the_nearest_mount_decides() {
        let text = "1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:5 / /tmp rw shared:1 - tmpfs tmpfs rw\n3 1 0:6 / /tmp/a\\040b rw - xfs x rw\n";
        let kind = |path: &str| parse_mounts(text, Path::new(path)).unwrap();
        assert_eq!(
            (kind("/var/tmp/x"), kind("/tmp/x"), kind("/tmp/a b/x")),
            ("ext4".into(), "tmpfs".into(), "xfs".into())
        );
        assert_eq!(kind("/tmpx"), "ext4");
    }

    #[test]
    fn our_own_time_grows_when_we_work() {
        let before = process_us(std::process::id()).unwrap();
        let mut sum = 0_u64;
        while process_us(std::process::id()).unwrap() < before + 20_000.0 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
    }
}
