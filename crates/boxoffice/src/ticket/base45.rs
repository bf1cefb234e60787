//! Base45 (RFC 9285): bytes in the 45 characters of a QR code's alphanumeric mode.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// A text that is not base45: a foreign character, a cut length or a group above its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base45 text")]
pub struct NotBase45;

/// Writes two bytes as three characters, and a last single byte as two.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 2 * 3 + 2);
    let (pairs, rest) = bytes.as_chunks::<2>();
    for pair in pairs {
        push_digits(&mut text, u16::from_be_bytes(*pair), 3);
    }
    for &byte in rest {
        push_digits(&mut text, u16::from(byte), 2);
    }
    text
}

/// Reads what [`encode`] wrote. Each byte string has exactly one text, so a changed character never decodes to the
/// same bytes.
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase45> {
    let digits = text.bytes().map(digit).collect::<Result<Vec<u32>, NotBase45>>()?;
    let mut bytes = Vec::with_capacity(digits.len() / 3 * 2 + 1);
    let (triples, rest) = digits.as_chunks::<3>();
    for [low, middle, high] in triples {
        let value = u16::try_from(low + middle * 45 + high * 45 * 45).map_err(|_| NotBase45)?;
        bytes.extend(value.to_be_bytes());
    }
    match rest {
        [] => {}
        [low, high] => bytes.push(u8::try_from(low + high * 45).map_err(|_| NotBase45)?),
        _ => return Err(NotBase45),
    }
    Ok(bytes)
}

/// The least significant digit comes first (RFC 9285, section 4.1).
fn push_digits(text: &mut String, value: u16, count: u8) {
    let mut remaining = value;
    for _ in 0..count {
        let character = ALPHABET.get(usize::from(remaining % 45)).copied().unwrap_or(b'0');
        text.push(char::from(character));
        remaining /= 45;
    }
}

fn digit(character: u8) -> Result<u32, NotBase45> {
    let place = ALPHABET.iter().position(|&letter| letter == character).ok_or(NotBase45)?;
    u32::try_from(place).map_err(|_| NotBase45)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_vectors_of_rfc_9285_hold() {
        for (plain, coded) in
            [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0")]
        {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded), Ok(plain.as_bytes().to_vec()));
        }
    }

    #[test]
    fn the_empty_text_is_no_bytes() {
        assert_eq!(encode(&[]), "");
        assert_eq!(decode(""), Ok(Vec::new()));
    }

    #[test]
    fn groups_above_their_range_are_refused() {
        assert_eq!(decode("FGW"), Ok(vec![255, 255]), "65535 is the largest pair");
        assert_eq!(decode("GGW"), Err(NotBase45), "the RFC's example of 65536");
        assert_eq!(decode(":::"), Err(NotBase45));
        assert_eq!(decode("U5"), Ok(vec![255]));
        assert_eq!(decode("V5"), Err(NotBase45));
    }

    #[test]
    fn foreign_characters_and_cut_lengths_are_refused() {
        for text in ["b", "B", "BB8B", "bb8", "BB8\n", "BBé", "BB_", "BB8\0\0"] {
            assert_eq!(decode(text), Err(NotBase45), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_byte_string_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn a_text_that_decodes_is_the_only_one_for_its_bytes(text in "[0-9A-Z $%*+./:-]{0,40}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
