//! Signed notices as Standard Webhooks 1.0 has them (standardwebhooks.com): HMAC-SHA256 over id, timestamp and raw body.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;

use super::Forged;

/// How far a notice's timestamp may be from now, before or after.
pub const TOLERANCE_SECONDS: i64 = 300;
/// The longest id of a notice; longer ones are not stored.
const ID_BYTES_MAX: usize = 200;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// The key that both sides share.
#[derive(Clone)]
pub struct WebhookKey(hmac::Key);

impl std::fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookKey([redacted])")
    }
}

impl WebhookKey {
    /// A key of raw bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// A key as operators write it: `whsec_` and base64, or any other text, whose bytes are the key.
    pub fn of_text(text: &str) -> Self {
        let decoded = text.strip_prefix("whsec_").and_then(|encoded| STANDARD.decode(encoded).ok());
        Self::of_bytes(decoded.as_deref().unwrap_or(text.as_bytes()))
    }

    fn tag(&self, id: &str, timestamp: &str, body: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            context.update(part);
        }
        context.sign()
    }

    /// The three headers for one delivery. The id stays the same when a notice is sent again, the time does not.
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        let timestamp = at.as_second().to_string();
        let signature = format!("v1,{}", STANDARD.encode(self.tag(id, &timestamp, body)));
        [(ID, id.to_owned()), (TIMESTAMP, timestamp), (SIGNATURE, signature)]
    }

    /// Proves a delivery and answers its id. Several signatures, apart by blanks, are allowed: one right one is enough (key rotation).
    pub fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<String, Forged> {
        let text = |name: &str| headers.get(name).map(HeaderValue::to_str).and_then(Result::ok).ok_or(Forged::Headers);
        let (id, timestamp, signatures) = (text(ID)?, text(TIMESTAMP)?, text(SIGNATURE)?);
        if id.is_empty() || id.len() > ID_BYTES_MAX {
            return Err(Forged::Headers);
        }
        let sent_at: i64 = timestamp.parse().map_err(|_| Forged::Headers)?;
        if sent_at.abs_diff(now.as_second()) > TOLERANCE_SECONDS.unsigned_abs() {
            return Err(Forged::Stale);
        }
        let expected = self.tag(id, timestamp, body);
        let is_right = signatures
            .split(' ')
            .filter_map(|signature| signature.strip_prefix("v1,"))
            .filter_map(|encoded| STANDARD.decode(encoded).ok())
            .any(|given| subtle::ConstantTimeEq::ct_eq(expected.as_ref(), given.as_slice()).into());
        if is_right { Ok(id.to_owned()) } else { Err(Forged::Signature) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID_GIVEN: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_signature_is_that_of_the_standards_own_libraries() {
        // The vector in the test suites of the standard-webhooks reference libraries.
        let key = WebhookKey::of_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = key.sign(ID_GIVEN, at(1_614_265_330), BODY);
        assert_eq!(signed[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(key.verify(&headers(&signed), BODY, at(1_614_265_330)), Ok(ID_GIVEN.to_owned()));
    }

    #[test]
    fn one_right_signature_among_several_is_enough() {
        let (old, new) = (WebhookKey::of_text("old"), WebhookKey::of_text("new"));
        let mut signed = new.sign("a", at(1_000), BODY);
        let other = old.sign("a", at(1_000), BODY)[2].1.clone();
        signed[2].1 = format!("v1a,unknown {other} {}", signed[2].1);
        assert_eq!(new.verify(&headers(&signed), BODY, at(1_000)), Ok("a".to_owned()));
        assert_eq!(old.verify(&headers(&signed), BODY, at(1_000)), Ok("a".to_owned()));
    }

    #[test]
    fn forged_changed_and_stale_notices_are_told_apart_from_good_ones() {
        let key = WebhookKey::of_text("key");
        let signed = key.sign("a", at(1_000), BODY);
        let good = headers(&signed);
        assert_eq!(key.verify(&good, BODY, at(1_300)), Ok("a".to_owned()));
        assert_eq!(key.verify(&good, BODY, at(1_301)), Err(Forged::Stale));
        assert_eq!(key.verify(&good, BODY, at(699)), Err(Forged::Stale));
        assert_eq!(key.verify(&good, b"{}", at(1_000)), Err(Forged::Signature));
        assert_eq!(WebhookKey::of_text("other").verify(&good, BODY, at(1_000)), Err(Forged::Signature));
        for (name, value) in [
            ("webhook-id", "b"),
            ("webhook-timestamp", "1001"),
            ("webhook-signature", "v1,AAAA"),
            ("webhook-signature", ""),
            ("webhook-signature", "v2,x"),
        ] {
            let mut changed = good.clone();
            changed.insert(name, value.parse().unwrap());
            assert_eq!(key.verify(&changed, BODY, at(1_000)), Err(Forged::Signature), "{name}: {value}");
        }
        for (name, value) in
            [("webhook-id", ""), ("webhook-timestamp", "soon"), ("webhook-timestamp", "99999999999999999999")]
        {
            let mut changed = good.clone();
            changed.insert(name, value.parse().unwrap());
            assert_eq!(key.verify(&changed, BODY, at(1_000)), Err(Forged::Headers), "{name}: {value}");
        }
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            let mut without = good.clone();
            without.remove(name);
            assert_eq!(key.verify(&without, BODY, at(1_000)), Err(Forged::Headers), "{name}");
        }
        let mut extreme = good.clone();
        extreme.insert("webhook-timestamp", i64::MIN.to_string().parse().unwrap());
        assert_eq!(key.verify(&extreme, BODY, at(1_000)), Err(Forged::Stale));
    }
}
