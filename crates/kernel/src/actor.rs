//! Who did it.

use std::fmt;

use crate::{AccountId, ApiKeyId, DeviceId};

/// The author of a change, as the journal keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    Account(AccountId),
    /// A program with an organisation's key.
    ApiKey(ApiKeyId),
    /// A scanner at the door.
    Device(DeviceId),
    /// Someone who did not sign in: a guest at the checkout.
    Guest,
    /// Turnout itself: jobs, sweepers, webhooks.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
            Self::Device(id) => id.fmt(f),
            Self::Guest => f.write_str("guest"),
            Self::System => f.write_str("system"),
        }
    }
}
