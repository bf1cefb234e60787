use kernel::{EventId, TicketTypeId};

use super::*;

fn event(number: u128) -> EventId {
    Uuid::from_u128(number).into()
}

fn kind(number: u128) -> TicketTypeId {
    Uuid::from_u128(number).into()
}

fn ticket(event_number: u128, state: TicketState, is_paid: bool, kind_number: u128) -> TicketFacts {
    TicketFacts {
        id: Uuid::from_u128(9).into(),
        event: event(event_number),
        ticket_type: kind(kind_number),
        type_name: "Standing".to_owned(),
        code: "PK8DH2XQ-1".to_owned(),
        order_code: "PK8DH2XQ".to_owned(),
        is_paid,
        serial: 1,
        state,
        holder_name: "Ada".to_owned(),
    }
}

fn list(types: &[u128]) -> CheckInList {
    CheckInList {
        organisation: Uuid::nil().into(),
        id: Uuid::nil().into(),
        event: event(1),
        name: "Everyone".to_owned(),
        ticket_types: types.iter().map(|number| kind(*number)).collect(),
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        admitted: 0,
    }
}

/// Every combination of what a verdict depends on, against the rule told in another way.
#[test]
fn the_verdict_table_is_complete() {
    let first = Nonce::from(Uuid::from_u128(77));
    let mut seen = 0;
    for event_number in [1, 2] {
        for state in [TicketState::Valid, TicketState::Cancelled, TicketState::Transferred] {
            for is_paid in [true, false] {
                for types in [&[][..], &[5], &[6], &[5, 6]] {
                    for already in [None, Some(first)] {
                        let verdict = decide(&ticket(event_number, state, is_paid, 5), &list(types), already);
                        let is_here = event_number == 1;
                        let is_valid = state == TicketState::Valid;
                        let is_wanted = types != [6];
                        let expected = match (is_here, is_valid, is_paid, is_wanted, already) {
                            (false, _, _, _, _) => Verdict::Refused(ScanResult::WrongEvent),
                            (true, false, _, _, _) => Verdict::Refused(ScanResult::Cancelled),
                            (true, true, false, _, _) => Verdict::Refused(ScanResult::NotPaid),
                            (true, true, true, false, _) => Verdict::Refused(ScanResult::WrongList),
                            (true, true, true, true, Some(first)) => Verdict::AlreadyIn(first),
                            (true, true, true, true, None) => Verdict::Admitted,
                        };
                        assert_eq!(verdict, expected, "{event_number} {state:?} {is_paid} {types:?} {already:?}");
                        seen += 1;
                    }
                }
            }
        }
    }
    assert_eq!(seen, 96);
}

#[test]
fn only_a_valid_paid_ticket_of_this_event_and_list_comes_in_and_once() {
    assert_eq!(decide(&ticket(1, TicketState::Valid, true, 5), &list(&[5]), None).result(), ScanResult::Admitted);
    let again = decide(&ticket(1, TicketState::Valid, true, 5), &list(&[5]), Some(Nonce::from(Uuid::from_u128(3))));
    assert_eq!((again.result(), again.about()), (ScanResult::AlreadyIn, Some(Nonce::from(Uuid::from_u128(3)))));
}

#[test]
fn words_are_read_back_and_are_those_of_the_api() {
    for result in ScanResult::ALL {
        assert_eq!(result.as_str().parse(), Ok(result));
        assert_eq!(serde_json::to_value(result).unwrap(), result.as_str());
    }
    assert_eq!("in".parse::<ScanResult>(), Err(UnknownWord));
}

#[test]
fn a_device_has_ten_minutes_to_think_again() {
    let admitted_at: Timestamp = "2027-03-12T19:00:00Z".parse().unwrap();
    assert_eq!(undo_until(admitted_at).to_string(), "2027-03-12T19:10:00Z");
    assert_eq!(undo_until(Timestamp::MAX), Timestamp::MAX);
}
