//! Accepts an invitation.

use axum::extract::State;
use kernel::{AccountId, Role};
use platform::{Failure, Refusal, RefusalKind, Scope, Tx};
use serde::Deserialize;
use web::{AppState, Json, Problem, Signed};

use super::model::{InvitationState, TOKEN_PREFIX};
use super::store;
use crate::events::MemberJoined;
use crate::organisation::model::{OrganisationFacts, OrganisationView};
use crate::secret::TenantToken;

/// Someone accepts an invitation. Run it in the scope of the token's organisation.
#[derive(Debug, Clone)]
pub struct AcceptInvitation {
    /// What the mail brought.
    pub token: TenantToken,
    /// Who accepts.
    pub account: AccountId,
}

/// Why nobody joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptInvitationRefusal {
    /// There is no such invitation.
    #[error("This invitation is not known.")]
    Unknown,
    /// It was mailed to someone else: a forwarded link must not hand out a role.
    #[error("This invitation was sent to another address. Sign in with that address to accept it.")]
    OtherAddress,
    /// Seven days have passed.
    #[error("This invitation has expired. Ask for a new one.")]
    Expired,
    /// It was accepted before.
    #[error("This invitation was accepted already.")]
    Used,
    /// It was withdrawn, or a later one took its place.
    #[error("This invitation was withdrawn. Ask for a new one.")]
    Revoked,
}

impl Refusal for AcceptInvitationRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "not_found",
            Self::OtherAddress => "other_address",
            Self::Expired => "invitation_expired",
            Self::Used => "invitation_used",
            Self::Revoked => "invitation_revoked",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::Unknown => RefusalKind::NotFound,
            Self::OtherAddress => RefusalKind::Forbidden,
            Self::Expired | Self::Used | Self::Revoked => RefusalKind::Gone,
        }
    }
}

/// Accepts an invitation. Who is a member already keeps their role.
pub async fn accept_invitation(
    tx: &mut Tx,
    command: AcceptInvitation,
) -> Result<(OrganisationFacts, Role), Failure<AcceptInvitationRefusal>> {
    let AcceptInvitation { token, account } = command;
    let organisation = token.organisation;
    let found = store::find_by_secret(tx, organisation, &token.secret).await?;
    let invitation = found.ok_or(AcceptInvitationRefusal::Unknown)?;
    let person = crate::account::store::find(tx, account).await?.ok_or(AcceptInvitationRefusal::Unknown)?;
    if person.email.normalised() != invitation.email.normalised() {
        return Err(AcceptInvitationRefusal::OtherAddress.into());
    }
    match invitation.state {
        InvitationState::Accepted => return Err(AcceptInvitationRefusal::Used.into()),
        InvitationState::Revoked => return Err(AcceptInvitationRefusal::Revoked.into()),
        InvitationState::Open if tx.now() >= invitation.expires_at => {
            return Err(AcceptInvitationRefusal::Expired.into());
        }
        InvitationState::Open => {}
    }
    store::mark_accepted(tx, organisation, invitation.id).await?;
    if crate::member::store::insert(tx, organisation, account, invitation.role).await? {
        tx.record(Some(organisation), &MemberJoined { organisation, account, role: invitation.role }).await?;
    }
    let role = crate::member::store::find_role(tx, organisation, account).await?;
    let facts = crate::organisation::store::find(tx, organisation).await?;
    let (role, facts) = role.zip(facts).ok_or(AcceptInvitationRefusal::Unknown)?;
    Ok((facts, role))
}

/// The token of the mail.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptRequest {
    /// What stands behind `#token=` in the link.
    token: String,
}

/// Accept an invitation
///
/// The person signed in must have the address that the invitation was mailed to.
#[utoipa::path(
    post, path = "/api/v1/invitations/accept", tag = "organisations",
    request_body = AcceptRequest,
    responses((status = 200, description = "The organisation joined", body = OrganisationView)),
    extensions(("x-access" = json!("signed_in")))
)]
pub(crate) async fn post(
    State(app): State<AppState>,
    signed: Signed,
    Json(body): Json<AcceptRequest>,
) -> Result<Json<OrganisationView>, Problem> {
    let token = TenantToken::parse(TOKEN_PREFIX, body.token.trim());
    let token = token.ok_or_else(|| Problem::refused(&AcceptInvitationRefusal::Unknown))?;
    let scope = Scope::Tenant(token.organisation);
    let command = AcceptInvitation { token, account: signed.account };
    let (facts, role) = app.platform.db.write(scope, "accept_invitation", command, accept_invitation).await?;
    Ok(Json(OrganisationView::new(facts, Some(role))))
}
