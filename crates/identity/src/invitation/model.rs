//! The rules of invitations. Pure.

use jiff::{SignedDuration, Timestamp};
use kernel::{AccountId, Email, InvitationId, OrganisationId, Role};
use serde::Serialize;

/// How long an invitation is good.
pub const INVITATION_TTL_DAYS: i64 = 7;
/// Invitations that one organisation sends in a day; it is a way to mail strangers.
pub const INVITATIONS_PER_DAY_MAX: i64 = 100;
/// What the tokens of invitations begin with.
pub const TOKEN_PREFIX: &str = "ti";

/// When an invitation that is sent now ends.
pub fn expiry(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(24 * INVITATION_TTL_DAYS)).unwrap_or(now)
}

/// Whether an invitation still waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationState {
    /// It waits.
    Open,
    /// It was accepted.
    Accepted,
    /// It was withdrawn, or a later one took its place.
    Revoked,
}

/// An invitation, as it is stored.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Which.
    pub id: InvitationId,
    /// Where to.
    pub organisation: OrganisationId,
    /// Who was invited.
    pub email: Email,
    /// As what.
    pub role: Role,
    /// By whom.
    pub invited_by: AccountId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// Whether it still waits.
    pub state: InvitationState,
}

/// An invitation as those who manage members see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct InvitationView {
    /// Which.
    id: InvitationId,
    /// Who was invited.
    email: Email,
    /// As what.
    role: Role,
    /// When.
    created_at: Timestamp,
    /// Until when it is good.
    expires_at: Timestamp,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

/// What a role is called in letters.
pub fn role_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Manager => "manager",
        Role::BoxOffice => "box office",
        Role::Door => "door staff",
        Role::Viewer => "viewer",
    }
}
