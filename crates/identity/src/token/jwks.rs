//! Publishes the keys that access tokens are verified with (RFC 7517).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use platform::{Failure, Never, Scope, Tx};
use serde::Serialize;
use web::{AppState, Json, Problem};

use super::store;

/// Caches may keep the set so long; whoever meets an unknown `kid` should read it again.
const CACHED: &str = "public, max-age=300";

/// A set of public keys.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct KeySet {
    /// RSA keys, the newest first.
    #[schema(value_type = Vec<Object>)]
    keys: Vec<serde_json::Value>,
}

async fn published(tx: &mut Tx, (): ()) -> Result<KeySet, Failure<Never>> {
    let mut keys = Vec::new();
    for stored in store::list_published(tx).await? {
        if stored.open(tx.vault())?.is_some() {
            keys.push(stored.public_jwk);
        }
    }
    Ok(KeySet { keys })
}

/// The keys of access tokens
///
/// Every key that has not retired. Tokens name theirs by `kid`.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "sign-in",
    responses((status = 200, description = "A JWK set", body = KeySet)),
    extensions(("x-access" = json!("public")))
)]
pub(crate) async fn get(State(app): State<AppState>) -> Result<Response, Problem> {
    let set = app.platform.db.read(Scope::Nobody, "list_token_keys", (), published).await?;
    Ok(([(CACHE_CONTROL, CACHED)], Json(set)).into_response())
}
