//! What anyone can see of an event's tickets.

use axum::extract::State;
use catalog::api::EventFacts;
use platform::{Failure, Never, NotFound, Platform, Scope, Tx};
use serde::Serialize;
use web::{AppState, Json, Path, Problem};

use super::present::{PublicTicketTypeView, public_view};
use super::store;
use crate::event::sale_of;
use crate::hold::take::PoolVersion;
use crate::pool::{self, model::Pool};

/// The tickets of a public event.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PublicTicketTypes {
    /// In the organiser's order.
    pub items: Vec<PublicTicketTypeView>,
    /// The pools behind them, each with the version this answer is true for.
    pub pools: Vec<PoolVersion>,
}

/// Reads the tickets of an event whose facts are known, as of one instant.
pub async fn public_types(tx: &mut Tx, facts: EventFacts) -> Result<PublicTicketTypes, Failure<Never>> {
    let types = store::list(tx, facts.organisation, facts.id).await?;
    let pools: Vec<Pool> =
        pool::store::list(tx, facts.organisation, facts.id).await?.into_iter().map(|named| named.pool).collect();
    let now = tx.now();
    Ok(PublicTicketTypes {
        items: types
            .into_iter()
            .filter(|kind| !kind.is_archived)
            .map(|kind| public_view(kind, sale_of(&facts), &pools, now))
            .collect(),
        pools: pools.iter().map(|pool| PoolVersion { id: pool.id, version: pool.version }).collect(),
    })
}

/// The tickets of an event whose facts are known: what pages show.
pub async fn public_types_of(platform: &Platform, facts: EventFacts) -> Result<PublicTicketTypes, Failure<Never>> {
    platform.db.read(Scope::Tenant(facts.organisation), "list_public_ticket_types", facts, public_types).await
}

async fn find_event(tx: &mut Tx, slug: String) -> Result<EventFacts, Failure<NotFound>> {
    Ok(catalog::api::find_public_by_slug(tx, &slug).await?.ok_or(NotFound)?)
}

/// List the tickets of an event
#[utoipa::path(get, path = "/api/v1/events/{slug}/ticket-types", tag = "Events", params(("slug" = String, Path)),
    responses((status = 200, body = PublicTicketTypes)), extensions(("x-access" = json!("public"))))]
pub(crate) async fn public_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
) -> Result<Json<PublicTicketTypes>, Problem> {
    let facts = app.platform.db.read(Scope::Public, "find_event", slug, find_event).await?;
    Ok(Json(public_types_of(&app.platform, facts).await?))
}
