//! The fast checker against an exhaustive search, and against planted bugs.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod simulated;

use std::sync::atomic::{AtomicUsize, Ordering};

use histcheck::check;
use histcheck::history::{Answer, Operation};
use histcheck::search::{is_linearizable_blind, is_linearizable_numbered};
use proptest::prelude::*;
use simulated::{BUGS, Bug, Dice, Plan, Simulation};

/// Small histories a run; `AGREE_CASES` makes it more.
fn cases() -> u32 {
    std::env::var("AGREE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3_000)
}

fn plan(bug: Bug, dice: &mut Dice, is_loose: bool) -> Plan {
    // Where several pools bound an answer without a version the fast checker is lenient, so such answers get one pool.
    let pools = if is_loose { 1 } else { 1 + dice.below(3) };
    Plan {
        bug,
        pools,
        clients: u32::try_from(2 + dice.below(3)).unwrap(),
        calls: 4 + dice.below(10),
        capacity: i64::try_from(2 + dice.below(3)).unwrap(),
        is_loose,
    }
}

fn any_bug(dice: &mut Dice) -> Bug {
    let at = dice.below(BUGS.len() + 1);
    BUGS.get(at).copied().unwrap_or(Bug::None)
}

fn tell(simulation: &Simulation) -> String {
    let calls: Vec<String> = simulation.history.iter().map(ToString::to_string).collect();
    let lines: Vec<String> = simulation.journal.iter().map(|entry| format!("{entry:?}")).collect();
    format!("{}\n{}\n{:#?}", calls.join("\n"), lines.join("\n"), check(&simulation.history, &simulation.journal))
}

/// Changes one thing of what was seen.
fn scramble(history: &mut [Operation], dice: &mut Dice) {
    let at = dice.below(history.len());
    let shift = i64::try_from(dice.below(7)).unwrap() - 3;
    let call = &mut history[at];
    match (dice.below(3), &mut call.answer) {
        (0, Answer::Done { versions: Some(versions), .. }) if !versions.is_empty() => versions[0].1 += shift.signum(),
        (0, Answer::SoldOut { version: Some(version), .. }) => *version += shift.signum(),
        (0, Answer::Saw(sights)) => sights[0].version += shift.signum(),
        (1, Answer::Saw(sights)) => sights[0].available = sights[0].available.map(|left| left + 1),
        _ => {
            call.invoked = call.invoked.saturating_add_signed(shift);
            call.completed = call.completed.map(|completed| completed.saturating_add_signed(shift).max(call.invoked));
        }
    }
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_correct_box_office_is_never_accused(seed: u64, is_loose: bool) {
        let mut dice = Dice(seed);
        let mut plan = plan(Bug::None, &mut dice, false);
        (plan.is_loose, plan.calls) = (is_loose, 4 + dice.below(60));
        let simulation = Simulation::run(seed, plan);
        prop_assert!(check(&simulation.history, &simulation.journal).is_empty(), "{}", tell(&simulation));
    }

    #[test]
    fn both_checkers_agree(seed: u64, is_loose: bool) {
        let mut dice = Dice(seed);
        let plan = plan(any_bug(&mut dice), &mut dice, is_loose);
        let simulation = Simulation::run(seed, plan);
        agree(&simulation)?;
    }

    #[test]
    fn both_checkers_agree_on_scrambled_histories(seed: u64, is_loose: bool) {
        let mut dice = Dice(seed);
        let plan = plan(Bug::None, &mut dice, is_loose);
        let mut simulation = Simulation::run(seed, plan);
        for _ in 0..=dice.below(2) {
            scramble(&mut simulation.history, &mut dice);
        }
        agree(&simulation)?;
    }
}

static ACCEPTED: AtomicUsize = AtomicUsize::new(0);
static REJECTED: AtomicUsize = AtomicUsize::new(0);

fn agree(simulation: &Simulation) -> Result<(), TestCaseError> {
    let is_accepted = check(&simulation.history, &simulation.journal).is_empty();
    let numbered = is_linearizable_numbered(&simulation.history, &simulation.journal);
    if let Some(numbered) = numbered {
        prop_assert_eq!(is_accepted, numbered, "fast and numbered differ:\n{}", tell(simulation));
    }
    // Whoever sees no versions may find an order that the journal refutes, but never refute what the journal proves.
    if is_accepted {
        let blind = is_linearizable_blind(&simulation.history, &simulation.journal);
        prop_assert_ne!(blind, Some(false), "accepted, and no order exists:\n{}", tell(simulation));
    }
    let counter = if is_accepted { &ACCEPTED } else { &REJECTED };
    counter.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Runs of 60 calls until a planted bug shows, at most.
const RUNS_TO_CATCH_MAX: u64 = 12;
/// How often each bug is looked for.
const HUNTS: u64 = 60;

#[test]
fn every_planted_bug_is_caught_within_a_few_runs() {
    for bug in BUGS {
        let plan = Plan { bug, pools: 2, clients: 4, calls: 60, capacity: 6, is_loose: false };
        let mut slowest = 0;
        for hunt in 0..HUNTS {
            let is_caught = |run: &u64| {
                let simulation = Simulation::run(hunt * 1_000_003 + run, plan);
                !check(&simulation.history, &simulation.journal).is_empty()
            };
            let runs = (1..=RUNS_TO_CATCH_MAX).find(is_caught);
            slowest = slowest.max(runs.unwrap_or_else(|| panic!("{bug:?} was not caught in {RUNS_TO_CATCH_MAX} runs")));
        }
        println!("{bug:?}: caught within {slowest} runs of 60 calls, {HUNTS} times");
    }
}

/// A search that never refuses proves nothing: the blind one must find bugs that show without versions.
#[test]
fn the_blind_search_sees_what_shows_without_versions() {
    for bug in [Bug::Oversell, Bug::Stale, Bug::FalseSoldOut, Bug::LostRelease, Bug::HalfBundle] {
        let seen = (0..3_000_u64).find(|seed| {
            let plan = Plan { bug, pools: 2, clients: 3, calls: 14, capacity: 2, is_loose: false };
            let simulation = Simulation::run(*seed, plan);
            is_linearizable_blind(&simulation.history, &simulation.journal) == Some(false)
        });
        println!("{bug:?}: refuted without versions in run {}", seen.map_or(-1, |seed| i64::try_from(seed).unwrap()));
        assert!(seen.is_some(), "{bug:?} never showed without versions");
    }
}
