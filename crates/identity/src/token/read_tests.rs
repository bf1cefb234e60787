//! Forged and broken access tokens (row V9 of the list of threats): none is read.

use std::sync::OnceLock;

use platform::vault::Vault;
use serde_json::{Value, json};

use super::super::claims::ACCESS_TOKEN_TTL_SECONDS;
use super::super::issue::sign;
use super::super::signing_key::{SigningKey, StoredKey};
use super::*;

const ISSUER: &str = "https://tickets.example.org";

fn now() -> Timestamp {
    "2027-01-01T12:00:00Z".parse().unwrap()
}

/// Keys take a while to make, so the tests share two.
fn keys() -> &'static (SigningKey, SigningKey) {
    static KEYS: OnceLock<(SigningKey, SigningKey)> = OnceLock::new();
    KEYS.get_or_init(|| {
        let vault = Vault::new([3; 32]);
        let make = || StoredKey::generate(&vault, now()).unwrap().open(&vault).unwrap().unwrap();
        (make(), make())
    })
}

fn good() -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: uuid::Uuid::from_u128(1).into(),
        sid: uuid::Uuid::from_u128(2).into(),
        client_id: "turnout".to_owned(),
        iat: now().as_second(),
        exp: now().as_second() + ACCESS_TOKEN_TTL_SECONDS,
        jti: "x".to_owned(),
    }
}

fn read(token: &str) -> Option<Claims> {
    let (key, _) = keys();
    key_id(token).filter(|kid| *kid == key.id).and_then(|_| claims(token, &key.public, ISSUER, now()))
}

/// Signs any header and any claims, as a thief of nothing but the wire format would.
fn signed(header: &Value, claims: &str, key: &SigningKey) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key.private, Algorithm::RS256).unwrap();
    format!("{message}.{signature}")
}

fn header() -> Value {
    json!({ "alg": "RS256", "typ": "at+jwt", "kid": keys().0.id })
}

#[test]
fn a_token_signed_here_is_read() {
    assert_eq!(read(&sign(&keys().0, &good()).unwrap()), Some(good()));
    assert_eq!(read(&signed(&header(), &serde_json::to_string(&good()).unwrap(), &keys().0)), Some(good()));
}

#[test]
fn headers_that_are_not_ours_are_refused() {
    let claims = serde_json::to_string(&good()).unwrap();
    for change in [
        json!({ "alg": "none" }),
        json!({ "alg": "None" }),
        json!({ "alg": "nOnE" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "RS512" }),
        json!({ "alg": "PS256" }),
        json!({ "typ": "JWT" }),
        json!({ "typ": "at+JWT " }),
        json!({ "typ": null }),
        json!({ "kid": "../../../dev/null" }),
        json!({ "kid": "' or 1=1 --" }),
        json!({ "kid": "https://evil.example/key" }),
        json!({ "kid": 7 }),
        json!({ "jku": "https://evil.example/jwks.json" }),
        json!({ "x5u": "https://evil.example/cert.pem" }),
        json!({ "x5c": ["AAAA"] }),
        json!({ "jwk": { "kty": "RSA", "n": "AQAB", "e": "AQAB" } }),
        json!({ "crit": ["exp"] }),
        json!({ "b64": false }),
    ] {
        let mut header = header();
        for (name, value) in change.as_object().unwrap() {
            header[name] = value.clone();
        }
        assert_eq!(read(&signed(&header, &claims, &keys().0)), None, "{header}");
    }
}

#[test]
fn claims_that_do_not_hold_are_refused() {
    let seconds = now().as_second();
    for change in [
        json!({ "iss": "https://evil.example" }),
        json!({ "iss": null }),
        json!({ "aud": "other-api" }),
        json!({ "aud": ["turnout-api"] }),
        json!({ "client_id": "other" }),
        json!({ "exp": seconds }),
        json!({ "exp": seconds - 1 }),
        json!({ "exp": (seconds + 60).to_string() }),
        json!({ "exp": 1_798_805_000.5 }),
        json!({ "exp": seconds + 10 * ACCESS_TOKEN_TTL_SECONDS }),
        json!({ "iat": seconds + 3600, "exp": seconds + 3700 }),
        json!({ "nbf": "0" }),
        json!({ "sub": "ses_01h455vb4pex5vsknk084sn02q" }),
        json!({ "admin": true }),
    ] {
        let mut claims = serde_json::to_value(good()).unwrap();
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        assert_eq!(read(&signed(&header(), &claims.to_string(), &keys().0)), None, "{claims}");
    }
    for missing in ["iss", "aud", "sub", "sid", "exp", "iat", "jti", "client_id"] {
        let mut claims = serde_json::to_value(good()).unwrap();
        claims.as_object_mut().unwrap().remove(missing);
        assert_eq!(read(&signed(&header(), &claims.to_string(), &keys().0)), None, "{missing}");
    }
    let twice = serde_json::to_string(&good()).unwrap().replacen('{', "{\"exp\":9999999999,", 1);
    assert_eq!(read(&signed(&header(), &twice, &keys().0)), None, "a claim sent twice");
}

#[test]
fn signatures_by_others_are_refused() {
    let token = sign(&keys().0, &good()).unwrap();
    let claims = serde_json::to_string(&good()).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
    flipped[9] ^= 1;
    for forged in [
        format!("{message}."),
        message.to_owned(),
        format!("{token}.{signature}"),
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(flipped)),
        signed(&header(), &claims, &keys().1),
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{token}{}", "A".repeat(1_000_000)),
    ] {
        assert_eq!(read(&forged), None, "{}", forged.get(..60).unwrap_or(&forged));
    }
}

#[test]
fn a_key_opens_only_in_the_vault_that_sealed_it_and_signs_for_thirty_days() {
    let vault = Vault::new([3; 32]);
    let stored = StoredKey::generate(&vault, now()).unwrap();
    assert!(stored.open(&Vault::new([4; 32])).unwrap().is_none());
    let moved = StoredKey { id: keys().0.id.clone(), ..stored.clone() };
    assert!(moved.open(&vault).unwrap().is_none());
    assert!(stored.signs_at("2027-01-31T11:59:59Z".parse().unwrap()));
    assert!(!stored.signs_at("2027-01-31T12:00:00Z".parse().unwrap()));
    assert_eq!(stored.retires_at, "2027-02-01T12:00:00Z".parse().unwrap());
    let shown = stored.public_jwk.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(shown, ["alg", "e", "kid", "kty", "n", "use"]);
}
