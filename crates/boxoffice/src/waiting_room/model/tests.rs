use super::*;
use uuid::Uuid;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn room() -> Room {
    Room {
        organisation: OrganisationId::from(Uuid::from_u128(1)),
        event: EventId::from(Uuid::from_u128(2)),
        state: RoomState::Open,
        settings: Settings {
            opens_at: at("2026-12-01T10:00:00Z"),
            requires_account: false,
            orders_per_person: 1,
            admission_seconds: 600,
            limits: Limits { shoppers_min: 100, shoppers_max: 5000 },
        },
        drawn: Some(Drawn { at: at("2026-12-01T10:00:00Z"), count: 3, seed: [1; 32], roll_hash: [2; 32] }),
        seed_hash: [3; 32],
        next_number: 4,
        epoch: 1,
        revision: 1,
        ticked_at: Some(at("2026-12-01T10:05:00Z")),
        attentive_since: Some(at("2026-12-01T10:00:00Z")),
        fence: 1,
        totals: Totals::default(),
        measured: Measured {
            places_left: 100,
            places_held: 20,
            places_a_head_milli: 1500,
            rate: Some(Rate { low_milli: 1000, high_milli: 2000 }),
            ..Measured::default()
        },
        version: 1,
    }
}

#[test]
fn absence_is_only_counted_while_somebody_watches() {
    let room = room();
    let soon = at("2026-12-01T10:05:10Z");
    assert_eq!(room.attentive_since(soon), at("2026-12-01T10:00:00Z"));
    assert_eq!(room.absent_before(soon), Some(at("2026-12-01T10:04:10Z")));
    // The server was away for a minute: everyone gets a new one.
    let later = at("2026-12-01T10:06:00Z");
    assert_eq!(room.attentive_since(later), later);
    let woken = Room { attentive_since: Some(later), ..room };
    assert_eq!(woken.absent_before(at("2026-12-01T10:06:59Z")), None);
    assert_eq!(woken.absent_before(at("2026-12-01T10:07:00Z")), Some(later));
}

#[test]
fn the_outlook_is_honest() {
    let room = room();
    let near = outlook(&room, Some(10));
    assert_eq!(near.estimate, Some(Estimate { from_seconds: 0, to_seconds: Some(60) }));
    assert!(!near.may_run_out);
    // 80 people take 120 places as people have bought so far.
    assert!(outlook(&room, Some(80)).may_run_out);
    for state in [RoomState::Paused, RoomState::Stopped] {
        assert_eq!(outlook(&Room { state, ..room.clone() }, Some(10)).estimate, None);
    }
    let before = Room { state: RoomState::Armed, drawn: None, ..room };
    assert_eq!(outlook(&before, None), Outlook { ahead: None, estimate: None, may_run_out: false });
}

#[test]
fn sold_out_means_that_nothing_can_come_back() {
    let with = |places_left, places_held| {
        let room = room();
        Room { measured: Measured { places_left, places_held, ..room.measured }, ..room }.is_sold_out()
    };
    assert_eq!([with(0, 0), with(0, 1), with(1, 0)], [true, false, false]);
}
