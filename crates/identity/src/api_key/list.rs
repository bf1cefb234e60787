//! Lists the API keys of an organisation.

use axum::extract::State;
use kernel::{OrganisationId, Page, PageRequest};
use platform::{Failure, InvalidFields, Tx};
use web::rights::ManageKeys;
use web::{AppState, Json, Member, Problem, Query};

use super::model::{ApiKey, ApiKeyView};
use super::store;
use crate::cursor;

#[derive(Debug, Clone)]
struct ListApiKeys {
    organisation: OrganisationId,
    page: PageRequest,
}

async fn list_api_keys(tx: &mut Tx, query: ListApiKeys) -> Result<Page<ApiKey>, Failure<InvalidFields>> {
    let behind = cursor::read(&query.page)?;
    let rows = store::list(tx, query.organisation, behind, query.page.rows()).await?;
    Ok(Page::cut(rows, query.page.items(), |key| key.id.to_string()))
}

/// List API keys
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/api-keys", tag = "organisations",
    params(("organisation" = OrganisationId, Path, description = "The organisation"), PageRequest),
    responses((status = 200, description = "Its keys, the newest first, without their secrets", body = Page<ApiKeyView>)),
    extensions(("x-access" = json!("manage_keys")))
)]
pub(crate) async fn get(
    State(app): State<AppState>,
    member: Member<ManageKeys>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Page<ApiKeyView>>, Problem> {
    let query = ListApiKeys { organisation: member.organisation, page };
    let found = app.platform.db.read(member.scope(), "list_api_keys", query, list_api_keys).await?;
    Ok(Json(found.map(ApiKeyView::from)))
}
