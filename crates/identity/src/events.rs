//! Facts for the journal that only this context reads: who came, who left, what was revoked. Ids only, never personal data.

use kernel::events::JournalEvent;
use kernel::{AccountId, ApiKeyId, InvitationId, OrganisationId, Right, Role, SessionId};
use serde::{Deserialize, Serialize};

macro_rules! journal_events {
    ($($(#[$doc:meta])* $name:ident = $kind:literal on $aggregate:literal by $id:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
        impl JournalEvent for $name {
            const KIND: &'static str = $kind;
            const AGGREGATE: &'static str = $aggregate;
            fn aggregate_id(&self) -> uuid::Uuid { self.$id.uuid() }
        }
    )*};
}

journal_events! {
    /// Someone proved that an address is theirs.
    SignedIn = "identity.signed_in" on "account" by account {
        /// Who.
        account: AccountId,
        /// The session that began.
        session: SessionId,
    }
    /// A session was ended by the person or by a rule.
    SessionRevoked = "identity.session_revoked" on "account" by account {
        /// Whose.
        account: AccountId,
        /// Which.
        session: SessionId,
        /// Why.
        reason: Revocation,
    }
    /// A person changed what they are called or the language they read.
    AccountEdited = "identity.account_edited" on "account" by account {
        /// Who.
        account: AccountId,
    }
    /// Someone joined an organisation by an invitation.
    MemberJoined = "identity.member_joined" on "organisation" by organisation {
        /// Where.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
        /// As what.
        role: Role,
    }
    /// A member became something else.
    MemberRoleChanged = "identity.member_role_changed" on "organisation" by organisation {
        /// Where.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
        /// What they are now.
        role: Role,
    }
    /// A member was removed.
    MemberRemoved = "identity.member_removed" on "organisation" by organisation {
        /// Where.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
    }
    /// An invitation was mailed.
    InvitationSent = "identity.invitation_sent" on "organisation" by organisation {
        /// Where to.
        organisation: OrganisationId,
        /// Which.
        invitation: InvitationId,
        /// As what.
        role: Role,
    }
    /// An invitation was withdrawn.
    InvitationRevoked = "identity.invitation_revoked" on "organisation" by organisation {
        /// Where to.
        organisation: OrganisationId,
        /// Which.
        invitation: InvitationId,
    }
    /// A key was made.
    ApiKeyCreated = "identity.api_key_created" on "organisation" by organisation {
        /// Whose.
        organisation: OrganisationId,
        /// Which.
        key: ApiKeyId,
        /// What it opens.
        scopes: Vec<Right>,
    }
    /// A key was made useless.
    ApiKeyRevoked = "identity.api_key_revoked" on "organisation" by organisation {
        /// Whose.
        organisation: OrganisationId,
        /// Which.
        key: ApiKeyId,
    }
}

/// Why a session ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// The person signed out in it.
    SignedOut,
    /// The person ended it from another session.
    ByOwner,
    /// A refresh token was used twice: one of the two users stole it (RFC 9700 section 4.14.2).
    RefreshTokenReused,
    /// The account had more sessions than it may have; this was the one unused for longest.
    TooMany,
}
