//! Secrets at rest and secrets derived: AES-256-GCM sealing and HMAC-SHA256 derivation under one master key.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{digest, hmac};
use uuid::Uuid;

const NONCE_BYTES: usize = 12;
/// How many derived keys are kept; there is one for each purpose, and purposes are words in the code.
const DERIVED_MAX: usize = 256;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The holder of the master key. Each purpose gets a key of its own, derived by HMAC.
#[derive(Clone)]
pub struct Vault {
    master: [u8; 32],
    /// Keys for HMACs that were derived before, by purpose.
    derived: Arc<RwLock<HashMap<String, Arc<hmac::Key>>>>,
}

/// Something that was not sealed by this key for this purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this was sealed by another key, for another purpose, or was changed")]
pub struct CannotOpen;

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault([redacted])")
    }
}

impl Vault {
    /// A vault under the given 256-bit key.
    pub fn new(master: [u8; 32]) -> Self {
        Self { master, derived: Arc::default() }
    }

    fn key_for(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0_u8; 32];
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.master), purpose.as_bytes());
        for (to, from) in key.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        key
    }

    fn mac_key(&self, purpose: &str) -> Arc<hmac::Key> {
        let known = self.derived.read().unwrap_or_else(PoisonError::into_inner).get(purpose).cloned();
        known.unwrap_or_else(|| {
            let key = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &self.key_for(purpose)));
            let mut derived = self.derived.write().unwrap_or_else(PoisonError::into_inner);
            if derived.len() < DERIVED_MAX {
                derived.insert(purpose.to_owned(), Arc::clone(&key));
            }
            key
        })
    }

    /// Encrypts bytes for one purpose; `context` (a row id, say) must be given again to open them.
    #[expect(clippy::expect_used, reason = "a 32-byte key and a short plaintext always fit AES-256-GCM")]
    pub fn seal(&self, purpose: &str, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.key_for(purpose)).expect("the key has 32 bytes");
        let mut sealed = plain.to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(context), &mut sealed).expect("the text is short");
        let mut bytes = nonce.as_ref().to_vec();
        bytes.append(&mut sealed);
        bytes
    }

    /// Decrypts what `seal` made with the same purpose and context.
    pub fn open(&self, purpose: &str, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_BYTES).ok_or(CannotOpen)?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.key_for(purpose)).map_err(|_| CannotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let mut bytes = rest.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(context), &mut bytes).map_err(|_| CannotOpen)?;
        Ok(plain.to_vec())
    }

    /// A secret that belongs to one object and need not be stored: 26 characters that carry 128 bits of HMAC-SHA256.
    pub fn secret_of(&self, purpose: &str, object: Uuid) -> String {
        let tag = hmac::sign(&self.mac_key(purpose), object.as_bytes());
        let bits = tag.as_ref().iter().take(16).fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        (0..26_u32)
            .rev()
            .filter_map(|place| ALPHABET.get(usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0)))
            .copied()
            .map(char::from)
            .collect()
    }

    /// Whether `given` is the object's secret, compared in constant time.
    pub fn is_secret_of(&self, purpose: &str, object: Uuid, given: &str) -> bool {
        let expected = self.secret_of(purpose, object);
        subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), given.as_bytes()).into()
    }

    /// The HMAC-SHA256 of some bytes for one purpose.
    pub fn mac(&self, purpose: &str, bytes: &[u8]) -> Vec<u8> {
        hmac::sign(&self.mac_key(purpose), bytes).as_ref().to_vec()
    }
}

/// SHA-256, for tokens that are random enough to be stored by their hash.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0_u8; 32];
    for (to, from) in hash.iter_mut().zip(digest::digest(&digest::SHA256, bytes).as_ref()) {
        *to = *from;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_for_its_purpose_and_place() {
        let vault = Vault::new([7; 32]);
        let sealed = vault.seal("key", b"row 1", b"private");
        assert_eq!(vault.open("key", b"row 1", &sealed).unwrap(), b"private");
        assert_eq!(vault.open("key", b"row 2", &sealed), Err(CannotOpen));
        assert_eq!(vault.open("other", b"row 1", &sealed), Err(CannotOpen));
        assert_eq!(Vault::new([8; 32]).open("key", b"row 1", &sealed), Err(CannotOpen));
        let mut changed = sealed.clone();
        changed[20] ^= 1;
        assert_eq!(vault.open("key", b"row 1", &changed), Err(CannotOpen));
        assert_eq!(vault.open("key", b"row 1", b"short"), Err(CannotOpen));
    }

    #[test]
    fn secrets_differ_by_object_and_purpose() {
        let vault = Vault::new([7; 32]);
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(vault.secret_of("order", one).len(), 26);
        assert_ne!(vault.secret_of("order", one), vault.secret_of("order", two));
        assert_ne!(vault.secret_of("order", one), vault.secret_of("ticket", one));
        assert!(vault.is_secret_of("order", one, &vault.secret_of("order", one)));
        assert!(!vault.is_secret_of("order", one, "0"));
    }

    #[test]
    fn a_secret_is_the_same_on_every_node_and_asked_twice() {
        let vault = Vault::new([7; 32]);
        let key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), b"order");
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()), b"object");
        for _ in 0..2 {
            assert_eq!(vault.mac("order", b"object"), tag.as_ref());
            assert_ne!(vault.mac("ticket", b"object"), tag.as_ref());
        }
    }
}
