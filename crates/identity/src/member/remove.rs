//! Removes a member.

use axum::extract::State;
use kernel::{AccountId, OrganisationId, Role};
use platform::{Failure, Tx};
use web::rights::ManageMembers;
use web::{AppState, Member, NoContent, Path, Problem};

use super::model::{MemberRefusal, check_change};
use super::store;
use crate::events::MemberRemoved;

/// A member is to go.
#[derive(Debug, Clone)]
pub struct RemoveMember {
    /// From where.
    pub organisation: OrganisationId,
    /// Who.
    pub account: AccountId,
    /// What the one who decides is; none for an API key.
    pub actor: Option<Role>,
}

/// Removes a member and withdraws the invitations they sent. Keys they made stay: they belong to the organisation.
pub async fn remove_member(tx: &mut Tx, command: RemoveMember) -> Result<(), Failure<MemberRefusal>> {
    let RemoveMember { organisation, account, actor } = command;
    let owners = store::lock_owners(tx, organisation).await?;
    let member = store::find(tx, organisation, account).await?.ok_or(MemberRefusal::NotFound)?;
    check_change(actor, member.role, None, owners)?;
    store::delete(tx, organisation, account).await?;
    crate::invitation::store::revoke_sent_by(tx, organisation, account, None).await?;
    tx.record(Some(organisation), &MemberRemoved { organisation, account }).await?;
    Ok(())
}

/// Remove a member
///
/// Only an owner removes owners, and the last owner stays.
#[utoipa::path(
    delete, path = "/api/v1/organisations/{organisation}/members/{account}", tag = "organisations",
    params(
        ("organisation" = OrganisationId, Path, description = "The organisation"),
        ("account" = AccountId, Path, description = "The member")
    ),
    responses((status = 204, description = "The member is gone")),
    extensions(("x-access" = json!("manage_members")))
)]
pub(crate) async fn delete(
    State(app): State<AppState>,
    member: Member<ManageMembers>,
    Path((organisation, account)): Path<(OrganisationId, AccountId)>,
) -> Result<NoContent, Problem> {
    let command = RemoveMember { organisation, account, actor: member.role };
    app.platform.db.write(member.scope(), "remove_member", command, remove_member).await?;
    Ok(NoContent)
}
