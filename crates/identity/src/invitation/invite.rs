//! Invites someone to an organisation by mail.

use axum::extract::State;
use jiff::SignedDuration;
use kernel::mail::MailRequest;
use kernel::{AccountId, ApiKeyId, Email, InvitationId, OrganisationId, Role};
use platform::jobs::When;
use platform::{Failure, Fault, FieldError, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use serde_json::json;
use web::rights::ManageMembers;
use web::{AppState, Created, Json, Member, Principal, Problem};

use super::model::{
    INVITATIONS_PER_DAY_MAX, Invitation, InvitationState, InvitationView, TOKEN_PREFIX, expiry, role_words,
};
use super::store;
use crate::events::InvitationSent;
use crate::member::model::may_touch;
use crate::secret::{Secret, TenantToken};

const RETRY_AFTER_SECONDS: u32 = 3600;

/// Who invites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inviter {
    /// A member.
    Member(AccountId, Role),
    /// A program; it invites in the name of whoever made its key.
    Key(ApiKeyId),
}

/// Someone is to be invited.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Where to.
    pub organisation: OrganisationId,
    /// Who.
    pub email: Email,
    /// As what.
    pub role: Role,
    /// By whom.
    pub inviter: Inviter,
    /// The page that accepts; the token goes behind `#token=`, which browsers send to no server.
    pub page: String,
}

/// An invitation that was sent, and the token that only its mail has otherwise.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// What accepts it.
    pub token: TenantToken,
}

/// Why nobody was invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteRefusal {
    /// The organisation or the inviter is gone.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// Only an owner invites owners.
    #[error("Only an owner can invite an owner.")]
    OwnersOnly,
    /// They are a member.
    #[error("This person is a member already.")]
    AlreadyMember,
    /// The organisation sent many invitations today.
    #[error("That are too many invitations for one day. Try again later.")]
    TooMany,
}

impl Refusal for InviteRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::OwnersOnly => "owners_only",
            Self::AlreadyMember => "already_member",
            Self::TooMany => "too_many_invitations",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::OwnersOnly => RefusalKind::Forbidden,
            Self::AlreadyMember => RefusalKind::Conflict,
            Self::TooMany => RefusalKind::TooMany { retry_after: RETRY_AFTER_SECONDS },
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::AlreadyMember => vec![FieldError::new("email", "already_member", "This person is a member already.")],
            _ => Vec::new(),
        }
    }
}

/// Invites someone. An open invitation to the same address is withdrawn: the later one counts.
pub async fn invite(tx: &mut Tx, command: Invite) -> Result<Invited, Failure<InviteRefusal>> {
    let (organisation, now) = (command.organisation, tx.now());
    let (inviter, role) = match command.inviter {
        Inviter::Member(account, role) => (account, Some(role)),
        Inviter::Key(key) => {
            let key = crate::api_key::store::find(tx, organisation, key).await?.ok_or(InviteRefusal::NotFound)?;
            (key.created_by, None)
        }
    };
    if !may_touch(role, command.role) {
        return Err(InviteRefusal::OwnersOnly.into());
    }
    store::lock_sending(tx, organisation).await?;
    if crate::member::store::is_member_address(tx, organisation, &command.email).await? {
        return Err(InviteRefusal::AlreadyMember.into());
    }
    let yesterday = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(now);
    if store::count_since(tx, organisation, yesterday).await? >= INVITATIONS_PER_DAY_MAX {
        return Err(InviteRefusal::TooMany.into());
    }
    store::revoke_open_to(tx, organisation, &command.email).await?;
    let invitation = Invitation {
        id: tx.new_id(),
        organisation,
        email: command.email,
        role: command.role,
        invited_by: inviter,
        created_at: now,
        expires_at: expiry(now),
        state: InvitationState::Open,
    };
    let token = TenantToken { organisation, secret: Secret::new(tx.random()) };
    store::insert(tx, &invitation, &token.secret).await?;
    let link = format!("{}#token={}", command.page, token.write(TOKEN_PREFIX));
    let mail = mail(tx, &invitation, link).await?;
    tx.enqueue(&mail, When::Now).await?;
    let fact = InvitationSent { organisation, invitation: invitation.id, role: invitation.role };
    tx.record(Some(organisation), &fact).await?;
    Ok(Invited { invitation, token })
}

async fn mail(tx: &mut Tx, invitation: &Invitation, link: String) -> Result<MailRequest, Failure<InviteRefusal>> {
    let facts = crate::organisation::store::find(tx, invitation.organisation).await?.ok_or(InviteRefusal::NotFound)?;
    let inviter = crate::account::store::find(tx, invitation.invited_by).await?;
    let inviter = inviter.ok_or_else(|| Fault::corrupt("the inviter has no account"))?;
    let inviter = if inviter.name.is_empty() { inviter.email.to_string() } else { inviter.name };
    Ok(MailRequest {
        organisation: Some(invitation.organisation),
        dedupe_key: format!("invitation:{}", invitation.id),
        template: "invitation".to_owned(),
        to: invitation.email.clone(),
        data: json!({
            "organisation_name": facts.name,
            "role": role_words(invitation.role),
            "link": link,
            "inviter": inviter,
        }),
        attachments: Vec::new(),
    })
}

/// Someone to invite.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvitation {
    /// The address that the invitation goes to; only its account can accept.
    email: Email,
    /// What they become.
    role: Role,
}

/// Invite someone
///
/// A mail with a link goes out. It is good for seven days and for that address only. Only an owner invites owners.
#[utoipa::path(
    post, path = "/api/v1/organisations/{organisation}/invitations", tag = "organisations",
    params(("organisation" = OrganisationId, Path, description = "The organisation")),
    request_body = NewInvitation,
    responses((status = 201, description = "The invitation", body = InvitationView)),
    extensions(("x-access" = json!("manage_members")))
)]
pub(crate) async fn post(
    State(app): State<AppState>,
    member: Member<ManageMembers>,
    Json(body): Json<NewInvitation>,
) -> Result<Created<InvitationView>, Problem> {
    let inviter = match (&member.principal, member.role) {
        (Principal::Account { account, .. }, Some(role)) => Inviter::Member(*account, role),
        (Principal::Account { .. }, None) => return Err(Problem::not_found()),
        (Principal::ApiKey { key, .. }, _) => Inviter::Key(*key),
    };
    let command = Invite {
        organisation: member.organisation,
        email: body.email,
        role: body.role,
        inviter,
        page: app.platform.url("/app/invitations"),
    };
    let invited = app.platform.db.write(member.scope(), "invite", command, invite).await?;
    let id: InvitationId = invited.invitation.id;
    let location = format!("/api/v1/organisations/{}/invitations/{id}", member.organisation);
    Ok(Created { location, body: invited.invitation.into() })
}
