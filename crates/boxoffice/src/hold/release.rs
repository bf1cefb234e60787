//! Letting go of a hold, so that others can buy.

use axum::extract::State;
use kernel::{HoldId, OrganisationId, PoolId};
use platform::{Failure, Fault, Never, Scope, Tx};
use web::{AppState, NoContent, Path, Problem, Query};

use super::model::{Hold, HoldState};
use super::show::{HoldSecret, locate};
use super::store;
use crate::order;
use crate::pool::{self, model::Cause};

/// Gives a live hold's places back. A hold that has ended is left as it is: letting go twice is harmless.
pub async fn release(tx: &mut Tx, (organisation, id): (OrganisationId, HoldId)) -> Result<(), Failure<Never>> {
    let Some(hold) = store::lock(tx, organisation, id).await? else { return Ok(()) };
    // Asked under the hold's lock: an order that waits for its payment keeps its places until it is cancelled or expires.
    let is_ordered = order::store::is_awaiting_payment(tx, organisation, id).await?;
    if matches!(hold.state, HoldState::Live { .. }) && !is_ordered {
        give_back(tx, organisation, &[hold], Cause::Released, "released").await?;
    }
    Ok(())
}

/// Gives the places of some locked, live holds back and ends them with `word`.
pub(crate) async fn give_back(
    tx: &mut Tx,
    organisation: OrganisationId,
    holds: &[Hold],
    cause: Cause,
    word: &str,
) -> Result<(), Fault> {
    let pools: Vec<PoolId> = holds.iter().flat_map(Hold::places).map(|(pool, _)| pool).collect();
    let mut stock = pool::store::lock(tx, organisation, &pools).await?;
    for hold in holds {
        hold.give_back(&mut stock, cause).map_err(Fault::corrupt)?;
    }
    pool::store::save(tx, organisation, &stock).await?;
    let ids: Vec<HoldId> = holds.iter().map(|hold| hold.id).collect();
    store::end(tx, organisation, &ids, word).await
}

/// Release a hold
///
/// Its places can be bought by others at once. Releasing a hold that has ended changes nothing.
#[utoipa::path(delete, path = "/api/v1/holds/{hold}", tag = "Holds", params(("hold" = HoldId, Path), HoldSecret),
    responses((status = 204)), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn release_http(
    State(app): State<AppState>,
    Path(id): Path<HoldId>,
    Query(query): Query<HoldSecret>,
) -> Result<NoContent, Problem> {
    let organisation = locate(&app.platform, id, &query.secret).await?;
    app.platform.db.write(Scope::Tenant(organisation), "release_hold", (organisation, id), release).await?;
    Ok(NoContent)
}
