//! The server process: started as our child, or taken over from an owner that was killed.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{ConnectOptions, Connection};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use super::account::{Account, Place};
use super::binaries::Binaries;
use super::{ClusterError, io, processes, socket};

/// Time to answer after the start; replaying the log after a crash is part of it.
const START_SECONDS_MAX: u64 = 120;
/// Time for a clean stop (a checkpoint is part of it) before harder signals.
const STOP_SECONDS_MAX: u64 = 20;
/// Time each harder signal gets.
const KILL_SECONDS_MAX: u64 = 5;
/// The log starts anew at a start when it is larger. Bytes.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// The lock file beside the socket.
const SOCKET_LOCK: &str = ".s.PGSQL.5432.lock";
/// How often a start is tried again when the process ends at once: what is left of the one before goes away in a moment.
const STARTS_MAX: u32 = 5;
/// Pause between two looks at a process that is not our child.
const LOOK: Duration = Duration::from_millis(50);

/// Parameters that make an acknowledged commit safe, and sizes for a machine that also runs Turnout.
const PARAMETERS: [(&str, &str); 17] = [
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "on"),
    ("listen_addresses", ""),
    ("port", "5432"),
    ("unix_socket_permissions", "0700"),
    ("shared_buffers", "256MB"),
    ("effective_cache_size", "1GB"),
    ("work_mem", "8MB"),
    ("maintenance_work_mem", "64MB"),
    ("max_wal_size", "2GB"),
    ("checkpoint_completion_target", "0.9"),
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_line_prefix", "%m [%p] "),
];

/// Everything needed to start the postmaster, again and again.
#[derive(Debug)]
pub struct Blueprint {
    binaries: Binaries,
    account: Account,
    place: Place,
    socket: PathBuf,
    parameters: Vec<(String, String)>,
}

impl Blueprint {
    /// Chooses the socket's directory; nothing runs yet.
    pub fn new(
        binaries: Binaries,
        account: Account,
        place: Place,
        parameters: Vec<(String, String)>,
    ) -> Result<Self, ClusterError> {
        let socket = socket::directory(&account, &place)?;
        Ok(Self { binaries, account, place, socket, parameters })
    }

    fn spawn(&self) -> Result<Child, ClusterError> {
        let program = self.binaries.program("postgres");
        let log = self.log()?;
        let errors = log.try_clone().map_err(io(format!("{} cannot be used", self.place.log.display())))?;
        let mut command = Command::new(&program);
        self.account.run_as(&mut command, &self.place.home);
        command.arg("-D").arg(&self.place.data).arg("-k").arg(&self.socket);
        let ours = PARAMETERS.iter().map(|(name, value)| format!("{name}={value}"));
        let name = [format!("cluster_name={}", self.place.name)];
        let more = self.parameters.iter().map(|(name, value)| format!("{name}={value}"));
        for parameter in ours.chain(name).chain(more) {
            command.args(["-c", &parameter]);
        }
        // A group of its own: the terminal's Ctrl-C goes to us, and we stop it in our order.
        command.process_group(0).stdout(log).stderr(errors);
        command.spawn().map_err(io(format!("{} cannot be run", program.display())))
    }

    fn log(&self) -> Result<File, ClusterError> {
        let is_large = std::fs::metadata(&self.place.log).is_ok_and(|found| found.len() > LOG_BYTES_MAX);
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        let options = if is_large { options.truncate(true) } else { options.append(true) };
        options.open(&self.place.log).map_err(io(format!("{} cannot be written", self.place.log.display())))
    }

    fn log_tail(&self) -> String {
        let text = std::fs::read(&self.place.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines.iter().skip(lines.len().saturating_sub(8)).copied().collect::<Vec<_>>().join("\n")
    }

    /// Ends what a killed postmaster left behind and removes its lock files (of the data and of the socket), which PostgreSQL would
    /// otherwise believe when its process number has gone to someone else, or to nobody: a postmaster that ended and that no parent has
    /// collected still has its number. Only when the process table shows that nothing of the cluster lives: two postmasters on one
    /// directory would destroy it.
    async fn clear_remains(&self) {
        let since = Instant::now();
        loop {
            let scan = processes::members(&self.place);
            if scan.members.is_empty() {
                // Otherwise PostgreSQL's own look at the shared memory decides.
                if scan.is_complete {
                    for lock in [self.place.data.join("postmaster.pid"), self.socket.join(SOCKET_LOCK)] {
                        let _ = std::fs::remove_file(lock);
                    }
                }
                return;
            }
            // Without its postmaster a session can only end; SIGQUIT is what the postmaster would have sent.
            let hard = since.elapsed() > Duration::from_secs(KILL_SECONDS_MAX);
            for pid in scan.members {
                let _ = kill_process(pid, if hard { Signal::KILL } else { Signal::QUIT });
            }
            sleep(LOOK).await;
        }
    }
}

/// A running postmaster. Dropped without [`Postmaster::stop`], it is told to stop and not waited for.
#[derive(Debug)]
pub struct Postmaster {
    pid: Pid,
    data: PathBuf,
    socket: PathBuf,
    child: Option<Child>,
    has_ended: bool,
}

impl Postmaster {
    /// Starts the postmaster as our child and waits until it answers.
    pub async fn start(blueprint: &Blueprint) -> Result<Self, ClusterError> {
        blueprint.clear_remains().await;
        let child = blueprint.spawn()?;
        let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) else {
            return Err(io("the postmaster has no process number")(std::io::ErrorKind::NotFound.into()));
        };
        let (data, socket) = (blueprint.place.data.clone(), blueprint.socket.clone());
        let mut postmaster = Self { pid, data, socket, child: Some(child), has_ended: false };
        let deadline = Duration::from_secs(START_SECONDS_MAX);
        let socket = postmaster.socket.clone();
        let answer = tokio::select! {
            status = postmaster.ended() => Err(Some(status)),
            answered = timeout(deadline, answers(&socket)) => answered.map_err(|_| None),
        };
        let log = blueprint.place.log.clone();
        match answer {
            Ok(()) => Ok(postmaster),
            Err(Some(status)) => Err(ClusterError::Exited { status, log, tail: blueprint.log_tail() }),
            Err(None) => {
                postmaster.stop().await;
                Err(ClusterError::Silent { seconds: START_SECONDS_MAX, log })
            }
        }
    }

    /// Takes the running postmaster over, or starts one; tells whether it was there.
    pub async fn take_over_or_start(blueprint: &Blueprint) -> Result<(Self, bool), ClusterError> {
        let mut starts = 1;
        loop {
            if let Some(running) = Self::take_over(blueprint).await {
                return Ok((running, true));
            }
            match Self::start(blueprint).await {
                Ok(postmaster) => return Ok((postmaster, false)),
                Err(error @ ClusterError::Exited { .. }) if starts < STARTS_MAX => {
                    tracing::warn!(%error, starts, "the private PostgreSQL does not start; it is tried again");
                }
                Err(error) => return Err(error),
            }
            sleep(LOOK * starts).await;
            starts += 1;
        }
    }

    /// The postmaster that runs on this directory already, once it answers; none when there is none.
    async fn take_over(blueprint: &Blueprint) -> Option<Self> {
        let file = std::fs::read_to_string(blueprint.place.data.join("postmaster.pid")).ok()?;
        // Lines: process, data directory, start, port, directory of the socket.
        let mut lines = file.lines();
        let pid = lines.next()?.trim().parse().ok().and_then(Pid::from_raw)?;
        let socket = PathBuf::from(lines.nth(3)?);
        let data = blueprint.place.data.clone();
        if !processes::is_postmaster(pid, &data) {
            return None;
        }
        let mut postmaster = Self { pid, data, socket: socket.clone(), child: None, has_ended: false };
        let answered = tokio::select! {
            _ = postmaster.ended() => false,
            answered = timeout(Duration::from_secs(START_SECONDS_MAX), answers(&socket)) => answered.is_ok(),
        };
        if answered {
            return Some(postmaster);
        }
        postmaster.stop().await;
        None
    }

    /// Directory of the socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Number of the process.
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Waits until the process has ended; says how. May be dropped and called again.
    pub async fn ended(&mut self) -> String {
        let status = match &mut self.child {
            Some(child) => child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string()),
            None => {
                while processes::is_postmaster(self.pid, &self.data) {
                    sleep(LOOK).await;
                }
                "not our child".to_owned()
            }
        };
        self.has_ended = true;
        status
    }

    /// Stops it: sessions are cut off, everything is written (SIGINT); after the deadline harder.
    pub async fn stop(mut self) {
        for (signal, seconds) in
            [(Signal::INT, STOP_SECONDS_MAX), (Signal::QUIT, KILL_SECONDS_MAX), (Signal::KILL, KILL_SECONDS_MAX)]
        {
            self.tell(signal);
            if timeout(Duration::from_secs(seconds), self.ended()).await.is_ok() {
                return;
            }
            tracing::warn!(?signal, seconds, "the private PostgreSQL does not stop");
        }
    }

    fn tell(&self, signal: Signal) {
        // A child that we have not collected keeps its number; another's could have gone to a stranger.
        if self.child.is_some() || processes::is_postmaster(self.pid, &self.data) {
            let _ = kill_process(self.pid, signal);
        }
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        if !self.has_ended {
            self.tell(Signal::INT);
        }
    }
}

/// Waits until the server takes connections, also through the replay of its log.
async fn answers(socket: &Path) {
    let options = socket::options(socket, "postgres", "postgres");
    loop {
        if let Ok(connection) = options.connect().await {
            let _ = connection.close().await;
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
}
