//! Letting go of a hold, so that others can buy.

use axum::extract::State;
use kernel::{EventId, HoldId, OrganisationId, PoolId};
use serde::Serialize;
use web::{AppState, Json, Path, Problem, Query};

use super::secret::{HoldPlace, locate};
use super::show::HoldSecret;
use super::take::PoolVersion;
use crate::lane;

/// Let go of a hold. One that has ended is left as it is: letting go twice is harmless.
#[derive(Debug, Clone, Copy)]
pub struct Release {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// Which hold.
    pub hold: HoldId,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The pools whose places went back, each with the version that this made; none when the hold had ended or is being paid for.
    pub pools: Vec<(PoolId, i64)>,
}

impl Release {
    /// Lets go of the hold at a place.
    pub fn at(place: HoldPlace, hold: HoldId) -> Self {
        Self { organisation: place.organisation, event: place.event, hold }
    }
}

/// Which pools have the places of a released hold again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReleasedView {
    /// The pools, each with the version that this made; empty when there was nothing to give back.
    pools: Vec<PoolVersion>,
}

/// Release a hold
///
/// Its places can be bought by others at once. Releasing a hold that has ended changes nothing.
#[utoipa::path(delete, path = "/api/v1/holds/{hold}", tag = "Holds", params(("hold" = HoldId, Path), HoldSecret),
    responses((status = 200, body = ReleasedView)), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn release_http(
    State(app): State<AppState>,
    Path(id): Path<HoldId>,
    Query(query): Query<HoldSecret>,
) -> Result<Json<ReleasedView>, Problem> {
    let place = locate(&app.platform.vault, id, &query.secret).map_err(|refusal| Problem::refused(&refusal))?;
    let released = lane::ask(&app.platform, Release::at(place, id)).await?.answer;
    Ok(Json(ReleasedView { pools: PoolVersion::list(&released.pools) }))
}
