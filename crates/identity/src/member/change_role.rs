//! Makes a member something else.

use axum::extract::State;
use kernel::{AccountId, OrganisationId, Right, Role};
use platform::{Failure, Tx};
use serde::Deserialize;
use web::rights::ManageMembers;
use web::{AppState, Json, Member, Path, Problem};

use super::list::MemberView;
use super::model::{MemberRefusal, check_change};
use super::store::{self, MemberRow};
use crate::events::MemberRoleChanged;

/// A member is to become something else.
#[derive(Debug, Clone)]
pub struct ChangeRole {
    /// Where.
    pub organisation: OrganisationId,
    /// Who.
    pub account: AccountId,
    /// What they become.
    pub role: Role,
    /// What the one who decides is; none for an API key.
    pub actor: Option<Role>,
}

/// Changes a member's role. Invitations that the member sent and could not send any more are withdrawn.
pub async fn change_role(tx: &mut Tx, command: ChangeRole) -> Result<MemberRow, Failure<MemberRefusal>> {
    let ChangeRole { organisation, account, role, actor } = command;
    let owners = store::lock_owners(tx, organisation).await?;
    let member = store::find(tx, organisation, account).await?.ok_or(MemberRefusal::NotFound)?;
    check_change(actor, member.role, Some(role), owners)?;
    if member.role == role {
        return Ok(member);
    }
    store::set_role(tx, organisation, account, role).await?;
    if !role.carries(Right::ManageMembers) {
        crate::invitation::store::revoke_sent_by(tx, organisation, account, None).await?;
    } else if role != Role::Owner {
        crate::invitation::store::revoke_sent_by(tx, organisation, account, Some(Role::Owner)).await?;
    }
    tx.record(Some(organisation), &MemberRoleChanged { organisation, account, role }).await?;
    Ok(MemberRow { role, ..member })
}

/// What the member becomes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberPatch {
    /// The new role.
    role: Role,
}

/// Change a member's role
///
/// Only an owner makes or changes owners, and the last owner stays one.
#[utoipa::path(
    patch, path = "/api/v1/organisations/{organisation}/members/{account}", tag = "organisations",
    params(
        ("organisation" = OrganisationId, Path, description = "The organisation"),
        ("account" = AccountId, Path, description = "The member")
    ),
    request_body = MemberPatch,
    responses((status = 200, description = "The member", body = MemberView)),
    extensions(("x-access" = json!("manage_members")))
)]
pub(crate) async fn patch(
    State(app): State<AppState>,
    member: Member<ManageMembers>,
    Path((organisation, account)): Path<(OrganisationId, AccountId)>,
    Json(body): Json<MemberPatch>,
) -> Result<Json<MemberView>, Problem> {
    let command = ChangeRole { organisation, account, role: body.role, actor: member.role };
    let changed = app.platform.db.write(member.scope(), "change_role", command, change_role).await?;
    Ok(Json(changed.into()))
}
