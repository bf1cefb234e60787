//! What every address of the far side asks first: is it switched on, and does the caller know the secret.

use http::HeaderMap;
use platform::{Platform, Refusal, RefusalKind, Tx};
use web::Problem;

use super::api_key;
use crate::provider::{ProviderName, find_provider};

/// Why the test provider says no; for good, as far as our side is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum FarRefusal {
    /// The key stands for another request.
    #[error("This idempotency key was used for another request.")]
    KeyReused,
    /// Nothing costs nothing here.
    #[error("The amount must be more than nothing.")]
    Amount,
    /// The address is none that the test provider calls or sends people to.
    #[error("The addresses must be http or https.")]
    Address,
    /// There is no money to give back.
    #[error("The checkout is not paid.")]
    NotPaid,
    /// Not that much.
    #[error("The refund is larger than what is left.")]
    RefundTooLarge,
    /// Not here.
    #[error("There is no such object.")]
    Missing,
}

impl Refusal for FarRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::KeyReused => "key_reused",
            Self::Amount => "amount_invalid",
            Self::Address => "address_invalid",
            Self::NotPaid => "not_paid",
            Self::RefundTooLarge => "refund_too_large",
            Self::Missing => "not_found",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::Missing => RefusalKind::NotFound,
            _ => RefusalKind::Invalid,
        }
    }
}

/// 404 on servers whose operator switched the test provider off.
pub(super) fn require_on(platform: &Platform) -> Result<(), Problem> {
    find_provider(platform, ProviderName::Test).map(|_| ()).ok_or_else(Problem::not_found)
}

/// 401 for callers who do not know the secret.
pub(super) fn require_key(platform: &Platform, given: Option<&str>) -> Result<(), Problem> {
    require_on(platform)?;
    let is_right =
        given.is_some_and(|given| subtle::ConstantTimeEq::ct_eq(given.as_bytes(), api_key(platform).as_bytes()).into());
    if is_right { Ok(()) } else { Err(Problem::unauthenticated()) }
}

/// The key under which something is asked for.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).filter(|key| !key.is_empty());
    key.map(str::to_owned).ok_or_else(|| {
        Problem::new(http::StatusCode::BAD_REQUEST, "idempotency_key_missing", "An Idempotency-Key is needed.")
    })
}

/// A name that nobody can guess: 128 random bits.
pub(super) fn new_name(tx: &Tx, prefix: &str) -> String {
    let bits = uuid::Uuid::from_bytes(tx.random().bytes());
    format!("{prefix}_{}", kernel::id::encode_suffix(bits))
}
