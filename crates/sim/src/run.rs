//! Many worlds, in some threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::check::Violation;
use crate::dice::Dice;
use crate::situation::Seen;
use crate::world::{Tally, World};

/// How many steps a world has.
pub const STEPS_A_WORLD: u64 = 3_000;

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Parameters {
    /// The first world's seed comes from it, and every other's.
    pub seed: u64,
    /// Worlds are made until so many operations were done.
    pub operations: u64,
    /// So many threads make worlds.
    pub threads: usize,
}

/// A world that broke a promise.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// What broke.
    pub violation: Violation,
    /// How many operations all worlds had done by then.
    pub operations: u64,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many worlds there were.
    pub worlds: u64,
    /// How much was done.
    pub tally: Tally,
    /// What occurred.
    pub seen: Seen,
    /// What broke; the run ends with the first.
    pub failures: Vec<Failure>,
}

impl Report {
    /// Whether no promise was broken and every situation occurred.
    pub fn is_good(&self) -> bool {
        self.failures.is_empty() && self.seen.missing().is_empty()
    }
}

/// Runs worlds until enough was done or a promise is broken.
pub fn run(parameters: Parameters) -> Report {
    let report = Mutex::new(Report::default());
    let next = AtomicU64::new(0);
    let is_over = AtomicBool::new(false);
    let work = || {
        while !is_over.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let seed = Dice::of(parameters.seed, at).draw();
            let world = play(seed, 0..STEPS_A_WORLD, false);
            let mut report = report.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            report.add(seed, world);
            if report.tally.operations >= parameters.operations || !report.failures.is_empty() {
                is_over.store(true, Ordering::Relaxed);
            }
        }
    };
    if parameters.threads <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..parameters.threads {
                scope.spawn(work);
            }
        });
    }
    report.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Report {
    fn add(&mut self, seed: u64, world: World) {
        self.worlds += 1;
        self.tally.operations += world.tally.operations;
        self.tally.faults += world.tally.faults;
        self.tally.commits += world.tally.commits;
        self.seen.add(&world.seen);
        let operations = self.tally.operations;
        self.failures.extend(world.violation.map(|violation| Failure { seed, violation, operations }));
    }
}

/// Plays some steps of a seed's script in its world, to the end.
pub fn play(seed: u64, steps: impl IntoIterator<Item = u64>, is_logging: bool) -> World {
    let mut world = World::new(seed, is_logging);
    for step in steps {
        if world.violation.is_some() {
            return world;
        }
        world.step(Dice::of(seed, step));
    }
    world.finish();
    world
}
