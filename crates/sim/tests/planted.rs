//! The checks checked: each bug that is planted in the code must be found by a simulation of no more than some operations.
//!
//! `cargo test --package sim --features mutants --test planted`. Bugs that only SQL or HTTP can show are planted elsewhere: see
//! `scripts/mutants.sh`.
#![cfg(feature = "mutants")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::panic::catch_unwind;
use std::sync::Mutex;

use boxoffice::mutant;
use sim::{Parameters, run};

/// How many operations a simulation may take to find one.
const OPERATIONS_MAX: u64 = 20_000_000;

/// Where the bug is, and what it is.
const PLANTED: &[(&str, &str)] = &[
    // pool/model.rs
    ("no_stock_guard", "the stock is not guarded"),
    ("version_not_raised", "a cancellation makes no version"),
    ("journal_line_missing", "a release is not in the pool's journal"),
    ("half_applied", "a change of several pools is not undone when one is short"),
    ("undo_forgets", "undoing takes the lines back and not the numbers"),
    ("convert_keeps_held", "converted places stay held"),
    // hold/model.rs
    ("expired_hold_lives", "a hold past its end can be ordered"),
    ("renewed_for_ever", "a hold can be renewed without end"),
    ("addon_alone", "an add-on is sold without a ticket"),
    ("closed_sale_sells", "a closed event sells"),
    ("stale_version_told", "sold out is told with an older version"),
    ("one_pool_only", "places of the first pool only are given back and converted"),
    // order/model.rs
    ("second_payment_kept", "a second payment is kept"),
    ("own_payment_given_back", "the payment that paid goes back when it is told again"),
    ("late_money_always_taken", "late money makes tickets without places"),
    ("cancelled_money_given_back", "money kept after a cancellation goes back when it is told again"),
    // lane/model
    ("batch_reversed", "the last of a batch is served first"),
    ("ended_hold_given_back", "places of an ended hold are given back again"),
    ("renewal_not_written", "a renewal is told and not written"),
    ("ordered_hold_released", "a hold whose order waits for its payment is let go"),
    ("expiry_forgets_order", "a hold expires and its order waits on"),
    ("person_limit_ignored", "the limit of a person is not checked"),
    ("person_limit_forgets_batch", "the limit of a person forgets the orders of the same batch"),
    ("person_limit_forgets_expiry", "the limit of a person counts what has just expired"),
    ("late_money_breaks_limit", "late money breaks the limit of a person"),
    ("placed_twice", "a hold becomes two orders"),
    ("free_hold_stays_live", "the hold of a free order lives on"),
    ("payment_time_not_kept", "an order's places are not kept for its payment"),
    ("ticket_missing", "the last ticket is not issued"),
    ("paid_not_told", "the journal does not tell that an order was paid"),
    ("too_late_keeps_money", "money for places that are gone is kept"),
    ("cancel_keeps_places", "the places of a cancelled order are not given back"),
    ("cancel_keeps_tickets", "the tickets of a cancelled order open the door"),
    ("cancel_forgets_refund", "a cancelled order's money is not given back"),
    ("order_version_kept", "an order changes and its version does not"),
    // lane/model/seats.rs
    ("seat_not_taken", "a seat is given and not taken"),
    ("seats_half_taken", "seats are not undone when another line fails"),
    ("seats_stay_held", "the seats of an ended hold stay held"),
    ("undone_version_told", "a refusal tells a version of the seats that is undone with it"),
    ("cancel_keeps_seats", "the seats of a cancelled order stay sold"),
    // seat/halls.rs
    ("stale_seats_kept", "a node believes the seats that it remembers"),
    // lane/queue.rs
    ("lane_forgotten", "a lane with commands left is not called again"),
    ("lane_runs_twice", "two batches of one event run in one node"),
    // lane/foretold.rs
    ("foretold_not_compared", "a batch that went ahead does not look whether it was right"),
    ("foretold_version_only", "a batch that went ahead looks at the version of the seats and not at the seats"),
    ("person_limit_forgets_ahead", "the limit of a person forgets the orders of the batch before"),
    // lane/rule.rs
    ("lost_answer_is_failure", "a commit without an answer is repeated without asking"),
    ("lost_answer_is_success", "a commit without an answer is taken for done"),
    ("halving_drops_one", "a command is lost while a poisoned one is looked for"),
    ("effect_not_marked", "a key's effect is not marked with it"),
    // the simulation's own shell, where the real one asks PostgreSQL
    ("reply_before_commit", "callers are answered before the commit"),
    ("witness_without_lock", "the witness is looked for while the lost transaction still runs"),
    ("lock_order_swapped", "every second batch locks pools first"),
    ("look_ignores_expired", "a look refuses while expired holds have places"),
];

/// How the simulation found a bug.
struct Finding {
    check: String,
    operations: u64,
}

fn find(name: &'static str) -> Option<Finding> {
    mutant::choose(Some(name));
    let report = catch_unwind(|| run(Parameters { seed: 7, operations: OPERATIONS_MAX, threads: 1 }));
    mutant::choose(None);
    match report {
        Ok(report) => report
            .failures
            .into_iter()
            .next()
            .map(|failure| Finding { check: failure.violation.check.to_owned(), operations: failure.operations }),
        Err(_) => Some(Finding { check: "the simulation stopped".to_owned(), operations: 0 }),
    }
}

#[test]
fn every_planted_bug_is_caught() {
    let left = Mutex::new(PLANTED.iter());
    let missed = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some((name, what)) = left.lock().unwrap().next() else { return };
            match find(name) {
                Some(Finding { check, operations }) => println!("{name:<28} {operations:>8}  {check:<44} {what}"),
                None => missed.lock().unwrap().push(*name),
            }
        }
    };
    println!("{:<28} {:>8}  {:<44} what is wrong", "planted bug", "found at", "found by");
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    assert_eq!(*missed.lock().unwrap(), Vec::<&str>::new(), "planted bugs that nobody found");
}
