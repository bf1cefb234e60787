//! Makes an API key useless.

use axum::extract::State;
use kernel::{ApiKeyId, OrganisationId};
use platform::{Failure, NotFound, Tx};
use web::rights::ManageKeys;
use web::{AppState, Member, NoContent, Path, Problem};

use super::store;
use crate::events::ApiKeyRevoked;

/// A key is to be made useless.
#[derive(Debug, Clone)]
pub struct RevokeApiKey {
    /// Whose.
    pub organisation: OrganisationId,
    /// Which.
    pub key: ApiKeyId,
}

/// Makes a key useless at once.
pub async fn revoke_api_key(tx: &mut Tx, command: RevokeApiKey) -> Result<(), Failure<NotFound>> {
    let RevokeApiKey { organisation, key } = command;
    if !store::revoke(tx, organisation, key).await? {
        return Err(NotFound.into());
    }
    tx.record(Some(organisation), &ApiKeyRevoked { organisation, key }).await?;
    Ok(())
}

/// Revoke an API key
#[utoipa::path(
    delete, path = "/api/v1/organisations/{organisation}/api-keys/{key}", tag = "organisations",
    params(
        ("organisation" = OrganisationId, Path, description = "The organisation"),
        ("key" = ApiKeyId, Path, description = "The key")
    ),
    responses((status = 204, description = "The key opens nothing now")),
    extensions(("x-access" = json!("manage_keys")))
)]
pub(crate) async fn delete(
    State(app): State<AppState>,
    member: Member<ManageKeys>,
    Path((organisation, key)): Path<(OrganisationId, ApiKeyId)>,
) -> Result<NoContent, Problem> {
    let command = RevokeApiKey { organisation, key };
    app.platform.db.write(member.scope(), "revoke_api_key", command, revoke_api_key).await?;
    Ok(NoContent)
}
