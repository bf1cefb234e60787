//! Why the gate of a sale stays shut.

use platform::{Refusal, RefusalKind};
use serde_json::json;

/// Why someone may not buy now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionRefusal {
    /// Nobody was let in with what was presented.
    #[error("This sale has a waiting room. {}", .reason.words())]
    WaitingRoom {
        /// The event's name in addresses.
        slug: String,
        /// What is wrong with what was presented.
        reason: Reason,
    },
    /// The organiser pulled the emergency brake while places were held.
    #[error("The organiser has stopped the sale for now. Whoever had their turn will be first when it goes on.")]
    Stopped,
    /// The admission was used for all it is good for, or was put back in the line.
    #[error("You have used your turn in this sale, or it is not your turn any more.")]
    Spent,
}

/// What is wrong with what was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There was nothing.
    Missing,
    /// It was not given by us to this browser for this event.
    Foreign,
    /// It ran out, or was made void by an emergency stop.
    Expired,
    /// The sale is stopped.
    Stopped,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Foreign => "foreign",
            Self::Expired => "expired",
            Self::Stopped => "stopped",
        }
    }
    fn words(self) -> &'static str {
        match self {
            Self::Missing => "Join it, and you will be let in when it is your turn.",
            Self::Foreign => "Your turn cannot be passed on: join with the browser you want to buy with.",
            Self::Expired => "Your turn is over; you can join again.",
            Self::Stopped => {
                "The organiser has stopped the sale for now. Whoever had their turn will be first when it goes on."
            }
        }
    }
}

impl Refusal for AdmissionRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::WaitingRoom { .. } => "waiting_room",
            Self::Stopped => "sale_stopped",
            Self::Spent => "admission_spent",
        }
    }
    fn kind(&self) -> RefusalKind {
        RefusalKind::Conflict
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::WaitingRoom { slug, reason } => Some(json!({
                "reason": reason.as_str(),
                "join": format!("/api/v1/events/{slug}/waiting-room/place"),
                "page": format!("/e/{slug}/queue"),
            })),
            Self::Stopped | Self::Spent => None,
        }
    }
}
