//! Rights as types: `Member<EditEvents>` in a handler's arguments is the check.

/// A right that a handler asks for.
pub trait Right: Send + Sync + 'static {
    /// The right itself.
    const RIGHT: kernel::Right;
}

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name;

        impl Right for $name {
            const RIGHT: kernel::Right = kernel::Right::$name;
        }
    )*};
}

rights! {
    /// See the organisation and its events.
    ViewOrganisation;
    /// Create, edit, publish and cancel events, ticket types and pools.
    EditEvents;
    /// See orders and attendees.
    ViewOrders;
    /// Cancel, refund and resend orders.
    ManageOrders;
    /// Scan tickets and let people in.
    CheckIn;
    /// Invite and remove members.
    ManageMembers;
    /// Create and revoke API keys.
    ManageKeys;
}
