//! What an edit comes to, without a database.

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::event::lines::tests::facts;

fn event(state: EventState) -> Event {
    let mut facts = facts("2027-03-12T19:00", "2027-03-13T01:00", "Europe/Amsterdam");
    facts.status = state.status();
    facts.version = 7;
    let at: Timestamp = "2027-01-01T10:00Z".parse().unwrap();
    Event { facts, state, description: "Three nights.".to_owned(), created_at: at }
}
fn published() -> EventState {
    EventState::Published { at: "2027-01-01T10:00Z".parse().unwrap() }
}
fn patch(value: serde_json::Value) -> EventPatch {
    serde_json::from_value(value).unwrap()
}
fn wrong(refusal: EditRefusal) -> Vec<(String, String)> {
    refusal.fields().into_iter().map(|error| (error.field, error.code)).collect()
}

#[test]
fn the_version_that_was_read_is_needed() {
    let event = event(EventState::Draft);
    let changes = patch(json!({ "title": "Other" }));
    assert_eq!(decide(&event, None, &changes), Err(EditRefusal::VersionMissing));
    assert_eq!(decide(&event, Some(6), &changes), Err(EditRefusal::Stale { version: 7 }));
    assert_eq!(decide(&event, Some(7), &changes).unwrap().changed, ["title"]);
}

#[test]
fn null_clears_and_what_is_left_out_stays() {
    let event = event(EventState::Draft);
    let edited = decide(&event, Some(7), &patch(json!({ "city": null, "category": null }))).unwrap();
    assert_eq!(edited.fields.city, "");
    assert_eq!(edited.fields.category, Category::Other);
    assert_eq!(edited.fields.venue_name, "Pakhuis 14");
    assert_eq!(edited.changed, ["category", "city"]);
    assert!(decide(&event, Some(7), &patch(json!({}))).unwrap().changed.is_empty());
}

#[test]
fn a_new_zone_keeps_the_wall_time_and_moves_the_instant() {
    let event = event(published());
    let edited = decide(&event, Some(7), &patch(json!({ "zone": "Europe/London" }))).unwrap();
    assert_eq!(edited.fields.time.starts_local, event.facts.starts_local);
    assert_eq!(edited.fields.time.starts_at.to_string(), "2027-03-12T19:00:00Z");
    assert_eq!(edited.changed, ["zone"]);
}

#[test]
fn a_public_event_keeps_its_address_and_its_place() {
    let changes = patch(json!({ "slug": "other-name", "venue_name": null, "address": null }));
    let refused = decide(&event(published()), Some(7), &changes).unwrap_err();
    let expected = [("slug", "fixed_while_public"), ("venue_name", "needed_while_public")];
    assert_eq!(wrong(refused), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let draft = decide(&event(EventState::Draft), Some(7), &changes).unwrap();
    assert_eq!(draft.slug.as_str(), "other-name");
}

#[test]
fn a_cover_is_set_and_removed() {
    let event = event(EventState::Draft);
    let edited = decide(&event, Some(7), &patch(json!({ "cover_id": "med_01h455vb4pex5vsknk084sn02q" }))).unwrap();
    assert_eq!(edited.changed, ["cover_id"]);
    assert!(edited.cover.is_some());
    assert!(decide(&event, Some(7), &patch(json!({ "cover_id": null }))).unwrap().changed.is_empty());
}

#[test]
fn unknown_fields_are_refused() {
    for body in
        [json!({ "status": "published" }), json!({ "currency": "USD" }), json!({ "starts_at": "2027-03-12T19:00:00Z" })]
    {
        assert!(serde_json::from_value::<EventPatch>(body).is_err());
    }
}
