//! Makes an API key and shows its secret once.

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use kernel::{AccountId, OrganisationId, Right};
use platform::{Failure, FieldError, Refusal, RefusalKind, Tx};
use serde::{Deserialize, Serialize};
use web::rights::ManageKeys;
use web::{AppState, Created, Json, Member, Problem};

use super::model::{API_KEYS_PER_ORGANISATION_MAX, ApiKey, ApiKeyView, TOKEN_PREFIX};
use super::store;
use crate::events::ApiKeyCreated;
use crate::label::Label;
use crate::secret::{Secret, TenantToken};

const HINT_CHARACTERS: usize = 4;

/// A key is to be made.
#[derive(Debug, Clone)]
pub struct CreateApiKey {
    /// Whose.
    pub organisation: OrganisationId,
    /// What people call it.
    pub name: Label,
    /// What it may do.
    pub scopes: Vec<Right>,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
    /// Who makes it.
    pub created_by: AccountId,
}

/// Why no key was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreateApiKeyRefusal {
    /// A key that may do nothing is a mistake.
    #[error("Choose at least one scope.")]
    NoScopes,
    /// It would be useless at once.
    #[error("The end of a key must be in the future.")]
    EndsInThePast,
    /// The organisation has many.
    #[error("That are too many keys. Revoke some that are not used.")]
    TooMany,
}

impl Refusal for CreateApiKeyRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NoScopes | Self::EndsInThePast => "invalid_fields",
            Self::TooMany => "too_many_keys",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NoScopes | Self::EndsInThePast => RefusalKind::Invalid,
            Self::TooMany => RefusalKind::Conflict,
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::NoScopes => vec![FieldError::new("scopes", "empty", self.to_string())],
            Self::EndsInThePast => vec![FieldError::new("expires_at", "in_the_past", self.to_string())],
            Self::TooMany => Vec::new(),
        }
    }
}

/// Makes a key. Its token is nowhere afterwards but in this answer.
pub async fn create_api_key(
    tx: &mut Tx,
    command: CreateApiKey,
) -> Result<(ApiKey, TenantToken), Failure<CreateApiKeyRefusal>> {
    let (organisation, now) = (command.organisation, tx.now());
    let scopes: Vec<Right> = Right::ALL.into_iter().filter(|right| command.scopes.contains(right)).collect();
    if scopes.is_empty() {
        return Err(CreateApiKeyRefusal::NoScopes.into());
    }
    if command.expires_at.is_some_and(|end| end <= now) {
        return Err(CreateApiKeyRefusal::EndsInThePast.into());
    }
    if store::count(tx, organisation).await? >= API_KEYS_PER_ORGANISATION_MAX {
        return Err(CreateApiKeyRefusal::TooMany.into());
    }
    let secret = Secret::new(tx.random());
    let text = secret.as_str();
    let hint = text.get(text.len().saturating_sub(HINT_CHARACTERS)..).unwrap_or_default();
    let key = ApiKey {
        id: tx.new_id(),
        organisation,
        name: command.name,
        hint: hint.to_owned(),
        scopes,
        created_by: command.created_by,
        created_at: now,
        last_used_at: None,
        expires_at: command.expires_at,
        revoked_at: None,
    };
    store::insert(tx, &key, &secret).await?;
    let fact = ApiKeyCreated { organisation, key: key.id, scopes: key.scopes.clone() };
    tx.record(Some(organisation), &fact).await?;
    Ok((key, TenantToken { organisation, secret }))
}

/// A new key.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApiKey {
    /// What people call it.
    name: Label,
    /// What it may do.
    scopes: Vec<Right>,
    /// Until when it is good; for ever when left out.
    expires_at: Option<Timestamp>,
}

/// A key with its secret, which is shown this once.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct NewApiKeyView {
    /// The key.
    #[serde(flatten)]
    key: ApiKeyView,
    /// Send it as `Authorization: Bearer`. It cannot be shown again.
    secret: String,
}

/// Make an API key
///
/// Only a person can: a key that makes keys would outlive its own end.
#[utoipa::path(
    post, path = "/api/v1/organisations/{organisation}/api-keys", tag = "organisations",
    params(("organisation" = OrganisationId, Path, description = "The organisation")),
    request_body = NewApiKey,
    responses((status = 201, description = "The key with its secret", body = NewApiKeyView)),
    extensions(("x-access" = json!("manage_keys")))
)]
pub(crate) async fn post(
    State(app): State<AppState>,
    member: Member<ManageKeys>,
    Json(body): Json<NewApiKey>,
) -> Result<Created<NewApiKeyView>, Problem> {
    let created_by = member.account().ok_or_else(|| {
        Problem::new(StatusCode::FORBIDDEN, "person_required", "An API key cannot do this; a person has to.")
    })?;
    let organisation = member.organisation;
    let command =
        CreateApiKey { organisation, name: body.name, scopes: body.scopes, expires_at: body.expires_at, created_by };
    let (key, token) = app.platform.db.write(member.scope(), "create_api_key", command, create_api_key).await?;
    let location = format!("/api/v1/organisations/{organisation}/api-keys/{}", key.id);
    Ok(Created { location, body: NewApiKeyView { key: key.into(), secret: token.write(TOKEN_PREFIX) } })
}
