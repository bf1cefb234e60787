//! The signed ticket code: what the QR code says, checkable at the door without a network.
//!
//! 79 bytes, `payload || signature`, in base45 behind `T1:` are 122 characters, exactly the alphanumeric capacity of a
//! version 5 QR code at error correction level M. The payload is version (1 byte), key number (u16), event tag (u32),
//! serial (u64), all big-endian; the signature is Ed25519 over [`DOMAIN`] and the payload. It carries no name and no
//! address, so a photographed ticket tells nothing about its holder.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use kernel::id::EventId;

use super::base45;

/// What every code starts with; a scanner can tell a ticket from any other QR code by it.
pub const PREFIX: &str = "T1:";
/// The length of every code.
pub const CODE_CHARACTERS: usize = 122;
/// Signed before the payload, so that a signature made for anything else is never a ticket.
const DOMAIN: &[u8] = b"turnout-ticket-v1";
const VERSION: u8 = 1;
const PAYLOAD_BYTES: usize = 15;
const SIGNATURE_BYTES: usize = 64;

/// The first four bytes of SHA-256 over the event's UUID: tells a ticket for tonight from one for another evening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventTag(u32);

impl EventTag {
    /// The tag of an event.
    pub fn of(event: EventId) -> Self {
        let hash = digest(&SHA256, event.uuid().as_bytes());
        Self(hash.as_ref().first_chunk().copied().map_or(0, u32::from_be_bytes))
    }

    /// The tag as it stands in the payload, for clients that check codes themselves.
    pub fn value(self) -> u32 {
        self.0
    }
}

/// What a ticket's QR code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TicketCode {
    /// Which of the installation's ticket keys signed.
    pub key_number: u16,
    /// Which event it is for.
    pub event_tag: EventTag,
    /// Which ticket it is.
    pub serial: u64,
}

/// Something scanned that is not a ticket of ours at all: another QR code, a cut text, a later version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is not a Turnout ticket.")]
pub struct NotATicket;

/// A ticket code whose signature is not by the key it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This ticket is forged.")]
pub struct Forged;

/// A code with its signature. One that came from [`SignedCode::decode`] proves nothing until [`SignedCode::verify`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedCode {
    code: TicketCode,
    signature: [u8; SIGNATURE_BYTES],
}

impl TicketCode {
    /// Signs with the installation's key of this code's `key_number`.
    pub fn sign(self, key: &Ed25519KeyPair) -> SignedCode {
        let made = key.sign(&self.signed_bytes());
        let mut signature = [0; SIGNATURE_BYTES];
        for (place, byte) in signature.iter_mut().zip(made.as_ref()) {
            *place = *byte;
        }
        SignedCode { code: self, signature }
    }

    fn payload(self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(PAYLOAD_BYTES);
        payload.push(VERSION);
        payload.extend(self.key_number.to_be_bytes());
        payload.extend(self.event_tag.0.to_be_bytes());
        payload.extend(self.serial.to_be_bytes());
        payload
    }

    fn signed_bytes(self) -> Vec<u8> {
        [DOMAIN, &self.payload()].concat()
    }
}

impl SignedCode {
    /// The text for the QR code: [`CODE_CHARACTERS`] characters. It may contain and end with spaces.
    pub fn encode(&self) -> String {
        let bytes = [self.code.payload().as_slice(), &self.signature].concat();
        format!("{PREFIX}{}", base45::encode(&bytes))
    }

    /// Reads a scanned text. Line ends, which hand-held scanners append, are ignored; a trailing space is part of
    /// the code.
    pub fn decode(text: &str) -> Result<Self, NotATicket> {
        let text = text.trim_end_matches(['\r', '\n', '\t']);
        // The length first: nothing long is decoded, whatever a client sends.
        if text.len() != CODE_CHARACTERS {
            return Err(NotATicket);
        }
        let bytes = base45::decode(text.strip_prefix(PREFIX).ok_or(NotATicket)?).map_err(|_| NotATicket)?;
        let (&[version], rest) = bytes.split_first_chunk::<1>().ok_or(NotATicket)?;
        let (&key_number, rest) = rest.split_first_chunk::<2>().ok_or(NotATicket)?;
        let (&event_tag, rest) = rest.split_first_chunk::<4>().ok_or(NotATicket)?;
        let (&serial, rest) = rest.split_first_chunk::<8>().ok_or(NotATicket)?;
        let signature = <[u8; SIGNATURE_BYTES]>::try_from(rest).map_err(|_| NotATicket)?;
        if version != VERSION {
            return Err(NotATicket);
        }
        let code = TicketCode {
            key_number: u16::from_be_bytes(key_number),
            event_tag: EventTag(u32::from_be_bytes(event_tag)),
            serial: u64::from_be_bytes(serial),
        };
        Ok(Self { code, signature })
    }

    /// The number of the key that is said to have signed, to look the public key up by.
    pub fn key_number(&self) -> u16 {
        self.code.key_number
    }

    /// The code, once its signature by this public key (32 bytes) is checked.
    pub fn verify(&self, public_key: &[u8; 32]) -> Result<TicketCode, Forged> {
        UnparsedPublicKey::new(&ED25519, public_key)
            .verify(&self.code.signed_bytes(), &self.signature)
            .map(|()| self.code)
            .map_err(|_| Forged)
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::KeyPair;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn key(seed: u8) -> (Ed25519KeyPair, [u8; 32]) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let public = pair.public_key().as_ref().try_into().unwrap();
        (pair, public)
    }

    fn code(serial: u64) -> TicketCode {
        let event = EventId::from(Uuid::from_u128(0x0197_0f3e_7c00_7000_8000_0000_0000_0001));
        TicketCode { key_number: 7, event_tag: EventTag::of(event), serial }
    }

    #[test]
    fn a_signed_code_comes_back() {
        let (pair, public) = key(1);
        let text = code(42).sign(&pair).encode();
        let read = SignedCode::decode(&text).unwrap();
        assert_eq!(read.key_number(), 7);
        assert_eq!(read.verify(&public), Ok(code(42)));
    }

    #[test]
    fn the_wire_format_stays_as_printed_tickets_have_it() {
        let (pair, _) = key(1);
        let text = code(42).sign(&pair).encode();
        assert_eq!(text, EXPECTED_WIRE);
        let bytes = base45::decode(&text[3..]).unwrap();
        assert_eq!(bytes[..3], [1, 0, 7]);
        let hash = digest(&SHA256, Uuid::from_u128(0x0197_0f3e_7c00_7000_8000_0000_0000_0001).as_bytes());
        assert_eq!(bytes[3..7], hash.as_ref()[..4]);
        assert_eq!(bytes[7..15], 42_u64.to_be_bytes());
    }

    /// Made independently with Python: cryptography 50, base45 0.4.4.
    const EXPECTED_WIRE: &str = "T1:V50B-0D6BZQJ000000000:F54LNVL67FKA6K$6K%-STIU+H05YGLWUW99 PV00D6IKS*RD9FL1II4LCU7DVRD 1C NS*2*+049EC+2:T69LQ$I8J0LHEM30";

    #[test]
    fn every_code_has_122_characters() {
        let (pair, _) = key(1);
        for serial in [0, 1, u64::MAX] {
            assert_eq!(code(serial).sign(&pair).encode().len(), CODE_CHARACTERS);
        }
    }

    #[test]
    fn every_single_flipped_bit_is_refused() {
        let (pair, public) = key(1);
        let text = code(42).sign(&pair).encode();
        let bytes = base45::decode(&text[3..]).unwrap();
        assert_eq!(bytes.len(), 79);
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let text = format!("{PREFIX}{}", base45::encode(&changed));
            let accepted = SignedCode::decode(&text).is_ok_and(|read| read.verify(&public).is_ok());
            assert!(!accepted, "bit {bit} flipped and still accepted");
        }
    }

    #[test]
    fn another_key_does_not_verify() {
        let (pair, _) = key(1);
        let (_, stranger) = key(2);
        assert_eq!(code(42).sign(&pair).verify(&stranger), Err(Forged));
    }

    #[test]
    fn a_signature_without_our_domain_is_forged() {
        let (pair, public) = key(1);
        let signature = <[u8; 64]>::try_from(pair.sign(&code(42).payload()).as_ref()).unwrap();
        assert_eq!(SignedCode { code: code(42), signature }.verify(&public), Err(Forged));
    }

    #[test]
    fn line_ends_of_hand_scanners_are_ignored_and_spaces_are_not() {
        let (pair, _) = key(1);
        let text = code(42).sign(&pair).encode();
        assert_eq!(SignedCode::decode(&format!("{text}\r\n")), SignedCode::decode(&text));
        assert_eq!(SignedCode::decode(&format!("{text} ")), Err(NotATicket));
    }

    #[test]
    fn other_texts_are_not_tickets() {
        let (pair, _) = key(1);
        let text = code(42).sign(&pair).encode();
        let later_version = text.replacen("T1:", "T2:", 1);
        for other in ["", "T1:", "https://turnout.example/e/jazz", &text[..121], &text.to_lowercase(), &later_version] {
            assert_eq!(SignedCode::decode(other), Err(NotATicket), "{other}");
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics_and_never_verifies(text in "(T1:)?\\PC{0,200}") {
            let (_, public) = key(1);
            let accepted = SignedCode::decode(&text).is_ok_and(|read| read.verify(&public).is_ok());
            prop_assert!(!accepted);
        }

        #[test]
        fn garbage_in_the_right_alphabet_never_verifies(text in "T1:[0-9A-Z $%*+./:-]{119}") {
            let (_, public) = key(1);
            let accepted = SignedCode::decode(&text).is_ok_and(|read| read.verify(&public).is_ok());
            prop_assert!(!accepted);
        }

        #[test]
        fn every_code_comes_back(key_number: u16, tag: u32, serial: u64) {
            let (pair, public) = key(3);
            let code = TicketCode { key_number, event_tag: EventTag(tag), serial };
            let read = SignedCode::decode(&code.sign(&pair).encode()).unwrap();
            prop_assert_eq!(read.verify(&public), Ok(code));
        }
    }
}
