//! The simulation in short: some hundred worlds, every situation reached, no promise broken, and the same seed is the same world.

use sim::{Parameters, run, shrink};

/// What `make test` simulates; `turnout-sim` does more.
const OPERATIONS: u64 = 1_000_000;

#[test]
fn a_million_operations_break_no_promise_and_reach_every_situation() {
    let operations = std::env::var("SIM_OPERATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(OPERATIONS);
    let seed = std::env::var("SIM_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let report = run(Parameters { seed, operations, threads: 1 });
    let tally = report.tally;
    println!("seed {seed}: {} operations, {} faults in {} worlds", tally.operations, tally.faults, report.worlds);
    if let Some(failure) = report.failures.first() {
        let small = shrink(failure.seed).unwrap();
        panic!("{:?}\nsteps {:?}\n{}", failure.violation, small.steps, small.log.join("\n"));
    }
    assert_eq!(report.seen.missing(), Vec::<&str>::new(), "situations that never occurred");
    assert!(report.seen.counts().count() >= 60 && tally.faults * 100 > tally.operations, "{tally:?}");
}

#[test]
fn a_seed_is_a_world() {
    let count = || {
        let report = run(Parameters { seed: 5, operations: 30_000, threads: 1 });
        (report.tally.operations, report.tally.faults, report.seen.counts().collect::<Vec<_>>())
    };
    assert_eq!(count(), count());
}
