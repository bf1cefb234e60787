//! Roles in an organisation, and the rights they carry.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a member, a key or a device may do in one organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See the organisation and its events.
    ViewOrganisation,
    /// Create, edit, publish and cancel events, ticket types and pools.
    EditEvents,
    /// See orders and attendees.
    ViewOrders,
    /// Cancel, refund and resend orders.
    ManageOrders,
    /// Scan tickets and let people in.
    CheckIn,
    /// Invite and remove members.
    ManageMembers,
    /// Create and revoke API keys.
    ManageKeys,
}

impl Right {
    /// Every right, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::ViewOrganisation,
        Self::EditEvents,
        Self::ViewOrders,
        Self::ManageOrders,
        Self::CheckIn,
        Self::ManageMembers,
        Self::ManageKeys,
    ];

    /// The word used for the right in API key scopes and in `x-access`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ViewOrganisation => "view_organisation",
            Self::EditEvents => "edit_events",
            Self::ViewOrders => "view_orders",
            Self::ManageOrders => "manage_orders",
            Self::CheckIn => "check_in",
            Self::ManageMembers => "manage_members",
            Self::ManageKeys => "manage_keys",
        }
    }
}

impl FromStr for Right {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|right| right.as_str() == text).ok_or(UnknownWord)
    }
}

/// A word that is not in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known words")]
pub struct UnknownWord;

/// What a member is in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, keys and other owners included.
    Owner,
    /// Everything but keys and owners.
    Manager,
    /// Orders and the door.
    BoxOffice,
    /// The door only.
    Door,
    /// Looks, and touches nothing.
    Viewer,
}

impl Role {
    /// Every role, the strongest first.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Manager, Self::BoxOffice, Self::Door, Self::Viewer];

    /// Whether the role carries the right.
    pub fn carries(self, right: Right) -> bool {
        match self {
            Self::Owner => true,
            Self::Manager => right != Right::ManageKeys,
            Self::BoxOffice => {
                matches!(right, Right::ViewOrganisation | Right::ViewOrders | Right::ManageOrders | Right::CheckIn)
            }
            Self::Door => matches!(right, Right::ViewOrganisation | Right::CheckIn),
            Self::Viewer => matches!(right, Right::ViewOrganisation | Right::ViewOrders),
        }
    }

    /// The word kept in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Manager => "manager",
            Self::BoxOffice => "box_office",
            Self::Door => "door",
            Self::Viewer => "viewer",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownWord)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
