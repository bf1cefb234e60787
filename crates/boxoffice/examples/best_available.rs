//! How long best available takes in a hall of 50,000 seats, from empty to full. No check: it only tells.
//!
//! `cargo run --release -p boxoffice --example best_available`
#![expect(clippy::print_stdout, clippy::expect_used, reason = "an example that tells what it measured")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use boxoffice::seat::best::{Fallback, Seating, Wish};
use boxoffice::seat::hall::Hall;
use boxoffice::seat::map::SeatMap;
use boxoffice::seat::model::SeatCause;
use catalog::api::{Layout, LayoutDocument};
use kernel::HoldId;
use serde_json::{Value, json};

const SECTIONS: i32 = 20;
const ROWS_A_SECTION: i32 = 50;
const SEATS_A_ROW: i32 = 50;

fn hall() -> Hall {
    let row = |section: i32, row: i32| {
        let seats: Vec<Value> = (0..SEATS_A_ROW)
            .map(|seat| json!({"label": (seat + 1).to_string(), "x": section * 300 + seat * 5, "y": row * 9}))
            .collect();
        json!({"label": row.to_string(), "category": if row < 10 { "A" } else { "B" }, "seats": seats})
    };
    let section = |at: i32| {
        let rows: Vec<Value> = (0..ROWS_A_SECTION).map(|number| row(at, number)).collect();
        json!({"key": format!("S{at}"), "name": format!("Section {at}"), "rows": rows})
    };
    let sections: Vec<Value> = (0..SECTIONS).map(section).collect();
    let document = json!({"name": "Hall", "best": {"x": 3000, "y": 0}, "sections": sections,
        "categories": [{"key": "A", "name": "A"}, {"key": "B", "name": "B"}]});
    let document: LayoutDocument = serde_json::from_value(document).expect("a document");
    Hall::of(&Layout::parse(&document).expect("a layout"))
}

fn main() {
    let began = Instant::now();
    let hall = Arc::new(hall());
    println!("{} seats, read in {:?}", hall.len(), began.elapsed());
    for fallback in [Fallback::Refuse, Fallback::LeaveSingle, Fallback::Split] {
        sell_out(&hall, fallback);
    }
}

/// Parties of one to eight come until nobody can be seated; every tenth party leaves again.
fn sell_out(hall: &Arc<Hall>, fallback: Fallback) {
    let mut map = SeatMap::new(Arc::clone(hall));
    let hold = HoldId::from(uuid::Uuid::from_u128(1));
    let mut times: Vec<Duration> = Vec::new();
    let (mut seatings, mut refused_in_a_row) = ([0_u32; 3], 0);
    let mut party = 0_u64;
    while refused_in_a_row < 200 {
        party += 1;
        let draw = party.wrapping_mul(6_364_136_223_846_793_005) >> 33;
        let quantity = usize::try_from(draw % 8).expect("a small number") + 1;
        let category = usize::try_from(draw / 8 % 2).expect("a small number");
        let wish = Wish { category, quantity, accessible: 0, fallback };
        let began = Instant::now();
        let pick = map.best_available(&wish);
        let change = pick.as_ref().map(|pick| map.hold(&pick.seats, hold).expect("picked seats are free"));
        times.push(began.elapsed());
        match (pick.map(|pick| pick.seating), change) {
            (Some(seating), Some(change)) => {
                let at = match seating {
                    Seating::Together | Seating::Accessible => 0,
                    Seating::LeavingSingle => 1,
                    Seating::Split => 2,
                };
                *seatings.get_mut(at).expect("three ways") += 1;
                refused_in_a_row = 0;
                if party.is_multiple_of(10) {
                    map.release(&change.seats, hold, SeatCause::Released).expect("held seats are released");
                }
            }
            _ => refused_in_a_row += 1,
        }
    }
    let total: Duration = times.iter().sum();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 1000).or(times.last()).copied().unwrap_or_default();
    let calls = u32::try_from(times.len()).unwrap_or(u32::MAX);
    println!(
        "{fallback:?}: {calls} calls, mean {:?}, median {:?}, p99 {:?}, p99.9 {:?}, most {:?}; together {}, leaving one {}, split {}; {} seats left",
        total / calls,
        at(500),
        at(990),
        at(999),
        at(1000),
        seatings[0],
        seatings[1],
        seatings[2],
        map.counts(0).free + map.counts(1).free,
    );
}
