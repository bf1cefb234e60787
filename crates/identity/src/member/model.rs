//! The rules of membership. Pure.

use kernel::{OrganisationId, Role, Slug};
use platform::{Refusal, RefusalKind};
use serde::Serialize;

use crate::label::Label;

/// An organisation that a person belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Membership {
    /// Which organisation.
    pub id: OrganisationId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name on pages.
    pub name: Label,
    /// What the person is in it.
    pub role: Role,
}

/// Why a membership was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MemberRefusal {
    /// There is no such member.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// Only an owner makes, changes and removes owners.
    #[error("Only an owner can do this.")]
    OwnersOnly,
    /// An organisation without an owner could never get one again.
    #[error("An organisation needs an owner. Make someone else an owner first.")]
    LastOwner,
}

impl Refusal for MemberRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::OwnersOnly => "owners_only",
            Self::LastOwner => "last_owner",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::OwnersOnly => RefusalKind::Forbidden,
            Self::LastOwner => RefusalKind::Conflict,
        }
    }
}

/// Whether someone may give, take or change a role: `actor` is their own, none for an API key.
pub fn may_touch(actor: Option<Role>, role: Role) -> bool {
    role != Role::Owner || actor == Some(Role::Owner)
}

/// Checks a change of a member's role; `after` is none when the member goes. `owners` counts the owners before.
pub fn check_change(
    actor: Option<Role>,
    before: Role,
    after: Option<Role>,
    owners: usize,
) -> Result<(), MemberRefusal> {
    if !may_touch(actor, before) || after.is_some_and(|after| !may_touch(actor, after)) {
        return Err(MemberRefusal::OwnersOnly);
    }
    if before == Role::Owner && after != Some(Role::Owner) && owners <= 1 {
        return Err(MemberRefusal::LastOwner);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owners_touch_owners_and_one_always_stays() {
        let (owner, manager, viewer) = (Role::Owner, Role::Manager, Role::Viewer);
        assert_eq!(check_change(Some(owner), viewer, Some(owner), 1), Ok(()));
        assert_eq!(check_change(Some(manager), viewer, Some(manager), 1), Ok(()));
        assert_eq!(check_change(Some(manager), viewer, Some(owner), 1), Err(MemberRefusal::OwnersOnly));
        assert_eq!(check_change(Some(manager), owner, Some(viewer), 2), Err(MemberRefusal::OwnersOnly));
        assert_eq!(check_change(Some(manager), owner, None, 2), Err(MemberRefusal::OwnersOnly));
        assert_eq!(check_change(None, owner, None, 2), Err(MemberRefusal::OwnersOnly));
        assert_eq!(check_change(None, viewer, None, 1), Ok(()));
        assert_eq!(check_change(Some(owner), owner, None, 2), Ok(()));
        assert_eq!(check_change(Some(owner), owner, None, 1), Err(MemberRefusal::LastOwner));
        assert_eq!(check_change(Some(owner), owner, Some(manager), 1), Err(MemberRefusal::LastOwner));
        assert_eq!(check_change(Some(owner), owner, Some(owner), 1), Ok(()));
    }
}
