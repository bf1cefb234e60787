//! Lists the devices of a list.

use axum::extract::State;
use kernel::{DeviceId, EventId, ListId, OrganisationId, Page, PageRequest};
use platform::{Failure, NotFound, Tx};
use web::rights::CheckIn;
use web::{AppState, Json, Member, Path, Problem, Query};

use super::model::{Device, DeviceView};
use super::store;
use crate::label::complaint;
use crate::list::show::{ListPath, show};

/// A page of a list's devices.
#[derive(Debug, Clone)]
pub struct BrowseDevices {
    /// Of which list.
    pub list: ListPath,
    /// Behind which one.
    pub behind: Option<DeviceId>,
    /// How many at most.
    pub page: PageRequest,
}

/// The devices of a list, the oldest first, revoked ones too.
pub async fn browse(tx: &mut Tx, query: BrowseDevices) -> Result<Page<Device>, Failure<NotFound>> {
    let list = show(tx, query.list).await?;
    let found = store::page(tx, list.organisation, list.id, query.behind, query.page.rows()).await?;
    Ok(Page::cut(found, query.page.items(), |device| device.id.to_string()))
}

/// List the devices of a check-in list
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/events/{event}/check-in-lists/{list}/devices", tag = "check-in",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("list" = ListId, Path), PageRequest),
    responses((status = 200, body = Page<DeviceView>)),
    extensions(("x-access" = json!("check_in")))
)]
pub(crate) async fn list_devices(
    State(app): State<AppState>,
    member: Member<CheckIn>,
    Path(list): Path<ListPath>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Page<DeviceView>>, Problem> {
    let behind = page.cursor.as_deref().map(str::parse).transpose();
    let behind =
        behind.map_err(|_| Problem::refused(&complaint("cursor", "invalid", "This is not a cursor of this list.")))?;
    let query = BrowseDevices { list, behind, page };
    let found = app.platform.db.read(member.scope(), "list_devices", query, browse).await?;
    Ok(Json(found.map(DeviceView::from)))
}
