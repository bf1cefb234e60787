//! Making a pool larger or smaller, never smaller than what is sold and held.

use axum::extract::State;
use kernel::{EventId, OrganisationId, PoolId};
use platform::{Failure, FieldError, InvalidFields, NotFound, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use serde_json::json;
use web::rights::EditEvents;
use web::{AppState, Json, Member, Path, Problem};

use super::list::{self, PoolView};
use super::{open, store};
use crate::lane;

/// Why a pool is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditRefusal {
    /// No such pool.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Fields break rules.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
    /// More is sold and held than would fit.
    #[error("{sold} places are sold and {held} are held, so the capacity cannot be less than {}.", sold + held)]
    BelowSold {
        /// Places sold.
        sold: i32,
        /// Places held.
        held: i32,
    },
}

impl Refusal for EditRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::Invalid(_) => "invalid_fields",
            Self::BelowSold { .. } => "capacity_below_sold",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(_) => RefusalKind::NotFound,
            Self::Invalid(_) => RefusalKind::Invalid,
            Self::BelowSold { .. } => RefusalKind::Conflict,
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(invalid) => invalid.fields(),
            _ => Vec::new(),
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::BelowSold { sold, held } => Some(json!({"sold": sold, "held": held})),
            _ => None,
        }
    }
}

/// What to change; what is left out stays.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolEdit {
    /// What it is called.
    name: Option<String>,
    /// Places in all.
    #[schema(minimum = 0, maximum = 1_000_000)]
    capacity: Option<i32>,
}

/// Give a pool another capacity. It is decided under the pool's lock, against the numbers of that moment.
#[derive(Debug, Clone, Copy)]
pub struct Resize {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// Which pool.
    pub pool: PoolId,
    /// Places in all, checked.
    pub capacity: i32,
}

/// Gives a pool another name, if there is such a pool.
pub async fn rename(
    tx: &mut Tx,
    (organisation, event, id, name): (OrganisationId, EventId, PoolId, Option<String>),
) -> Result<(), Failure<EditRefusal>> {
    let known = store::list(tx, organisation, event).await?;
    if !known.iter().any(|named| named.pool.id == id) {
        return Err(EditRefusal::NotFound(NotFound).into());
    }
    if let Some(name) = name {
        store::rename(tx, organisation, id, name.trim()).await?;
    }
    Ok(())
}

/// Edit a pool
///
/// A capacity below what is sold and held is refused with the numbers.
#[utoipa::path(patch, path = "/api/v1/organisations/{organisation}/events/{event}/pools/{pool}", tag = "Ticket types", request_body = PoolEdit,
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("pool" = PoolId, Path)),
    responses((status = 200, body = PoolView)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn edit_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId, PoolId)>,
    Json(body): Json<PoolEdit>,
) -> Result<Json<PoolView>, Problem> {
    let Path((_, event, pool)) = path;
    let organisation = member.organisation;
    open::check(body.name.as_deref(), body.capacity)
        .map_err(|invalid| Problem::refused(&EditRefusal::Invalid(invalid)))?;
    if let Some(capacity) = body.capacity {
        lane::ask(&app.platform, Resize { organisation, event, pool, capacity }).await?;
    }
    let input = (organisation, event, pool, body.name);
    app.platform.db.write(member.scope(), "rename_pool", input, rename).await?;
    let all = app.platform.db.read(member.scope(), "list_pools", (member.organisation, event), list::list).await?;
    Ok(Json(all.into_iter().find(|view| view.id == pool).ok_or_else(Problem::not_found)?))
}
