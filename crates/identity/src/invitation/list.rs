//! Lists the invitations that wait for an answer.

use axum::extract::State;
use kernel::{OrganisationId, Page, PageRequest};
use platform::{Failure, InvalidFields, Tx};
use web::rights::ManageMembers;
use web::{AppState, Json, Member, Problem, Query};

use super::model::{Invitation, InvitationView};
use super::store;
use crate::cursor;

#[derive(Debug, Clone)]
struct ListInvitations {
    organisation: OrganisationId,
    page: PageRequest,
}

async fn list_invitations(tx: &mut Tx, query: ListInvitations) -> Result<Page<Invitation>, Failure<InvalidFields>> {
    let behind = cursor::read(&query.page)?;
    let rows = store::list_open(tx, query.organisation, behind, query.page.rows()).await?;
    Ok(Page::cut(rows, query.page.items(), |invitation| invitation.id.to_string()))
}

/// List open invitations
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/invitations", tag = "organisations",
    params(("organisation" = OrganisationId, Path, description = "The organisation"), PageRequest),
    responses((status = 200, description = "Those that wait for an answer, the newest first", body = Page<InvitationView>)),
    extensions(("x-access" = json!("manage_members")))
)]
pub(crate) async fn get(
    State(app): State<AppState>,
    member: Member<ManageMembers>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Page<InvitationView>>, Problem> {
    let query = ListInvitations { organisation: member.organisation, page };
    let found = app.platform.db.read(member.scope(), "list_invitations", query, list_invitations).await?;
    Ok(Json(found.map(InvitationView::from)))
}
