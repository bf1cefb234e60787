//! `turnout-sim`: simulates the box office until so many operations were done, and says what it saw.
#![expect(clippy::print_stdout, reason = "a program that prints its findings")]

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use sim::{Parameters, Report, run, shrink};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Simulate the box office with faults and check its promises
#[derive(Debug, Parser)]
#[command(name = "turnout-sim")]
struct Options {
    /// How many operations to simulate
    #[arg(long, default_value_t = 1_000_000)]
    operations: u64,
    /// The seed that everything follows from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads simulate worlds
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let parameters = Parameters { seed: options.seed, operations: options.operations, threads: options.threads.max(1) };
    let started = Instant::now();
    let report = run(parameters);
    print(parameters, &report, started.elapsed().as_millis().max(1));
    if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(parameters: Parameters, report: &Report, milliseconds: u128) {
    for (sentence, count) in report.seen.counts() {
        println!("{count:>12}  {sentence}");
    }
    let missing = report.seen.missing();
    for sentence in &missing {
        println!("NEVER: {sentence}");
    }
    for failure in &report.failures {
        let violation = &failure.violation;
        println!("BROKEN after {} operations: {}: {}", failure.operations, violation.check, violation.text);
        println!("the world of seed {} made small:", failure.seed);
        if let Some(small) = shrink(failure.seed) {
            println!("steps {:?}", small.steps);
            small.log.iter().for_each(|line| println!("  {line}"));
        }
    }
    let reached = report.seen.counts().count() - missing.len();
    let tally = report.tally;
    let rate = u128::from(tally.operations) * 1_000 / milliseconds;
    println!(
        "seed {}: {} operations in {} worlds, {} commits, {} faults, {reached} of {} situations reached, {} violations; {rate} operations a second",
        parameters.seed,
        tally.operations,
        report.worlds,
        tally.commits,
        tally.faults,
        reached + missing.len(),
        report.failures.len(),
    );
}
