use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use boxoffice::api::TicketCode;
use uuid::Uuid;

use super::*;

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn keys(seed: u8) -> Vec<PublicKey> {
    vec![PublicKey { number: 1, bytes: pair(seed).public_key().as_ref().to_vec() }]
}

fn event(number: u128) -> EventId {
    Uuid::from_u128(number).into()
}

fn signed(seed: u8, key_number: u16, event_number: u128, serial: u64) -> String {
    TicketCode { key_number, event_tag: EventTag::of(event(event_number)), serial }.sign(&pair(seed)).encode()
}

fn provenance(text: &str) -> Provenance {
    let Presented::Signed(code) = Presented::read(text) else { unreachable!("{text} is a signed code") };
    check(&code, &keys(1), event(1))
}

#[test]
fn texts_are_told_apart() {
    assert!(matches!(Presented::read(&signed(1, 1, 1, 42)), Presented::Signed(_)));
    assert!(matches!(Presented::read(&format!("{}\r\n", signed(1, 1, 1, 42))), Presented::Signed(_)));
    assert_eq!(Presented::read(&signed(1, 1, 1, 42)[..121]), Presented::Broken);
    assert_eq!(Presented::read("T1:"), Presented::Broken);
    assert_eq!(Presented::read("PK8DH2XQ-1"), Presented::Named);
    assert_eq!(Presented::read(" pk8dh2xq-12 "), Presented::Named);
    for other in ["", "PK8DH2XQ", "PK8DH2XQ-0", "https://example.org/"] {
        assert_eq!(Presented::read(other), Presented::Other, "{other}");
    }
}

#[test]
fn a_signature_is_checked_with_the_key_it_names() {
    assert_eq!(provenance(&signed(1, 1, 1, 42)), Provenance::ForThisEvent { serial: 42 });
    assert_eq!(provenance(&signed(1, 1, 2, 42)), Provenance::ForAnotherEvent { serial: 42 });
    // Made by somebody else, for here: with their key, or under a key that was never ours.
    assert_eq!(provenance(&signed(2, 1, 1, 42)), Provenance::Forged);
    assert_eq!(provenance(&signed(1, 2, 1, 42)), Provenance::Forged);
    // Made by somebody else, for their own event.
    assert_eq!(provenance(&signed(2, 1, 3, 42)), Provenance::Foreign);
}

#[test]
fn no_changed_character_is_accepted() {
    let good = signed(1, 1, 1, 42);
    for place in 3..good.len() {
        for letter in ['0', 'Z', '$', ':'] {
            let mut changed: Vec<char> = good.chars().collect();
            changed[place] = letter;
            let text: String = changed.into_iter().collect();
            let is_ours = match Presented::read(&text) {
                Presented::Signed(code) => matches!(
                    check(&code, &keys(1), event(1)),
                    Provenance::ForThisEvent { .. } | Provenance::ForAnotherEvent { .. }
                ),
                Presented::Broken | Presented::Named | Presented::Other => false,
            };
            assert!(!is_ours || text == good, "{text}");
        }
    }
}
