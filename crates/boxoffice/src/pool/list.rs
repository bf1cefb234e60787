//! The organiser's list of pools.

use axum::extract::State;
use kernel::{EventId, OrganisationId, Page, PoolId};
use platform::{Failure, NotFound, Tx};
use serde::Serialize;
use web::rights::ViewOrganisation;
use web::{AppState, Json, Member, Path, Problem};

use super::store::{self, NamedPool};

/// A pool as its organiser sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PoolView {
    /// Which one.
    pub id: PoolId,
    /// What it is called.
    pub name: String,
    /// Places in all.
    pub capacity: i32,
    /// Places put aside for buyers who have not paid.
    pub held: i32,
    /// Places with a valid ticket.
    pub sold: i32,
    /// Places left.
    pub available: i32,
    /// How often it changed.
    pub version: i64,
}

impl From<NamedPool> for PoolView {
    fn from(named: NamedPool) -> Self {
        let available = named.pool.available();
        Self {
            id: named.pool.id,
            name: named.name,
            capacity: named.pool.capacity,
            held: named.pool.held,
            sold: named.pool.sold,
            available,
            version: named.pool.version,
        }
    }
}

/// Reads the pools of an event.
pub async fn list(
    tx: &mut Tx,
    (organisation, event): (OrganisationId, EventId),
) -> Result<Vec<PoolView>, Failure<NotFound>> {
    catalog::api::get_facts(tx, organisation, event).await?.ok_or(NotFound)?;
    Ok(store::list(tx, organisation, event).await?.into_iter().map(PoolView::from).collect())
}

/// List the pools of an event
#[utoipa::path(get, path = "/api/v1/organisations/{organisation}/events/{event}/pools", tag = "Ticket types",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = Page<PoolView>)), extensions(("x-access" = json!("view_organisation"))))]
pub(crate) async fn list_http(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
    path: Path<(OrganisationId, EventId)>,
) -> Result<Json<Page<PoolView>>, Problem> {
    let Path((_, event)) = path;
    let items = app.platform.db.read(member.scope(), "list_pools", (member.organisation, event), list).await?;
    Ok(Json(Page { items, next_cursor: None }))
}
