//! The secret that owns a hold. It also says where the hold is, so that nobody has to look for it: tenant, event, and a proof over all three.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{EventId, HoldId, OrganisationId};
use platform::NotFound;
use platform::vault::Vault;
use uuid::Uuid;

const PURPOSE: &str = "hold-secret";
/// 128 bits of HMAC-SHA256.
const PROOF_BYTES: usize = 16;

/// Where a hold is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldPlace {
    /// The tenant.
    pub organisation: OrganisationId,
    /// The event.
    pub event: EventId,
}

fn proof(vault: &Vault, hold: HoldId, place: HoldPlace) -> Vec<u8> {
    let mut bytes = hold.uuid().as_bytes().to_vec();
    bytes.extend(place.organisation.uuid().as_bytes());
    bytes.extend(place.event.uuid().as_bytes());
    let mut proof = vault.mac(PURPOSE, &bytes);
    proof.truncate(PROOF_BYTES);
    proof
}

/// The secret of a hold: 64 characters of URL-safe base64 (RFC 4648, section 5).
pub fn secret_of(vault: &Vault, hold: HoldId, place: HoldPlace) -> String {
    let mut bytes = place.organisation.uuid().as_bytes().to_vec();
    bytes.extend(place.event.uuid().as_bytes());
    bytes.extend(proof(vault, hold, place));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Where a hold is, for someone who has its secret: a wrong secret and a missing hold answer the same.
pub fn locate(vault: &Vault, hold: HoldId, secret: &str) -> Result<HoldPlace, NotFound> {
    let bytes = URL_SAFE_NO_PAD.decode(secret).map_err(|_| NotFound)?;
    let (organisation, rest) = bytes.split_first_chunk::<16>().ok_or(NotFound)?;
    let (event, given) = rest.split_first_chunk::<16>().ok_or(NotFound)?;
    let place = HoldPlace {
        organisation: OrganisationId::from(Uuid::from_bytes(*organisation)),
        event: EventId::from(Uuid::from_bytes(*event)),
    };
    let is_good: bool = subtle::ConstantTimeEq::ct_eq(proof(vault, hold, place).as_slice(), given).into();
    if is_good { Ok(place) } else { Err(NotFound) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_leads_to_its_own_hold_and_to_no_other() {
        let vault = Vault::new([7; 32]);
        let id = |number| Uuid::from_u128(number);
        let place = HoldPlace { organisation: OrganisationId::from(id(1)), event: EventId::from(id(2)) };
        let secret = secret_of(&vault, HoldId::from(id(3)), place);
        assert_eq!(secret.len(), 64);
        assert_eq!(locate(&vault, HoldId::from(id(3)), &secret), Ok(place));
        assert_eq!(locate(&vault, HoldId::from(id(4)), &secret), Err(NotFound));
        let elsewhere = HoldPlace { event: EventId::from(id(9)), ..place };
        let mut forged = URL_SAFE_NO_PAD.decode(secret_of(&vault, HoldId::from(id(3)), elsewhere)).unwrap();
        forged[..32].copy_from_slice(&URL_SAFE_NO_PAD.decode(&secret).unwrap()[..32]);
        assert_eq!(locate(&vault, HoldId::from(id(3)), &URL_SAFE_NO_PAD.encode(forged)), Err(NotFound));
        for bad in ["", "x", "AAAA", &secret[1..]] {
            assert_eq!(locate(&vault, HoldId::from(id(3)), bad), Err(NotFound), "{bad}");
        }
    }
}
