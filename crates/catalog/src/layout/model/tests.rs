//! Documents are read, refused and written again.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn small() -> Value {
    json!({
        "name": "Studio",
        "best": {"x": 50, "y": 0},
        "categories": [{"key": "A", "name": "Stalls"}, {"key": "P", "name": "Pit"}],
        "sections": [{
            "key": "L", "name": "Left",
            "rows": [{"label": "C", "category": "A", "seats": [
                {"label": "1", "x": 0, "y": 10},
                {"label": "2", "x": 5, "y": 10, "accessible": true, "aisle_after": true},
                {"label": "3", "x": 10, "y": 10, "companion_of": "L-C-2", "category": "P"},
            ]}],
            "tables": [{"label": "T 1", "x": 30, "y": 30, "category": "A", "seats": [{"id": "kept", "label": "1", "x": 28, "y": 30}]}],
            "standing": [{"key": "PIT", "name": "Front", "category": "P", "capacity": 200, "outline": [{"x": 0, "y": 0}, {"x": 9, "y": 0}, {"x": 9, "y": 9}]}],
        }],
    })
}

fn read(value: &Value) -> Result<Layout, Vec<(String, String)>> {
    let document: LayoutDocument = serde_json::from_value(value.clone()).unwrap();
    Layout::parse(&document).map_err(|wrong| wrong.0.into_iter().map(|error| (error.field, error.code)).collect())
}

#[test]
fn a_document_is_read_and_written_again_with_every_id() {
    let layout = read(&small()).unwrap();
    let ids: Vec<&str> = layout.seats().map(|seat| seat.id.as_str()).collect();
    assert_eq!(ids, ["L-C-1", "L-C-2", "L-C-3", "kept"]);
    assert_eq!((layout.seat_count(), layout.standing_places()), (4, 200));
    let again = serde_json::to_value(layout.to_document()).unwrap();
    assert_eq!(read(&again), Ok(layout));
    assert_eq!(
        again["sections"][0]["rows"][0]["seats"][2],
        json!({"id": "L-C-3", "label": "3", "x": 10, "y": 10, "category": "P", "companion_of": "L-C-2"})
    );
}

#[test]
fn complaints_name_the_place_in_the_json() {
    let cases: [(&str, Value, &str, &str); 14] = [
        ("/name", json!(" x"), "name", "length"),
        ("/best/x", json!(100_001), "best.x", "out_of_range"),
        ("/categories/1/key", json!("A"), "categories.1.key", "repeated"),
        ("/sections/0/key", json!("PIT"), "sections.0.standing.0.key", "repeated"),
        ("/sections/0/rows/0/label", json!("T 1"), "sections.0.tables.0.label", "repeated"),
        ("/sections/0/rows/0/category", json!("Z"), "sections.0.rows.0.category", "unknown"),
        ("/sections/0/rows/0/seats/1/label", json!("1"), "sections.0.rows.0.seats.1.label", "repeated"),
        ("/sections/0/rows/0/seats/0/id", json!("kept"), "sections.0.tables.0.seats.0.id", "repeated"),
        ("/sections/0/rows/0/seats/0/id", json!("a b"), "sections.0.rows.0.seats.0.id", "not_a_key"),
        ("/sections/0/rows/0/seats/0/y", json!(-100_001), "sections.0.rows.0.seats.0.y", "out_of_range"),
        (
            "/sections/0/rows/0/seats/2/companion_of",
            json!("L-C-1"),
            "sections.0.rows.0.seats.2.companion_of",
            "unknown",
        ),
        ("/sections/0/rows/0/seats", json!([]), "sections.0.rows.0.seats", "empty"),
        ("/sections/0/standing/0/capacity", json!(0), "sections.0.standing.0.capacity", "out_of_range"),
        ("/sections", json!([]), "sections", "empty"),
    ];
    for (pointer, value, field, code) in cases {
        let mut document = small();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[name] = value;
        let wrong = read(&document).unwrap_err();
        assert!(wrong.contains(&(field.to_owned(), code.to_owned())), "{pointer}: {wrong:?}");
    }
}

#[test]
fn what_is_too_large_is_not_read() {
    let mut document = small();
    let seats: Vec<Value> = (0..SEATS_A_ROW_MAX).map(|at| json!({"label": at.to_string(), "x": 0, "y": 0})).collect();
    let rows: Vec<Value> =
        (0..201).map(|at| json!({"label": at.to_string(), "category": "A", "seats": seats})).collect();
    document["sections"][0]["rows"] = json!(rows);
    assert_eq!(read(&document), Err(vec![("sections".to_owned(), "too_many".to_owned())]));
    document["sections"][0]["rows"] = json!(rows[..199]);
    assert_eq!(read(&document).unwrap().seat_count(), 199 * SEATS_A_ROW_MAX + 1);
}

#[test]
fn a_broken_document_is_not_answered_with_a_book() {
    let mut document = small();
    let seats: Vec<Value> = (0..400).map(|_| json!({"label": "1", "x": 0, "y": 0})).collect();
    document["sections"][0]["rows"][0]["seats"] = json!(seats);
    assert_eq!(read(&document).unwrap_err().len(), COMPLAINTS_MAX);
}

proptest! {
    #[test]
    fn every_layout_survives_its_export(
        rows in proptest::collection::vec(proptest::collection::vec((0..2_usize, any::<bool>(), any::<bool>(), -500..500_i32), 1..12), 1..8),
        tables in 0..3_usize,
        best in proptest::option::of((-10..10_i32, -10..10_i32)),
    ) {
        let rows: Vec<Value> = rows.iter().enumerate().map(|(y, seats)| {
            let seats: Vec<Value> = seats.iter().enumerate().map(|(at, (kind, accessible, aisle, x))| {
                json!({"label": (at + 1).to_string(), "x": x, "y": y, "category": if *kind == 0 { "A" } else { "P" }, "accessible": accessible, "aisle_after": aisle})
            }).collect();
            json!({"label": format!("r{y}"), "seats": seats})
        }).collect();
        let tables: Vec<Value> = (0..tables).map(|at| json!({"label": format!("t{at}"), "x": 1, "y": 2, "category": "P", "seats": [{"label": "1", "x": 0, "y": 0}]})).collect();
        let mut document = small();
        document["sections"][0]["rows"] = json!(rows);
        document["sections"][0]["tables"] = json!(tables);
        document["best"] = json!(best.map(|(x, y)| json!({"x": x, "y": y})));
        let layout = read(&document).unwrap();
        let again = serde_json::to_value(layout.to_document()).unwrap();
        prop_assert_eq!(read(&again).unwrap(), layout);
    }
}
