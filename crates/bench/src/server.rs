//! Processes under test: the release binary in one role or another, and the bare hello-world.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// How long a server may take to be ready; migrating an empty database is part of it.
const READY_SECONDS_MAX: u64 = 60;
/// How long it may take to stop.
const STOP_SECONDS_MAX: u64 = 40;
/// More than any run asks for; limits of the server are for strangers, and there is one client here.
const LIMIT: &str = "1000000000";

/// The server's binary and the settings it knows.
#[derive(Debug, Clone)]
pub struct Binary {
    program: PathBuf,
    data: PathBuf,
    known: Vec<String>,
    pool: Option<u32>,
}

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Start<'a> {
    /// The database's address.
    pub database: &'a str,
    /// `web`, `worker` or `web,worker`.
    pub role: &'a str,
    /// Settings beside those of every run, as (name, value).
    pub settings: &'a [(&'a str, &'a str)],
}

/// A running server; killed when it is dropped without [`Server::stop`].
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where to find it.
    pub place: Place,
}

/// Where a server is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its process number.
    pub pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Place {
    /// The beginning of its addresses.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Binary {
    /// Asks a binary which settings it knows, so that older and newer ones can be measured.
    ///
    /// # Errors
    /// When it cannot be run.
    pub async fn find(program: &Path, data: &Path, pool: Option<u32>) -> Result<Self> {
        let asked = Command::new(program).arg("config").output().await;
        let output = asked
            .with_context(|| format!("{} cannot be run; build it, or name it with --server", program.display()))?;
        let known = names_of(&String::from_utf8_lossy(&output.stdout));
        if known.is_empty() {
            bail!("{} config names no settings", program.display());
        }
        Ok(Self { program: program.to_owned(), data: data.to_owned(), known, pool })
    }

    /// Whether it has a setting.
    pub fn knows(&self, name: &str) -> bool {
        self.known.iter().any(|known| known == name)
    }

    /// The settings of every run, as they are printed with the result.
    pub fn settings(&self) -> Vec<(String, String)> {
        let limits = self.known.iter().filter(|name| name.starts_with("limits."));
        let mut settings: Vec<_> = limits.map(|name| (name.clone(), LIMIT.to_owned())).collect();
        for (name, value) in
            [("log.level", "error"), ("http.connections_max", "20000"), ("http.connections_per_address_max", "20000")]
        {
            settings.push((name.to_owned(), value.to_owned()));
        }
        settings.extend(self.pool.map(|pool| ("database.pool_max".to_owned(), pool.to_string())));
        settings
    }

    /// Starts a server and waits until it is ready.
    ///
    /// # Errors
    /// When it ends, or does not answer in time.
    pub async fn start(&self, start: &Start<'_>) -> Result<Server> {
        let port = free_port()?;
        let mut command = Command::new(&self.program);
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--role", start.role]);
        command.arg("--data").arg(&self.data).env("DATABASE_URL", start.database);
        let own = start.settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        for (name, value) in self.settings().into_iter().chain(own) {
            command.args(["--set", &format!("{name}={value}")]);
        }
        Server::spawn(command, port).await
    }
}

impl Server {
    /// Starts the bare hello-world: this binary in another role.
    ///
    /// # Errors
    /// As [`Binary::start`].
    pub async fn hello() -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["hello", "--port", &port.to_string()]);
        Self::spawn(command, port).await
    }

    async fn spawn(mut command: Command, port: u16) -> Result<Self> {
        // A group of its own: the terminal's Ctrl-C goes to us, and we stop everything in our order.
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).process_group(0);
        let mut child = command.spawn().context("the server cannot be started")?;
        let pid = child.id().context("the server has no process number")?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let since = Instant::now();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
        loop {
            if let Some(status) = child.try_wait()? {
                bail!("the server ended while it started: {status}");
            }
            let answer = http.get(format!("http://{address}/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(Self { child, place: Place { pid, address } });
            }
            if since.elapsed() > Duration::from_secs(READY_SECONDS_MAX) {
                bail!("the server is not ready after {READY_SECONDS_MAX} s");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Stops it as an operator would, and by force when it does not listen.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(pid) = i32::try_from(self.place.pid).ok().and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        if tokio::time::timeout(Duration::from_secs(STOP_SECONDS_MAX), self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// The names in a file of settings: `section.key`.
fn names_of(toml: &str) -> Vec<String> {
    let mut section = String::new();
    let mut names = Vec::new();
    for line in toml.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let Some((key, _)) = line.split_once(" = ")
            && !line.starts_with('#')
        {
            names.push(format!("{section}.{key}"));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_named_by_section_and_key() {
        let names = names_of("# words = none\n[http]\n# x\nlisten = \"a\"\n\n[limits]\nholds = 60\n");
        assert_eq!(names, ["http.listen", "limits.holds"]);
    }

    #[test]
    fn the_limits_of_today_are_all_found() {
        let names = names_of(platform::config::DEFAULTS);
        assert!(names.iter().any(|name| name == "limits.requests_per_caller_per_minute"), "{names:?}");
    }
}
