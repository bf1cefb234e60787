//! Drives server nodes with many clients at once, then judges what they saw.

mod buyer;
mod desk;
mod dice;
pub mod figures;
pub mod nodes;
mod organiser;
pub mod venue;
pub mod workload;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::check;
use crate::history::{Answer, Operation};
use crate::journal::{Entry, Numbers};
use buyer::Buyer;
use desk::Desk;
use dice::Dice;
use figures::Figures;
use organiser::Steward;
use venue::{Organiser, Venue};
use workload::Workload;

/// How much longer than planned a run lasts at most, when it has not yet met what it needs to prove anything. Seconds.
const OVERTIME_SECONDS_MAX: u64 = 45;
/// Longest wait for calls whose client has gone. Seconds.
const SETTLE_SECONDS_MAX: u64 = 20;
/// The journal is at rest when it has not grown for so long. Milliseconds.
const REST_MILLISECONDS: u64 = 400;

/// The servers under test.
#[derive(Debug, Clone)]
pub struct Site {
    /// Origins of the nodes, all on one database.
    pub nodes: Vec<String>,
    /// The database as its superuser sees it.
    pub database: PgPool,
}

/// How to run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What the clients do.
    pub workload: Workload,
    /// How long they do it.
    pub duration: Duration,
    /// How many of them there are.
    pub clients: u32,
    /// Where their choices begin; the interleaving is the machine's.
    pub seed: u64,
}

/// Runs a workload in a venue made for it, and judges it.
pub async fn run(site: &Site, organiser: &Organiser, plan: Plan) -> Result<Figures> {
    let shape = plan.workload.shape(plan.duration);
    let venue = Venue::open(organiser, &shape).await?;
    let began = Instant::now();
    let history = record(site, organiser, &venue, plan).await?;
    let took = began.elapsed();
    let journal = at_rest(&site.database, &venue).await?;
    let began = Instant::now();
    let anomalies = check(&history, &journal);
    let checked = began.elapsed();
    let violations = testkit::violations(&site.database).await;
    Ok(Figures::of(plan.workload, &history, &journal, anomalies, violations, (took, checked)))
}

/// Tells the clients how long to go on.
struct Clock {
    planned_end: Instant,
    needs_unknown: bool,
    is_refused: AtomicBool,
    is_unknown: AtomicBool,
}

impl Clock {
    fn new(planned_end: Instant, workload: Workload) -> Self {
        let needs_unknown = workload == Workload::HangUps;
        Self { planned_end, needs_unknown, is_refused: AtomicBool::new(false), is_unknown: AtomicBool::new(false) }
    }

    /// Whether there is time left for another call, after those that a client has made. A slow machine gets overtime, so that a short run
    /// meets a refusal there too.
    fn goes_on(&self, made: &[Operation]) -> bool {
        match made.last().map(|call| &call.answer) {
            Some(Answer::SoldOut { .. }) => self.is_refused.store(true, Ordering::Relaxed),
            Some(Answer::Unknown) => self.is_unknown.store(true, Ordering::Relaxed),
            _ => {}
        }
        let is_lacking = !self.is_refused.load(Ordering::Relaxed)
            || (self.needs_unknown && !self.is_unknown.load(Ordering::Relaxed));
        let overtime = Duration::from_secs(if is_lacking { OVERTIME_SECONDS_MAX } else { 0 });
        Instant::now() < self.planned_end + overtime
    }
}

async fn record(site: &Site, organiser: &Organiser, venue: &Venue, plan: Plan) -> Result<Vec<Operation>> {
    let shape = plan.workload.shape(plan.duration);
    let origin = Instant::now();
    let clock = Arc::new(Clock::new(origin + plan.duration, plan.workload));
    let mut working: JoinSet<Result<Vec<Operation>>> = JoinSet::new();
    for client in 0..plan.clients {
        let desk = Desk::new(site, client, origin, plan.seed)?;
        let buyer = Buyer::new(desk, venue.stalls.clone(), shape);
        working.spawn(buyer.work(Arc::clone(&clock)));
    }
    let desk = Desk::new(site, plan.clients, origin, plan.seed)?;
    working.spawn(Steward::new(desk, organiser.clone(), venue.events.clone(), shape).work(clock));
    let mut history = Vec::new();
    while let Some(recorded) = working.join_next().await {
        history.extend(recorded.context("a client stopped")??);
    }
    Ok(history)
}

/// The journal of a venue's pools, once nothing is under way any more.
async fn at_rest(database: &PgPool, venue: &Venue) -> Result<Vec<Entry>> {
    let pools: Vec<uuid::Uuid> = venue.events.iter().flat_map(|event| &event.pools).map(|pool| pool.uuid()).collect();
    let mut lines = testkit::pool_journal(database, &pools).await;
    let give_up = Instant::now() + Duration::from_secs(SETTLE_SECONDS_MAX);
    while Instant::now() < give_up {
        tokio::time::sleep(Duration::from_millis(REST_MILLISECONDS)).await;
        let before = lines.len();
        lines = testkit::pool_journal(database, &pools).await;
        if lines.len() == before {
            break;
        }
    }
    lines.iter().map(entry).collect()
}

fn entry(line: &testkit::PoolJournalLine) -> Result<Entry> {
    Ok(Entry {
        pool: line.pool.into(),
        version: line.version,
        delta: Numbers { capacity: line.capacity.into(), held: line.held.into(), sold: line.sold.into() },
        cause: line.cause.parse()?,
        hold: line.hold.map(Into::into),
        order: line.order.map(Into::into),
    })
}
