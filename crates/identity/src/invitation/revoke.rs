//! Withdraws an invitation.

use axum::extract::State;
use kernel::{InvitationId, OrganisationId};
use platform::{Failure, NotFound, Tx};
use web::rights::ManageMembers;
use web::{AppState, Member, NoContent, Path, Problem};

use super::store;
use crate::events::InvitationRevoked;

/// An invitation is to be withdrawn.
#[derive(Debug, Clone)]
pub struct RevokeInvitation {
    /// Whose.
    pub organisation: OrganisationId,
    /// Which.
    pub invitation: InvitationId,
}

/// Withdraws an open invitation.
pub async fn revoke_invitation(tx: &mut Tx, command: RevokeInvitation) -> Result<(), Failure<NotFound>> {
    let RevokeInvitation { organisation, invitation } = command;
    if !store::revoke(tx, organisation, invitation).await? {
        return Err(NotFound.into());
    }
    tx.record(Some(organisation), &InvitationRevoked { organisation, invitation }).await?;
    Ok(())
}

/// Withdraw an invitation
#[utoipa::path(
    delete, path = "/api/v1/organisations/{organisation}/invitations/{invitation}", tag = "organisations",
    params(
        ("organisation" = OrganisationId, Path, description = "The organisation"),
        ("invitation" = InvitationId, Path, description = "The invitation")
    ),
    responses((status = 204, description = "Its link is useless now")),
    extensions(("x-access" = json!("manage_members")))
)]
pub(crate) async fn delete(
    State(app): State<AppState>,
    member: Member<ManageMembers>,
    Path((organisation, invitation)): Path<(OrganisationId, InvitationId)>,
) -> Result<NoContent, Problem> {
    let command = RevokeInvitation { organisation, invitation };
    app.platform.db.write(member.scope(), "revoke_invitation", command, revoke_invitation).await?;
    Ok(NoContent)
}
