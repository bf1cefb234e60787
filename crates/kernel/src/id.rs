//! Typed identifiers: UUIDv7 inside, `prefix_` and 26 characters of Crockford base32 outside (TypeID 0.3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What every typed id can do; implemented by the types of this module only.
pub trait Id: Copy + fmt::Display + From<Uuid> + Send + Sync + 'static {
    /// The lower-case word before the underscore.
    const PREFIX: &'static str;
    /// The UUID inside, for the database.
    fn uuid(self) -> Uuid;
}

/// A text that is not an id of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {expected}_ id")]
pub struct NotAnId {
    /// The prefix that the text should have had.
    pub expected: &'static str,
}

/// Writes 128 bits as 26 characters; the first carries 3 bits only, so it is at most `7`.
pub fn encode_suffix(uuid: Uuid) -> String {
    let mut bits = uuid.as_u128();
    let mut characters = [b'0'; 26];
    for place in characters.iter_mut().rev() {
        let index = usize::try_from(bits & 31).unwrap_or(0);
        *place = ALPHABET.get(index).copied().unwrap_or(b'0');
        bits >>= 5;
    }
    characters.iter().copied().map(char::from).collect()
}

/// Reads what `encode_suffix` wrote; `None` for anything else.
pub fn decode_suffix(text: &str) -> Option<Uuid> {
    if text.len() != 26 || !text.starts_with(|first: char| first.is_ascii_digit() && first <= '7') {
        return None;
    }
    text.bytes()
        .try_fold(0_u128, |bits, character| {
            let value = ALPHABET.iter().position(|&letter| letter == character)?;
            Some((bits << 5) | u128::try_from(value).ok()?)
        })
        .map(Uuid::from_u128)
}

fn parse<T: Id>(text: &str) -> Result<T, NotAnId> {
    text.strip_prefix(T::PREFIX)
        .and_then(|rest| rest.strip_prefix('_'))
        .and_then(decode_suffix)
        .map(T::from)
        .ok_or(NotAnId { expected: T::PREFIX })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn uuid(self) -> Uuid { self.0 }
        }
        impl $name {
            /// The UUID inside, for the database.
            pub fn uuid(self) -> Uuid { self.0 }
        }
        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self { Self(uuid) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, encode_suffix(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }
        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> { parse(text) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$")))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    /// A person who can sign in.
    AccountId = "acc";
    /// One attempt to sign in.
    SignInId = "sgn";
    /// A signed-in browser or API client.
    SessionId = "ses";
    /// A tenant.
    OrganisationId = "org";
    /// An invitation to join an organisation.
    InvitationId = "inv";
    /// A key of an organisation's own programs.
    ApiKeyId = "key";
    /// An event.
    EventId = "evt";
    /// An uploaded picture.
    MediaId = "med";
    /// A layout of a venue.
    LayoutId = "lay";
    /// A stock of places.
    PoolId = "pol";
    /// Something on sale.
    TicketTypeId = "typ";
    /// Places put aside for a buyer.
    HoldId = "hld";
    /// An order.
    OrderId = "ord";
    /// A line of an order.
    OrderLineId = "lin";
    /// A ticket.
    TicketId = "tkt";
    /// A payment.
    PaymentId = "pay";
    /// A refund.
    RefundId = "rfd";
    /// A check-in list.
    ListId = "lst";
    /// A scanner at the door.
    DeviceId = "dev";
    /// A message to a person.
    MessageId = "msg";
    /// A person's place in a waiting room.
    WaitingEntryId = "wte";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_as_the_typeid_standard_says() {
        // From the TypeID specification's valid.yml.
        let uuid: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(encode_suffix(uuid), "01h455vb4pex5vsknk084sn02q");
        assert_eq!(decode_suffix("01h455vb4pex5vsknk084sn02q"), Some(uuid));
        assert_eq!(encode_suffix(Uuid::max()), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }

    #[test]
    fn texts_that_are_not_ids_are_refused() {
        for text in [
            "",
            "ord_",
            "evt_01h455vb4pex5vsknk084sn02q",
            "ord_81h455vb4pex5vsknk084sn02q",
            "ord_01h455vb4pex5vsknk084sn02",
            "ord_01H455VB4PEX5VSKNK084SN02Q",
            "ord_01h455vb4pex5vsknk084sn02u",
        ] {
            assert_eq!(text.parse::<OrderId>(), Err(NotAnId { expected: "ord" }), "{text}");
        }
        let id: OrderId = "ord_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"ord_01h455vb4pex5vsknk084sn02q\"");
    }
}
