//! Pausing, resuming, stopping and closing a waiting room.

use axum::extract::State;
use kernel::events::WaitingRoomSteered;
use kernel::{EventId, OrganisationId};
use platform::{Failure, NotFound, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use web::rights::EditEvents;
use web::{AppState, Json, Member, Path, Problem};

use super::model::Room;
use super::model::steer::{self as rules, CannotSteer, RoomState, Steering};
use super::rooms;
use super::show::{RoomView, view};
use super::store::{self, entries};

/// Why a room is not steered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SteerRefusal {
    /// The event has no waiting room.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Not from the state it is in.
    #[error(transparent)]
    Cannot(#[from] CannotSteer),
}

impl Refusal for SteerRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::Cannot(CannotSteer::Closed) => "waiting_room_closed",
            Self::Cannot(CannotSteer::Running) => "waiting_room_running",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(_) => RefusalKind::NotFound,
            Self::Cannot(_) => RefusalKind::Conflict,
        }
    }
}

/// Steers a room. An emergency stop makes every admission void and puts whoever was in, and has bought nothing, back to the head of the line.
pub async fn steer(
    tx: &mut Tx,
    (organisation, event, steering): (OrganisationId, EventId, Steering),
) -> Result<(), Failure<SteerRefusal>> {
    let room = store::lock(tx, organisation, event).await?.ok_or(NotFound).map_err(SteerRefusal::NotFound)?;
    let state = rules::steer(room.state, room.is_drawn(), steering).map_err(SteerRefusal::Cannot)?;
    if state == room.state {
        return Ok(());
    }
    let is_stop = state == RoomState::Stopped;
    let changed = Room {
        state,
        epoch: room.epoch + i32::from(is_stop),
        revision: room.revision + 1,
        version: room.version + 1,
        ..room
    };
    if is_stop {
        entries::put_back(tx, &changed).await?;
    }
    store::save(tx, &changed, None).await?;
    tx.record(Some(organisation), &WaitingRoomSteered { event, state: state.as_str().to_owned() }).await?;
    Ok(())
}

/// What to do with a waiting room.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SteerRequest {
    /// What to do.
    action: Steering,
}

/// Pause, resume, stop or close a waiting room
///
/// `pause` lets nobody in; whoever is in may go on. `stop` is for emergencies: admissions are void at once on the node that is asked, within
/// three seconds on all. `close` opens the sale to everyone.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation}/events/{event}/waiting-room/steer", tag = "Waiting room", request_body = SteerRequest,
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = RoomView)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn steer_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId)>,
    Json(body): Json<SteerRequest>,
) -> Result<Json<RoomView>, Problem> {
    let Path((_, event)) = path;
    let command = (member.organisation, event, body.action);
    app.platform.db.write(member.scope(), "steer_waiting_room", command, steer).await?;
    rooms::of(&app.platform).forget();
    Ok(Json(view(&app.platform, member.organisation, event).await?))
}
