//! Lists the members of an organisation.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{AccountId, Email, OrganisationId, Page, PageRequest, Role};
use platform::{Failure, InvalidFields, Never, Tx};
use serde::Serialize;
use web::rights::ManageMembers;
use web::{AppState, Json, Member, Problem, Query};

use super::model::Membership;
use super::store::{self, MemberRow};
use crate::account::model::name_or_null;
use crate::cursor;

#[derive(Debug, Clone)]
struct ListMembers {
    organisation: OrganisationId,
    page: PageRequest,
}

async fn list_members(tx: &mut Tx, query: ListMembers) -> Result<Page<MemberRow>, Failure<InvalidFields>> {
    let behind = cursor::read(&query.page)?;
    let rows = store::list(tx, query.organisation, behind, query.page.rows()).await?;
    Ok(Page::cut(rows, query.page.items(), |member| member.account.to_string()))
}

/// A member of an organisation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct MemberView {
    /// Who.
    account_id: AccountId,
    /// Their address.
    email: Email,
    /// What they are called; null until they say.
    name: Option<String>,
    /// What they are.
    role: Role,
    /// Since when.
    created_at: Timestamp,
}

impl From<MemberRow> for MemberView {
    fn from(row: MemberRow) -> Self {
        Self {
            account_id: row.account,
            email: row.email,
            name: name_or_null(row.name),
            role: row.role,
            created_at: row.created_at,
        }
    }
}

/// List members
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/members", tag = "organisations",
    params(("organisation" = OrganisationId, Path, description = "The organisation"), PageRequest),
    responses((status = 200, description = "Its members", body = Page<MemberView>)),
    extensions(("x-access" = json!("manage_members")))
)]
pub(crate) async fn get(
    State(app): State<AppState>,
    member: Member<ManageMembers>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Page<MemberView>>, Problem> {
    let query = ListMembers { organisation: member.organisation, page };
    let found = app.platform.db.read(member.scope(), "list_members", query, list_members).await?;
    Ok(Json(found.map(MemberView::from)))
}

/// Lists the organisations that a person belongs to; run it in the scope of the account.
pub async fn organisations_of(tx: &mut Tx, account: AccountId) -> Result<Vec<Membership>, Failure<Never>> {
    Ok(store::memberships(tx, account).await?)
}
