//! The hall of the demo's recital: stalls in two blocks, a balcony, two places for wheelchairs.

use serde_json::{Value, json};

/// Rows and seats a row of the stalls.
const STALLS: (i32, i32) = (10, 22);
/// The same of the balcony.
const BALCONY: (i32, i32) = (4, 26);
/// Decimetres from a seat to the next, and from a row to the next.
const SEAT: i32 = 5;
const ROW: i32 = 9;
/// The width of the aisle, in seats.
const AISLE: i32 = 2;
/// How far the ends of a row come forward: so many seats from the middle squared, over this.
const BEND: i32 = 14;

/// How many seats the stalls and the balcony have.
pub const SEATS: (i32, i32) = (STALLS.0 * STALLS.1, BALCONY.0 * BALCONY.1);

/// The document of the layout.
pub fn document() -> Value {
    let rows = |key: &str, (rows, seats): (i32, i32), from: i32| -> Vec<Value> {
        (0..rows).map(|number| row(key, number + 1, seats, from + number * ROW)).collect()
    };
    json!({
        "name": "Small hall",
        "best": {"x": 0, "y": 0},
        "categories": [{"key": "stalls", "name": "Stalls"}, {"key": "balcony", "name": "Balcony"}],
        "sections": [
            {"key": "stalls", "name": "Stalls", "rows": rows("stalls", STALLS, 20)},
            {"key": "balcony", "name": "Balcony", "rows": rows("balcony", BALCONY, 20 + (STALLS.0 + 2) * ROW)},
        ],
    })
}

fn row(category: &str, number: i32, seats: i32, y: i32) -> Value {
    let seat = |place: i32| {
        let half = seats / 2;
        // From the middle, with the aisle left free.
        let off = if place < half { place - half - AISLE / 2 } else { place - half + AISLE / 2 };
        let name = |place: i32| format!("{category}-{number}-{}", place + 1);
        // The last row of the stalls ends with places for wheelchairs, each with a companion beside it.
        let is_last = category == "stalls" && number == STALLS.0;
        let companion_of = match place {
            1 if is_last => Some(name(0)),
            place if is_last && place == seats - 2 => Some(name(seats - 1)),
            _ => None,
        };
        let is_accessible = is_last && (place == 0 || place == seats - 1);
        let mut seat = json!({
            "id": name(place), "label": (place + 1).to_string(), "x": off * SEAT, "y": y - off * off / BEND,
            "aisle_after": place + 1 == half, "accessible": is_accessible,
        });
        if let (Some(companion_of), Some(fields)) = (companion_of, seat.as_object_mut()) {
            fields.insert("companion_of".to_owned(), json!(companion_of));
        }
        seat
    };
    json!({"label": number.to_string(), "category": category, "seats": (0..seats).map(seat).collect::<Vec<_>>()})
}
