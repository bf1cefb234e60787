//! The key and the fingerprint of a request.

use aws_lc_rs::digest::{Context, SHA256};
use http::{HeaderMap, Method};

use crate::Problem;

const HEADER: &str = "idempotency-key";
const KEY_CHARACTERS_MAX: usize = 255;

/// The key of a request: printable ASCII, with or without the quotes that the draft asks for.
pub(super) fn of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let invalid = || Problem::own("idempotency_key_invalid");
    let text = value.to_str().map_err(|_| invalid())?.trim();
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let is_sound =
        (1..=KEY_CHARACTERS_MAX).contains(&key.len()) && key.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if is_sound { Ok(Some(key.to_owned())) } else { Err(invalid()) }
}

/// SHA-256 of what makes two requests the same: method, address, body.
pub(super) fn fingerprint(method: &Method, address: &str, body: &[u8]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    for part in [method.as_str().as_bytes(), address.as_bytes()] {
        hash.update(part);
        hash.update(b"\n");
    }
    hash.update(body);
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(hash.finish().as_ref()) {
        *to = *from;
    }
    bytes
}
