//! Ends a device's link.

use axum::extract::State;
use kernel::{DeviceId, EventId, ListId, OrganisationId};
use platform::{Failure, NotFound, Tx};
use serde::Deserialize;
use web::rights::EditEvents;
use web::{AppState, Member, NoContent, Path, Problem};

use super::store;
use crate::list::show::{ListPath, show};

/// A device whose link is to end.
#[derive(Debug, Clone, Copy)]
pub struct RevokeDevice {
    /// Of which list.
    pub list: ListPath,
    /// Which one.
    pub device: DeviceId,
}

/// Ends a link: the next request with it is refused. One that ended before is ended.
pub async fn revoke(tx: &mut Tx, command: RevokeDevice) -> Result<(), Failure<NotFound>> {
    let list = show(tx, command.list).await?;
    let is_there = store::revoke(tx, list.organisation, list.id, command.device).await?;
    if is_there { Ok(()) } else { Err(NotFound.into()) }
}

/// The path of one device.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct DevicePath {
    organisation: OrganisationId,
    event: EventId,
    list: ListId,
    device: DeviceId,
}

/// Revoke a device
///
/// Its link stops working at once; its scans stay.
#[utoipa::path(
    delete, path = "/api/v1/organisations/{organisation}/events/{event}/check-in-lists/{list}/devices/{device}", tag = "check-in",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("list" = ListId, Path), ("device" = DeviceId, Path)),
    responses((status = 204)),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn revoke_device(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    Path(path): Path<DevicePath>,
) -> Result<NoContent, Problem> {
    let list = ListPath { organisation: path.organisation, event: path.event, list: path.list };
    app.platform.db.write(member.scope(), "revoke_device", RevokeDevice { list, device: path.device }, revoke).await?;
    Ok(NoContent)
}
