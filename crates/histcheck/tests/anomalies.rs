//! Small histories written by hand, each guilty of one thing, and what the checker says of them.
#![expect(clippy::indexing_slicing, reason = "tests")]

use std::time::{Duration, Instant};

use histcheck::history::{Answer, Call, Draw, Operation, Sight};
use histcheck::journal::{Cause, Entry, Numbers};
use histcheck::{Anomaly, check};
use kernel::{HoldId, OrderId, PoolId};
use uuid::Uuid;

fn pool(number: u128) -> PoolId {
    PoolId::from(Uuid::from_u128(number))
}

fn hold(number: u128) -> HoldId {
    HoldId::from(Uuid::from_u128(number))
}

fn opened(number: u128, capacity: i64) -> Entry {
    let delta = Numbers { capacity, held: 0, sold: 0 };
    Entry { pool: pool(number), version: 1, delta, cause: Cause::Opened, hold: None, order: None }
}

fn held(number: u128, version: i64, by: u128) -> Entry {
    let delta = Numbers { capacity: 0, held: 1, sold: 0 };
    Entry { pool: pool(number), version, delta, cause: Cause::Held, hold: Some(hold(by)), order: None }
}

fn ended(number: u128, version: i64, by: u128, cause: Cause) -> Entry {
    let sold = i64::from(cause == Cause::Converted);
    Entry { delta: Numbers { capacity: 0, held: -1, sold }, cause, ..held(number, version, by) }
}

fn sold(number: u128, version: i64, order: u128) -> Entry {
    let order = Some(OrderId::from(Uuid::from_u128(order)));
    let delta = Numbers { capacity: 0, held: 0, sold: 1 };
    Entry { pool: pool(number), version, delta, cause: Cause::Sold, hold: None, order }
}

fn draws(pools: &[u128]) -> Vec<Draw> {
    pools.iter().map(|number| Draw { pool: pool(*number), quantity: 1 }).collect()
}

fn at(invoked: u64, completed: u64, call: Call, answer: Answer) -> Operation {
    Operation { client: 0, node: 0, invoked, completed: Some(completed), call, answer }
}

fn took(invoked: u64, completed: u64, pools: &[(u128, i64)], by: u128) -> Operation {
    let versions = Some(pools.iter().map(|(number, version)| (pool(*number), *version)).collect());
    let pools: Vec<u128> = pools.iter().map(|(number, _)| *number).collect();
    at(invoked, completed, Call::Hold(draws(&pools)), Answer::Done { hold: Some(hold(by)), versions })
}

fn looked(invoked: u64, completed: u64, pools: &[(u128, i64)]) -> Operation {
    let sight = |(number, version): &(u128, i64)| Sight {
        pool: pool(*number),
        version: *version,
        available: None,
        stock: None,
    };
    at(invoked, completed, Call::Look, Answer::Saw(pools.iter().map(sight).collect()))
}

fn refused(invoked: u64, completed: u64, number: u128, version: Option<i64>, available: i32) -> Operation {
    let answer = Answer::SoldOut { pool: pool(number), version, available };
    at(invoked, completed, Call::Hold(draws(&[number])), answer)
}

fn only(history: &[Operation], journal: &[Entry]) -> Anomaly {
    let anomalies = check(history, journal);
    assert_eq!(anomalies.len(), 1, "{anomalies:#?}");
    anomalies[0].clone()
}

#[test]
fn a_gap_in_the_versions_is_found() {
    let anomaly = only(&[], &[opened(1, 5), held(1, 3, 1)]);
    assert_eq!(anomaly, Anomaly::Gap { pool: pool(1), expected: 2, found: 3 });
}

#[test]
fn more_places_than_there_are_is_found() {
    let journal = [opened(1, 1), held(1, 2, 1), held(1, 3, 2)];
    let anomaly = only(&[took(0, 5, &[(1, 2)], 1), took(0, 5, &[(1, 3)], 2)], &journal);
    assert!(matches!(anomaly, Anomaly::Impossible { version: 3, .. }), "{anomaly}");
}

#[test]
fn a_hold_that_ends_twice_is_found() {
    let journal =
        [opened(1, 5), held(1, 2, 1), held(1, 3, 2), ended(1, 4, 1, Cause::Expired), ended(1, 5, 1, Cause::Converted)];
    let confirm = Call::Confirm { hold: hold(1), draws: draws(&[1]) };
    let done = Answer::Done { hold: None, versions: Some(vec![(pool(1), 5)]) };
    let history = [took(0, 5, &[(1, 2)], 1), took(0, 5, &[(1, 3)], 2), at(6, 9, confirm, done)];
    let anomaly = only(&history, &journal);
    assert!(matches!(&anomaly, Anomaly::StrangeEnd { hold: strange, .. } if *strange == hold(1)), "{anomaly}");
}

#[test]
fn an_acknowledged_hold_that_is_not_there_is_found() {
    let anomaly = only(&[took(0, 5, &[(1, 2)], 1)], &[opened(1, 5)]);
    assert!(matches!(anomaly, Anomaly::Lost { .. }), "{anomaly}");
}

#[test]
fn an_answer_about_somebody_elses_change_is_found() {
    let journal = [opened(1, 5), held(1, 2, 1), held(1, 3, 2)];
    let anomalies = check(&[took(0, 5, &[(1, 3)], 1), took(0, 5, &[(1, 3)], 2)], &journal);
    assert!(matches!(anomalies[0], Anomaly::Differs { .. }), "{anomalies:#?}");
}

#[test]
fn one_hold_of_two_owners_is_found() {
    let anomaly = only(&[took(0, 5, &[(1, 2)], 1), took(0, 6, &[(1, 2)], 1)], &[opened(1, 5), held(1, 2, 1)]);
    assert!(matches!(anomaly, Anomaly::Twice { .. }), "{anomaly}");
}

#[test]
fn a_change_that_nobody_asked_for_is_found() {
    assert!(matches!(only(&[], &[opened(1, 5), held(1, 2, 1)]), Anomaly::Phantom { .. }));
    // One unknown call explains one change, and not a second.
    let unknown = Operation { completed: None, ..at(0, 0, Call::Buy(draws(&[1])), Answer::Unknown) };
    let journal = [opened(1, 5), sold(1, 2, 1)];
    assert_eq!(check(std::slice::from_ref(&unknown), &journal), Vec::new());
    let journal = [opened(1, 5), sold(1, 2, 1), sold(1, 3, 2)];
    assert!(matches!(only(&[unknown], &journal), Anomaly::Phantom { .. }));
}

#[test]
fn an_unknown_call_that_began_too_late_explains_nothing() {
    let unknown = Operation { completed: None, ..at(50, 50, Call::Buy(draws(&[1])), Answer::Unknown) };
    let journal = [opened(1, 5), sold(1, 2, 1), held(1, 3, 1)];
    let anomaly = only(&[took(0, 10, &[(1, 3)], 1), unknown], &journal);
    assert!(matches!(anomaly, Anomaly::Phantom { .. }), "{anomaly}");
}

#[test]
fn a_look_at_the_past_is_found_and_both_calls_are_told() {
    let anomaly =
        only(&[took(1_000, 5_000, &[(1, 2)], 1), looked(7_000, 9_000, &[(1, 1)])], &[opened(1, 5), held(1, 2, 1)]);
    assert!(matches!(anomaly, Anomaly::Order { .. }), "{anomaly}");
    let text = anomaly.to_string();
    assert!(
        text.contains("[1 us .. 5 us] hold 1 of pol_") && text.contains("[7 us .. 9 us] look -> saw pol_"),
        "{text}"
    );
}

#[test]
fn sold_out_while_there_were_places_is_found() {
    let history = [refused(0, 5, 1, Some(1), 0)];
    assert!(matches!(only(&history, &[opened(1, 1)]), Anomaly::Untrue { version: 1, .. }));
    assert!(matches!(only(&[refused(0, 5, 1, None, 0)], &[opened(1, 1)]), Anomaly::NeverTrue { from: 0, to: 1, .. }));
    // Places that were all taken for a moment, but not while it was asked.
    let journal = [opened(1, 1), held(1, 2, 1), ended(1, 3, 1, Cause::Released)];
    let release = Call::Release { hold: hold(1), draws: draws(&[1]) };
    let released = at(6, 9, release, Answer::Done { hold: None, versions: Some(vec![(pool(1), 3)]) });
    let history = [took(0, 5, &[(1, 2)], 1), released, refused(10, 12, 1, None, 0)];
    assert!(matches!(only(&history, &journal), Anomaly::NeverTrue { from: 3, to: 3, .. }));
}

#[test]
fn a_release_that_did_nothing_is_found() {
    let release = Call::Release { hold: hold(1), draws: draws(&[1]) };
    let done = Answer::Done { hold: None, versions: None };
    let anomaly = only(&[took(0, 5, &[(1, 2)], 1), at(6, 9, release, done)], &[opened(1, 5), held(1, 2, 1)]);
    assert!(matches!(anomaly, Anomaly::Lost { .. }), "{anomaly}");
}

#[test]
fn a_bundle_seen_half_done_is_a_circle() {
    let journal = [opened(1, 5), opened(2, 5), held(1, 2, 1), held(2, 2, 1)];
    let history = [took(0, 9, &[(1, 2), (2, 2)], 1), looked(1, 8, &[(1, 2), (2, 1)])];
    let anomaly = only(&history, &journal);
    let Anomaly::Cycle { steps } = &anomaly else { panic!("{anomaly}") };
    assert_eq!(steps.len(), 2, "{anomaly}");
    assert_eq!(check(&[history[0].clone(), looked(1, 8, &[(1, 2), (2, 2)])], &journal), Vec::new());
}

#[test]
fn two_bundles_in_opposite_orders_are_a_circle() {
    let journal = [opened(1, 5), opened(2, 5), held(1, 2, 1), held(1, 3, 2), held(2, 2, 2), held(2, 3, 1)];
    let history = [took(0, 9, &[(1, 2), (2, 3)], 1), took(1, 8, &[(1, 3), (2, 2)], 2)];
    assert!(matches!(only(&history, &journal), Anomaly::Cycle { .. }));
}

#[test]
fn a_circle_through_real_time_and_two_pools_is_found() {
    // The second look began after the first was over, and each pool alone is in order.
    let journal = [opened(1, 5), opened(2, 5), held(1, 2, 1), held(2, 2, 1)];
    let history = [took(0, 99, &[(1, 2), (2, 2)], 1), looked(10, 20, &[(1, 2)]), looked(30, 40, &[(2, 1)])];
    let anomaly = only(&history, &journal);
    let Anomaly::Cycle { steps } = &anomaly else { panic!("{anomaly}") };
    assert_eq!(steps.len(), 3, "{anomaly}");
}

#[test]
fn a_hundred_thousand_calls_are_checked_in_seconds() {
    const CALLS: u64 = 100_000;
    let mut journal = vec![opened(1, 1_000_000)];
    let mut history = Vec::new();
    for number in 0..CALLS {
        let version = i64::try_from(number).unwrap() + 2;
        journal.push(sold(1, version, u128::from(number)));
        let done = Answer::Done { hold: None, versions: Some(vec![(pool(1), version)]) };
        history.push(at(number * 10, number * 10 + 155, Call::Buy(draws(&[1])), done));
    }
    let began = Instant::now();
    assert_eq!(check(&history, &journal), Vec::new());
    let took = began.elapsed();
    println!("{CALLS} calls with 16 at a time checked in {} ms", took.as_millis());
    assert!(took < Duration::from_secs(20), "{took:?}");
}
