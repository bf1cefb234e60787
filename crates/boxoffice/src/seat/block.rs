//! Taking seats off sale: kept for the house, or without a view.

use axum::extract::State;
use kernel::{EventId, OrganisationId};
use platform::{Refusal, RefusalKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::rights::EditEvents;
use web::{AppState, Json, Member, Path, Problem};

use super::model::SEATS_AN_EVENT_MAX;
use crate::lane;

/// Take seats off sale, or put them on sale again: all of them or none.
#[derive(Debug, Clone)]
pub struct Block {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// Which seats, by their ids.
    pub seats: Vec<String>,
    /// Whether they go off sale.
    pub is_blocked: bool,
}

/// Why seats stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockRefusal {
    /// The event has no numbered seats.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// Nothing was named, or too much.
    #[error("Name 1 to {SEATS_AN_EVENT_MAX} seats.")]
    Nothing,
    /// Seats that the event does not have, or that were named twice.
    #[error("Some of these are no seats of the event, or were named twice.")]
    Unknown {
        /// Which.
        seats: Vec<String>,
    },
    /// Seats that are held or sold, or that are on sale or off it already.
    #[error("Some of these seats are in use, or are so already.")]
    InUse {
        /// Which.
        seats: Vec<String>,
    },
}

impl Refusal for BlockRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Nothing => "nothing_chosen",
            Self::Unknown { .. } => "unknown_seats",
            Self::InUse { .. } => "seats_taken",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Nothing | Self::Unknown { .. } => RefusalKind::Invalid,
            Self::InUse { .. } => RefusalKind::Conflict,
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::Unknown { seats } | Self::InUse { seats } => Some(json!({"seats": seats})),
            Self::NotFound | Self::Nothing => None,
        }
    }
}

/// Seats to take off sale or to put on sale.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatBlock {
    /// The seats, by their ids.
    seats: Vec<String>,
    /// True takes them off sale, false puts them on sale again.
    is_blocked: bool,
}

/// Seats that were changed.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SeatBlocked {
    /// The version of the event's seats that this made.
    pub version: i64,
}

/// Take seats off sale, or put them on sale again
///
/// All of them or none. Seats that somebody holds or has bought cannot be taken off sale.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation}/events/{event}/seats/block", tag = "Seats", request_body = SeatBlock,
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = SeatBlocked)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn block_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId)>,
    Json(body): Json<SeatBlock>,
) -> Result<Json<SeatBlocked>, Problem> {
    let Path((_, event)) = path;
    if body.seats.is_empty() || body.seats.len() > SEATS_AN_EVENT_MAX {
        return Err(Problem::refused(&BlockRefusal::Nothing));
    }
    let command = Block { organisation: member.organisation, event, seats: body.seats, is_blocked: body.is_blocked };
    let version = lane::ask(&app.platform, command).await?.answer;
    Ok(Json(SeatBlocked { version }))
}
