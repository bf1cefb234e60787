//! The load generator: a process of its own, so that its processor time is told apart from everybody else's.
//!
//! A specification comes on stdin. On stdout come three lines: `begin` and `end` around the measured window, at which whoever
//! started it looks at the other processes, and then the report.

mod connection;
mod operation;
mod pace;
mod request;
mod response;
pub mod spec;
pub mod tally;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use tokio::task::LocalSet;

use connection::Connection;
pub use operation::seat_name;
use operation::{Prepared, Turn};
use pace::Pace;
use spec::{Report, Spec};
use tally::{Outcome, Tally};

use crate::usage;

/// How long answers are waited for after the window.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause before a broken connection is opened anew.
const REOPEN_PAUSE: Duration = Duration::from_millis(5);

/// What all threads share.
struct Shared {
    prepared: Prepared,
    spec: Spec,
    turns: AtomicU64,
    is_measuring: AtomicBool,
    is_over: AtomicBool,
}

/// The instants of a run, known when all connections are open.
#[derive(Clone, Copy)]
struct Times {
    pace: Option<Pace>,
    begin: Instant,
    end: Instant,
}

/// Runs what stdin asks for and reports on stdout.
///
/// # Errors
/// When the specification cannot be read or the server not be reached.
pub fn serve_stdin() -> Result<()> {
    let spec: Spec = serde_json::from_reader(std::io::stdin().lock()).context("stdin holds no specification")?;
    let report = run(spec)?;
    say(&serde_json::to_string(&report)?)
}

fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn run(spec: Spec) -> Result<Report> {
    let threads = spec.threads.max(1);
    let shared = Arc::new(Shared {
        prepared: Prepared::new(&spec)?,
        spec,
        turns: AtomicU64::new(0),
        is_measuring: AtomicBool::new(false),
        is_over: AtomicBool::new(false),
    });
    // Twice: when every connection is open, and when the times are known.
    let barrier = Arc::new(Barrier::new(threads + 1));
    let times = Arc::new(std::sync::OnceLock::new());
    let workers: Vec<_> = (0..threads)
        .map(|thread| {
            let (shared, barrier, times) = (Arc::clone(&shared), Arc::clone(&barrier), Arc::clone(&times));
            std::thread::spawn(move || generate(&shared, thread, &barrier, &times))
        })
        .collect();
    barrier.wait();
    let start = Instant::now();
    let begin = start + Duration::from_secs_f64(shared.spec.warm_up_seconds);
    let end = begin + Duration::from_secs_f64(shared.spec.seconds);
    let pace = shared.spec.rate.map(|rate| Pace::new(start, rate));
    times.set(Times { pace, begin, end }).map_err(|_| anyhow!("the times were known before"))?;
    barrier.wait();
    let (seconds, own_us) = watch(&shared, begin, end)?;
    let mut all = Tally::new()?;
    for worker in workers {
        let tally = worker.join().map_err(|_| anyhow!("a thread of the generator failed"))??;
        all.merge(&tally)?;
    }
    Ok(finish(&shared, &mut all, pace, (seconds, own_us)))
}

/// Opens and closes the window; this thread does nothing else, so that it is on time.
fn watch(shared: &Shared, begin: Instant, end: Instant) -> Result<(f64, f64)> {
    std::thread::sleep(begin.saturating_duration_since(Instant::now()));
    say("begin")?;
    let own = usage::process_us(std::process::id())?;
    let opened = Instant::now();
    shared.is_measuring.store(true, Ordering::SeqCst);
    std::thread::sleep(end.saturating_duration_since(Instant::now()));
    shared.is_measuring.store(false, Ordering::SeqCst);
    let seconds = opened.elapsed().as_secs_f64();
    shared.is_over.store(true, Ordering::SeqCst);
    let own = usage::process_us(std::process::id())? - own;
    say("end")?;
    Ok((seconds, own))
}

fn finish(shared: &Shared, all: &mut Tally, pace: Option<Pace>, (seconds, own_us): (f64, f64)) -> Report {
    let spec = &shared.spec;
    let due = pace.map(|pace| {
        pace.count_within(Duration::from_secs_f64(spec.warm_up_seconds), Duration::from_secs_f64(spec.seconds))
    });
    // What had no answer when patience ended waited at least that long; leaving it out would flatter the percentiles.
    let unfinished = due.map_or(0, |due| due.saturating_sub(all.recorded()));
    all.took_each(PATIENCE, unfinished);
    let numbers = shared.turns.load(Ordering::SeqCst);
    Report { seconds, own_us, unfinished, numbers, ..all.report() }
}

/// One thread: its share of the connections on a runtime of its own.
fn generate(
    shared: &Arc<Shared>,
    thread: usize,
    barrier: &Barrier,
    times: &std::sync::OnceLock<Times>,
) -> Result<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (threads, connections) = (shared.spec.threads.max(1), shared.spec.connections.max(1));
    let share = connections / threads + usize::from(thread < connections % threads);
    let opened = runtime.block_on(async {
        let mut opened = Vec::with_capacity(share);
        for _ in 0..share {
            opened.push(Connection::open(shared.spec.address).await.context("the server cannot be reached")?);
        }
        anyhow::Ok(opened)
    });
    // Both waits also when this thread has failed, or the others would wait for ever.
    barrier.wait();
    barrier.wait();
    let opened = opened?;
    let times = *times.get().context("the times are not known")?;
    let tally = Rc::new(RefCell::new(Tally::new()?));
    let local = LocalSet::new();
    let tasks: Vec<_> = opened
        .into_iter()
        .map(|connection| local.spawn_local(keep_asking(Arc::clone(shared), times, connection, Rc::clone(&tally))))
        .collect();
    let count = tasks.len();
    let finished = local.block_on(&runtime, async {
        let mut finished = 0;
        let all = async {
            for task in tasks {
                finished += usize::from(task.await.is_ok());
            }
        };
        let _ = tokio::time::timeout_at((times.end + PATIENCE).into(), all).await;
        finished
    });
    tally.borrow_mut().cut_off(u64::try_from(count - finished).unwrap_or_default());
    drop(local);
    let tally = Rc::try_unwrap(tally).map_err(|_| anyhow!("a connection still counts"))?;
    Ok(tally.into_inner())
}

/// One connection: one operation after the other until the end.
async fn keep_asking(shared: Arc<Shared>, times: Times, mut connection: Connection, tally: Rc<RefCell<Tally>>) {
    loop {
        if shared.is_over.load(Ordering::Relaxed) && times.pace.is_none() {
            return;
        }
        let turn = shared.turns.fetch_add(1, Ordering::Relaxed);
        let asked = match times.pace {
            None => Instant::now(),
            Some(pace) => {
                let due = pace.due(turn);
                if due >= times.end {
                    return;
                }
                if due > Instant::now() {
                    tokio::time::sleep_until(due.into()).await;
                }
                due
            }
        };
        let ended = shared.prepared.perform(&mut connection, turn, shared.spec.first + turn).await;
        let now = Instant::now();
        // An open loop measures what was due in the window, however late it was answered; a closed one what was answered in it.
        let is_measured = match times.pace {
            Some(_) => asked >= times.begin,
            None => shared.is_measuring.load(Ordering::Relaxed),
        };
        match ended {
            Ok(Turn::RanOut) => return tally.borrow_mut().ran_out(),
            Ok(Turn::Ended(outcome, status, bytes)) => {
                let mut tally = tally.borrow_mut();
                tally.answered(status, bytes, is_measured);
                tally.ended(outcome, is_measured);
                if is_measured && outcome != Outcome::Failed {
                    tally.took(now.duration_since(asked));
                }
            }
            Err(_) => {
                tally.borrow_mut().broke(is_measured);
                tokio::time::sleep(REOPEN_PAUSE).await;
                while connection.reopen().await.is_err() && !shared.is_over.load(Ordering::Relaxed) {
                    tokio::time::sleep(REOPEN_PAUSE).await;
                }
            }
        }
    }
}
