//! Whatever is done to a map: no seat twice, the counts add up, versions replay, the index knows what a recount would find.

use catalog::api::{Layout, LayoutDocument};
use kernel::{HoldId, OrderId};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::seat::best::{Fallback, Seating};
use crate::seat::hall::Stretch;
use crate::seat::history::SeatHistory;

/// What a seat of a generated row is: `.` an ordinary seat, `|` with an aisle behind it, `b` of the other category, `w` a place for a
/// wheelchair, `c` its companion.
fn row(label: &str, plan: &str, y: i32) -> Value {
    let mut wheelchair = None;
    let seats: Vec<Value> = plan
        .chars()
        .enumerate()
        .map(|(at, kind)| {
            let id = format!("{label}{}", at + 1);
            if kind == 'w' {
                wheelchair = Some(id.clone());
            }
            let mut seat = json!({"id": id, "label": (at + 1).to_string(), "x": at * 5, "y": y,
                "category": if kind == 'b' { "B" } else { "A" }, "accessible": kind == 'w', "aisle_after": kind == '|'});
            if let Some(of) = wheelchair.as_ref().filter(|_| kind == 'c') {
                seat["companion_of"] = json!(of);
            }
            seat
        })
        .collect();
    json!({"label": label, "seats": seats})
}

fn hall(rows: &[&str], tables: &[usize]) -> Arc<Hall> {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let rows: Vec<Value> = rows
        .iter()
        .zip(names)
        .enumerate()
        .map(|(at, (plan, name))| row(name, plan, i32::try_from(at).unwrap() * 9))
        .collect();
    let tables: Vec<Value> = tables
        .iter()
        .enumerate()
        .map(|(at, seats)| {
            let seats: Vec<Value> = (0..*seats)
                .map(|seat| json!({"id": format!("t{at}-{seat}"), "label": seat.to_string(), "x": at * 40 + seat, "y": 90}))
                .collect();
            json!({"label": format!("t{at}"), "x": at * 40, "y": 90, "category": "A", "seats": seats})
        })
        .collect();
    let document = json!({"name": "Hall", "categories": [{"key": "A", "name": "A"}, {"key": "B", "name": "B"}],
        "sections": [{"key": "S", "name": "Stalls", "rows": rows, "tables": tables}]});
    let document: LayoutDocument = serde_json::from_value(document).unwrap();
    Arc::new(Hall::of(&Layout::parse(&document).unwrap()))
}

fn hold_id() -> HoldId {
    HoldId::from(Uuid::from_u128(1))
}

fn order_id() -> OrderId {
    OrderId::from(Uuid::from_u128(2))
}

fn wish(quantity: usize, fallback: Fallback) -> Wish {
    Wish { category: 0, quantity, accessible: 0, fallback }
}

fn ids(map: &SeatMap, seats: &[SeatIndex]) -> Vec<String> {
    seats.iter().map(|seat| map.hall().seat(*seat).unwrap().id.to_string()).collect()
}

/// A map where the named seats are taken.
fn taken(hall: &Arc<Hall>, seats: &[&str]) -> SeatMap {
    let mut map = SeatMap::new(Arc::clone(hall));
    let seats: Vec<SeatIndex> = seats.iter().map(|id| hall.find(id).unwrap()).collect();
    if !seats.is_empty() {
        map.hold(&seats, hold_id()).unwrap();
    }
    map
}

fn best(map: &mut SeatMap, wish: &Wish) -> Option<(Vec<String>, Seating)> {
    let pick = map.best_available(wish)?;
    Some((ids(map, &pick.seats), pick.seating))
}

#[test]
fn a_party_sits_in_the_middle_of_the_first_row() {
    let mut map = taken(&hall(&[".......", "......."], &[]), &[]);
    let expect = |seats: &[&str], seating| Some((seats.iter().map(|seat| (*seat).to_owned()).collect(), seating));
    assert_eq!(best(&mut map, &wish(3, Fallback::Refuse)), expect(&["a3", "a4", "a5"], Seating::Together));
    assert_eq!(best(&mut map, &wish(1, Fallback::Refuse)), expect(&["a4"], Seating::Together));
}

#[test]
fn no_single_seat_is_left_unless_it_must_be() {
    let hall = hall(&["......"], &[]);
    let mut map = taken(&hall, &["a1"]);
    let (seats, seating) = best(&mut map, &wish(4, Fallback::LeaveSingle)).unwrap();
    assert_eq!((seats.len(), seating), (4, Seating::LeavingSingle), "five seats for four leave one");
    assert_eq!(best(&mut map, &wish(4, Fallback::Refuse)), None);
    assert_eq!(
        best(&mut map, &wish(3, Fallback::Refuse)).unwrap().0,
        ["a2", "a3", "a4"],
        "two are left, not one and one"
    );
    assert_eq!(best(&mut map, &wish(6, Fallback::Split)), None);
}

#[test]
fn a_party_is_split_over_two_rows_with_nobody_alone() {
    let hall = hall(&["...", "...", "..."], &[]);
    let mut map = taken(&hall, &["b1"]);
    let (seats, seating) = best(&mut map, &wish(5, Fallback::Split)).unwrap();
    assert_eq!(
        (seats, seating),
        (vec!["a1".into(), "a2".into(), "a3".into(), "b2".into(), "b3".into()], Seating::Split)
    );
    assert_eq!(best(&mut map, &wish(5, Fallback::LeaveSingle)), None);
    assert_eq!(best(&mut map, &wish(4, Fallback::Split)).unwrap().0, ["a1", "a2", "b2", "b3"]);
}

#[test]
fn aisles_categories_and_wheelchairs_part_a_row() {
    let hall = hall(&["..|..", "..b..", "..wc."], &[]);
    let mut map = SeatMap::new(hall);
    assert_eq!(best(&mut map, &wish(4, Fallback::LeaveSingle)), None);
    assert_eq!(best(&mut map, &wish(2, Fallback::Refuse)).unwrap().0, ["a4", "a5"]);
    let of_b = Wish { category: 1, ..wish(1, Fallback::Refuse) };
    assert_eq!(best(&mut map, &of_b).unwrap().0, ["b3"]);
}

#[test]
fn accessible_seats_are_given_on_request_with_their_companions() {
    let hall = hall(&["wc.wcc"], &[]);
    let mut map = SeatMap::new(hall);
    let ask = |quantity, accessible| Wish { category: 0, quantity, accessible, fallback: Fallback::Split };
    let expected = (vec!["a4".to_owned(), "a5".to_owned()], Seating::Accessible);
    assert_eq!(best(&mut map, &ask(2, 1)).unwrap(), expected);
    assert_eq!(best(&mut map, &ask(3, 1)).unwrap().0, ["a4", "a5", "a6"]);
    assert_eq!(best(&mut map, &ask(4, 2)).unwrap().0, ["a1", "a2", "a4", "a5"]);
    assert_eq!(best(&mut map, &ask(4, 1)), None, "companions only");
    assert_eq!(best(&mut map, &wish(2, Fallback::Split)), None, "one ordinary seat is left for those who did not ask");
}

#[test]
fn a_table_is_taken_round() {
    let hall = hall(&[], &[6]);
    let mut map = taken(&hall, &["t0-2"]);
    assert_eq!(best(&mut map, &wish(4, Fallback::Refuse)), None, "one of five would be left");
    assert_eq!(best(&mut map, &wish(5, Fallback::Refuse)).unwrap().0.len(), 5);
    assert_eq!(best(&mut map, &wish(3, Fallback::Refuse)).unwrap().1, Seating::Together);
}

#[test]
fn a_refused_change_names_the_seats_and_leaves_no_trace() {
    let mut map = taken(&hall(&["...."], &[]), &["a2", "a3"]);
    let before = map.packed().clone();
    let seats = [0, 1, 2].map(SeatIndex);
    assert_eq!(map.hold(&seats, hold_id()), Err(SeatRefusal::Gone { seats: vec![SeatIndex(1), SeatIndex(2)] }));
    assert_eq!(map.hold(&[SeatIndex(0), SeatIndex(0)], hold_id()), Err(SeatRefusal::Repeated { seat: SeatIndex(0) }));
    assert_eq!(map.block(&[SeatIndex(9)]), Err(SeatRefusal::Unknown { seat: SeatIndex(9) }));
    assert_eq!((map.packed(), map.version()), (&before, 1));
    assert_eq!(map.hall().label(SeatIndex(3)).unwrap(), "Stalls, row a, seat 4");
}

/// What the rule says, told seat by seat: the cost and the lowest seat of the best block of any stretch.
fn recount(map: &SeatMap, quantity: usize, is_strict: bool) -> Option<(i64, SeatIndex)> {
    let hall = map.hall();
    let is_free = |seat: &SeatIndex| map.status(*seat) == Some(SeatStatus::Free);
    let mut best = None;
    for at in &hall.categories()[0].stretches {
        let stretch = hall.stretch(*at).unwrap();
        let places: Vec<SeatIndex> = if stretch.is_table {
            stretch.seats.iter().copied().filter(is_free).collect()
        } else {
            stretch.seats.to_vec()
        };
        let round: Vec<SeatIndex> = if stretch.is_table { places.repeat(2) } else { places.clone() };
        for block in round.windows(quantity).take(if stretch.is_table { places.len() } else { usize::MAX }) {
            let is_good = block.iter().all(is_free)
                && places.len() >= quantity
                && !(is_strict && leaves_single(map, stretch, block));
            if is_good {
                let cost: i64 = block.iter().map(|seat| hall.seat(*seat).unwrap().cost).sum();
                let key = (cost, *block.iter().min().unwrap());
                best = Some(best.map_or(key, |best: (i64, SeatIndex)| best.min(key)));
            }
        }
    }
    best
}

/// Whether a seat that had a free neighbour loses the last one; at a table, whether one free seat is left.
fn leaves_single(map: &SeatMap, stretch: &Stretch, block: &[SeatIndex]) -> bool {
    let free_after = |at: usize| {
        stretch.seats.get(at).is_some_and(|seat| map.status(*seat) == Some(SeatStatus::Free) && !block.contains(seat))
    };
    if stretch.is_table {
        return (0..stretch.seats.len()).filter(|at| free_after(*at)).count() == 1;
    }
    let is_single = |at: usize| free_after(at) && !(at > 0 && free_after(at - 1)) && !free_after(at + 1);
    let touches = |at: usize| {
        let has = |at: usize| stretch.seats.get(at).is_some_and(|seat| block.contains(seat));
        (at > 0 && has(at - 1)) || has(at + 1)
    };
    (0..stretch.seats.len()).any(|at| is_single(at) && touches(at))
}

fn check_counts(map: &SeatMap) {
    for (at, category) in map.hall().categories().iter().enumerate() {
        let mut recount = SeatCounts::default();
        for (seat, status) in map.hall().seats().iter().zip(map.packed().iter()) {
            if seat.category == at {
                *recount.of(status) += 1;
            }
        }
        let counts = map.counts(at);
        assert_eq!(counts, recount);
        let sum = counts.free + counts.held + counts.sold + counts.blocked;
        assert_eq!(usize::try_from(sum).unwrap(), category.seats);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Best(usize, u8),
    Change(u8, Vec<u32>),
    Undo,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..7_usize, 0..3_u8).prop_map(|(quantity, fallback)| Step::Best(quantity, fallback)),
        4 => (0..7_u8, proptest::collection::vec(0..40_u32, 1..4)).prop_map(|(kind, seats)| Step::Change(kind, seats)),
        1 => Just(Step::Undo),
    ];
    proptest::collection::vec(step, 1..60)
}

fn plans() -> impl Strategy<Value = (Vec<String>, Vec<usize>)> {
    (
        proptest::collection::vec("[.]{2,5}[.|b]{0,3}(w?c{0,2})[.]{0,4}", 0..5),
        proptest::collection::vec(2..7_usize, 0..3),
    )
        .prop_filter("somewhere to sit", |(rows, tables)| !rows.is_empty() || !tables.is_empty())
}

/// Does one step; answers the change it made. A pick in strict mode is checked against the rule.
fn step(map: &mut SeatMap, step: &Step) -> Option<SeatChange> {
    match step {
        Step::Undo => None,
        Step::Best(quantity, fallback) => {
            let fallback = [Fallback::Refuse, Fallback::LeaveSingle, Fallback::Split][usize::from(*fallback)];
            let strict = recount(map, *quantity, true);
            let relaxed = recount(map, *quantity, false);
            let pick = map.best_available(&wish(*quantity, fallback));
            let key = pick.as_ref().map(|pick| {
                let cost: i64 = pick.seats.iter().map(|seat| map.hall().seat(*seat).unwrap().cost).sum();
                (cost, *pick.seats.iter().min().unwrap())
            });
            match pick.as_ref().map(|pick| pick.seating) {
                Some(Seating::Together) => assert_eq!(key, strict, "the index is what a recount finds"),
                Some(Seating::LeavingSingle) => {
                    assert!(strict.is_none() && key == relaxed && fallback != Fallback::Refuse)
                }
                Some(Seating::Split) => assert!(relaxed.is_none() && fallback == Fallback::Split),
                Some(Seating::Accessible) => panic!("nobody asked"),
                None => assert!(strict.is_none() && (relaxed.is_none() || fallback == Fallback::Refuse)),
            }
            let pick = pick?;
            assert_eq!(pick.seats.len(), *quantity);
            Some(map.hold(&pick.seats, hold_id()).unwrap())
        }
        Step::Change(kind, seats) => {
            let seats: Vec<SeatIndex> = seats.iter().copied().map(SeatIndex).collect();
            let before = (map.packed().clone(), map.version());
            let change = match kind {
                0 => map.hold(&seats, hold_id()),
                1 => map.release(&seats, hold_id(), SeatCause::Expired),
                2 => map.convert(&seats, hold_id(), order_id()),
                3 => map.retake(&seats, order_id()),
                4 => map.cancel(&seats, order_id()),
                5 => map.block(&seats),
                _ => map.unblock(&seats),
            };
            if change.is_err() {
                assert_eq!(before, (map.packed().clone(), map.version()), "a refused change leaves no trace");
            }
            change.ok()
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_map_keeps_its_promises((rows, tables) in plans(), steps in steps()) {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let hall = hall(&rows, &tables);
        let mut map = SeatMap::new(Arc::clone(&hall));
        let (mut changes, mut versions): (Vec<SeatChange>, Vec<Packed>) = (Vec::new(), vec![map.packed().clone()]);
        for one in &steps {
            if matches!(one, Step::Undo) {
                if let Some(change) = changes.pop() {
                    map.undo(&change).unwrap();
                    versions.pop();
                    prop_assert_eq!(map.packed(), versions.last().unwrap());
                }
            } else if let Some(change) = step(&mut map, one) {
                prop_assert_eq!(change.version, i64::try_from(versions.len()).unwrap());
                versions.push(map.packed().clone());
                changes.push(change);
            }
            check_counts(&map);
            let again = SeatMap::at(Arc::clone(&hall), map.version(), Packed::parse(map.packed().bytes(), hall.len()).unwrap()).unwrap();
            prop_assert_eq!((&again.counts, &again.statuses), (&map.counts, &map.statuses));
        }
        // From any version, the changes lead to the newest; and so does what a history says of it.
        let mut history = SeatHistory::from(0, usize::MAX);
        for change in &changes {
            history.push(change.delta()).unwrap();
        }
        for (version, packed) in versions.iter().enumerate() {
            let version = i64::try_from(version).unwrap();
            let mut copy = SeatMap::at(Arc::clone(&hall), version, packed.clone()).unwrap();
            for change in changes.iter().filter(|change| change.version > version) {
                copy.apply(change).unwrap();
            }
            prop_assert_eq!((copy.packed(), copy.version()), (map.packed(), map.version()));
            let (copied, mut packed) = (packed.clone(), packed.clone());
            for (seat, status) in history.since(version).unwrap() {
                packed.set(seat, status);
            }
            prop_assert_eq!(&packed, map.packed());
            // A remembered map becomes what is stored, and knows the best seats as if it had never been elsewhere.
            let mut remembered = map.clone();
            step(&mut remembered, &Step::Best(2, 0));
            remembered.catch_up(version, &copied).unwrap();
            prop_assert_eq!((remembered.packed(), remembered.version()), (&copied, version));
            check_counts(&remembered);
            step(&mut remembered, &Step::Best(2, 0));
        }
        prop_assert_eq!(history.since(map.version() + 1), None);
    }

    #[test]
    fn a_short_history_tells_what_it_forgot(sizes in proptest::collection::vec(1..5_usize, 1..30), most in 1..20_usize) {
        let mut history = SeatHistory::from(7, most);
        for (at, size) in sizes.iter().enumerate() {
            let seats = (0..*size).map(|seat| (SeatIndex::of(seat), SeatStatus::Held)).collect();
            history.push(Delta { version: 8 + i64::try_from(at).unwrap(), seats }).unwrap();
        }
        prop_assert_eq!(history.since(history.version()), Some(Vec::new()));
        let remembered = sizes.iter().rev().scan(0, |sum, size| { *sum += size; Some(*sum) }).take_while(|sum| *sum <= most).count();
        let oldest = history.version() - i64::try_from(remembered).unwrap();
        prop_assert!(history.since(oldest).is_some());
        prop_assert_eq!(history.since(oldest - 1), None);
    }
}
