//! The handle by which a running proxy is told what to do, and says what it did.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

use crate::faults::{End, Faults};
use crate::random::Draw;

/// A function of a connection's number, from 0, and its own stream of chance. The same number gets the same stream each time it is asked.
pub type Script = dyn Fn(u64, &mut Draw) -> Faults + Send + Sync;

/// What a proxy does to which connection.
#[derive(Clone)]
pub enum Plan {
    /// The same to all.
    Same(Faults),
    /// To each what a script says.
    Each(Arc<Script>),
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(faults) => f.debug_tuple("Same").field(faults).finish(),
            Self::Each(_) => f.write_str("Each"),
        }
    }
}

/// Tells a proxy what to do. Copies of it lead to the same proxy.
#[derive(Debug, Clone)]
pub struct Control(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    seed: u64,
    plan: watch::Sender<Plan>,
    /// Told whenever all open connections are to end.
    cut: watch::Sender<End>,
    tally: Tally,
}

/// What a proxy has done so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) connections: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) black_holed: AtomicU64,
    pub(crate) delayed: AtomicU64,
    pub(crate) cut: AtomicU64,
    pub(crate) swallowed: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) commits_cut: AtomicU64,
    pub(crate) commits_swallowed: AtomicU64,
    pub(crate) commits_hung: AtomicU64,
}

/// What a proxy had done at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Connections that were taken, refused ones included.
    pub connections: u64,
    /// Connections that were reset at once.
    pub refused: u64,
    /// Times that something waited in the black hole.
    pub black_holed: u64,
    /// Pieces that were delayed.
    pub delayed: u64,
    /// Connections that were cut after so many bytes, or all at once.
    pub cut: u64,
    /// Answers of any peer that were kept back.
    pub swallowed: u64,
    /// COMMITs that were seen on their way to PostgreSQL.
    pub commits: u64,
    /// Those that never reached it.
    pub commits_cut: u64,
    /// Those that it executed and nobody was told of.
    pub commits_swallowed: u64,
    /// Those that were held back.
    pub commits_hung: u64,
}

impl Control {
    pub(crate) fn new(seed: u64) -> Self {
        let plan = watch::Sender::new(Plan::Same(Faults::default()));
        Self(Arc::new(Shared { seed, plan, cut: watch::Sender::new(End::Reset), tally: Tally::default() }))
    }

    /// Does this to all connections, open ones included, from now on.
    pub fn set(&self, faults: Faults) {
        self.follow(Plan::Same(faults));
    }

    /// Follows a plan from now on, with open connections too.
    pub fn follow(&self, plan: Plan) {
        self.0.plan.send_replace(plan);
    }

    /// Does no harm any more. What is cut stays cut.
    pub fn heal(&self) {
        self.set(Faults::default());
    }

    /// Ends all open connections.
    pub fn cut_all(&self, end: End) {
        self.0.cut.send_replace(end);
    }

    /// What was done so far.
    pub fn counters(&self) -> Counters {
        let tally = &self.0.tally;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            connections: read(&tally.connections),
            refused: read(&tally.refused),
            black_holed: read(&tally.black_holed),
            delayed: read(&tally.delayed),
            cut: read(&tally.cut),
            swallowed: read(&tally.swallowed),
            commits: read(&tally.commits),
            commits_cut: read(&tally.commits_cut),
            commits_swallowed: read(&tally.commits_swallowed),
            commits_hung: read(&tally.commits_hung),
        }
    }

    pub(crate) fn count(&self, counter: impl FnOnce(&Tally) -> &AtomicU64) -> u64 {
        counter(&self.0.tally).fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn view_of(&self, connection: u64) -> View {
        View { control: self.clone(), connection, plan: self.0.plan.subscribe() }
    }

    pub(crate) fn cuts(&self) -> watch::Receiver<End> {
        self.0.cut.subscribe()
    }

    /// The chance of one direction of a connection; 2 is for what is not of a direction.
    pub(crate) fn draw(&self, connection: u64, part: u64) -> Draw {
        Draw::new(self.0.seed, connection.wrapping_mul(3).wrapping_add(part))
    }
}

/// The plan as one connection sees it.
#[derive(Clone)]
pub(crate) struct View {
    control: Control,
    connection: u64,
    plan: watch::Receiver<Plan>,
}

impl View {
    pub(crate) fn faults(&self) -> Faults {
        match &*self.plan.borrow() {
            Plan::Same(faults) => faults.clone(),
            Plan::Each(choose) => choose(self.connection, &mut self.control.draw(self.connection, 2)),
        }
    }

    /// Returns once nothing is held back.
    pub(crate) async fn leave_black_hole(&mut self) {
        if self.faults().black_hole {
            self.control.count(|tally| &tally.black_holed);
        }
        self.wait_until(|faults| !faults.black_hole).await;
    }

    /// Returns once the faults are as wanted.
    pub(crate) async fn wait_until(&mut self, is_so: impl Fn(&Faults) -> bool) {
        // The sender lives as long as the control in this value.
        while !is_so(&self.faults()) && self.plan.changed().await.is_ok() {}
    }
}
