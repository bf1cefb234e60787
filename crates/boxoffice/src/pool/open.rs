//! Opening a pool that several ticket types can share.

use axum::extract::State;
use kernel::{EventId, OrganisationId, PoolId};
use platform::{Failure, FieldError, InvalidFields, NotFound, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use web::rights::EditEvents;
use web::{AppState, Created, Json, Member, Path, Problem};

use super::list::{self, PoolView};
use super::model::{CAPACITY_MAX, POOL_NAME_CHARACTERS_MAX};
use super::store;

/// Why a pool is not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenRefusal {
    /// No such event.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Fields break rules.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
    /// The event has as many pools as it may.
    #[error("An event can have at most {} pools.", store::POOLS_AN_EVENT_MAX)]
    TooMany,
}

impl Refusal for OpenRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::Invalid(_) => "invalid_fields",
            Self::TooMany => "too_many_pools",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(_) => RefusalKind::NotFound,
            Self::Invalid(_) => RefusalKind::Invalid,
            Self::TooMany => RefusalKind::Conflict,
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(invalid) => invalid.fields(),
            _ => Vec::new(),
        }
    }
}

/// A pool to open.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPool {
    /// What it is called: `Main hall`.
    name: String,
    /// Places in all.
    #[schema(minimum = 0, maximum = 1_000_000)]
    capacity: i32,
}

/// Checks a pool's name and capacity.
pub(super) fn check(name: Option<&str>, capacity: Option<i32>) -> Result<(), InvalidFields> {
    let mut errors = Vec::new();
    if name.is_some_and(|name| {
        name.trim().is_empty() || name.chars().count() > POOL_NAME_CHARACTERS_MAX || name.chars().any(char::is_control)
    }) {
        errors.push(FieldError::new(
            "name",
            "length",
            format!("Give the pool a name of 1 to {POOL_NAME_CHARACTERS_MAX} characters."),
        ));
    }
    if capacity.is_some_and(|capacity| !(0..=CAPACITY_MAX).contains(&capacity)) {
        errors.push(FieldError::new("capacity", "range", "Enter a number of places from 0 to 1,000,000."));
    }
    if errors.is_empty() { Ok(()) } else { Err(InvalidFields(errors)) }
}

/// Opens a pool with its whole capacity free.
pub async fn open(
    tx: &mut Tx,
    (organisation, event, pool): (OrganisationId, EventId, NewPool),
) -> Result<PoolId, Failure<OpenRefusal>> {
    catalog::api::lock_facts_for_share(tx, organisation, event)
        .await?
        .ok_or(NotFound)
        .map_err(OpenRefusal::NotFound)?;
    check(Some(&pool.name), Some(pool.capacity)).map_err(OpenRefusal::Invalid)?;
    let existing = store::list(tx, organisation, event).await?.len();
    if i64::try_from(existing).unwrap_or(i64::MAX) >= store::POOLS_AN_EVENT_MAX {
        return Err(OpenRefusal::TooMany.into());
    }
    Ok(store::insert(tx, organisation, event, pool.name.trim(), pool.capacity).await?)
}

/// Open a pool
#[utoipa::path(post, path = "/api/v1/organisations/{organisation}/events/{event}/pools", tag = "Ticket types", request_body = NewPool,
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 201, body = PoolView)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn open_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId)>,
    Json(body): Json<NewPool>,
) -> Result<Created<PoolView>, Problem> {
    let Path((_, event)) = path;
    let id = app.platform.db.write(member.scope(), "open_pool", (member.organisation, event, body), open).await?;
    let all = app.platform.db.read(member.scope(), "list_pools", (member.organisation, event), list::list).await?;
    let body = all.into_iter().find(|pool| pool.id == id).ok_or_else(Problem::not_found)?;
    Ok(Created { location: format!("/api/v1/organisations/{}/events/{event}/pools/{id}", member.organisation), body })
}
