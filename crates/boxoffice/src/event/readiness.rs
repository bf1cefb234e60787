//! "Why can't people buy?": the list that the organiser sees, from the functions that gate the sale.

use axum::extract::State;
use catalog::api::EventFacts;
use jiff::Timestamp;
use kernel::{EventId, OrganisationId};
use platform::{Failure, NotFound, Tx};
use serde::Serialize;
use web::rights::ViewOrganisation;
use web::{AppState, Json, Member, Path, Problem};

use super::sale_of;
use crate::pool::{self, model::Pool};
use crate::ticket_type;
use crate::ticket_type::model::{SaleState, TicketType};
use crate::ticket_type::present::available;

/// One thing that must be so before people can buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReadinessItem {
    /// A stable word for programs.
    pub code: String,
    /// Whether it is so.
    pub ok: bool,
    /// What it is, or what to do about it.
    pub text: String,
    /// Whether publishing waits for it.
    pub is_required: bool,
}

/// The readiness of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Readiness {
    /// Whether it can be published.
    pub can_publish: bool,
    /// Whether people can buy now.
    pub can_buy: bool,
    /// Everything that is looked at.
    pub items: Vec<ReadinessItem>,
}

/// Puts the list together. Pure.
pub fn assess(facts: &EventFacts, types: &[TicketType], pools: &[Pool], now: Timestamp) -> Readiness {
    let mut items: Vec<ReadinessItem> = catalog::api::readiness(facts)
        .into_iter()
        .map(|item| ReadinessItem { code: item.code, ok: item.ok, text: item.text, is_required: true })
        .collect();
    let is_ahead = now < facts.ends_at;
    let text = if is_ahead { "It is still to come." } else { "It is over; move it to a later date." };
    items.push(ReadinessItem { code: "not_over".to_owned(), ok: is_ahead, text: text.to_owned(), is_required: true });
    let live: Vec<&TicketType> = types.iter().filter(|kind| !kind.is_archived).collect();
    let text = if live.is_empty() {
        "Add a ticket type, so that there is something to order."
    } else {
        "There is something to order."
    };
    items.push(ReadinessItem {
        code: "has_ticket_type".to_owned(),
        ok: !live.is_empty(),
        text: text.to_owned(),
        is_required: true,
    });
    let can_publish = items.iter().all(|item| item.ok);

    let is_public = facts.status.is_open();
    let text = if is_public { "People can see the event." } else { "Publish the event, so that people can see it." };
    items.push(ReadinessItem {
        code: "published".to_owned(),
        ok: is_public,
        text: text.to_owned(),
        is_required: false,
    });
    let states: Vec<SaleState> =
        live.iter().map(|kind| kind.sale_state(sale_of(facts), available(kind, pools), now)).collect();
    let can_buy = states.contains(&SaleState::OnSale);
    if is_public {
        let text = match states.first() {
            _ if can_buy => "Tickets are on sale.",
            Some(SaleState::NotStarted) => "The sale has not started yet.",
            Some(SaleState::SoldOut) => "Every place is sold or held.",
            _ => "The sale is over.",
        };
        items.push(ReadinessItem {
            code: "on_sale".to_owned(),
            ok: can_buy,
            text: text.to_owned(),
            is_required: false,
        });
    }
    Readiness { can_publish, can_buy, items }
}

/// Reads what the list is made of.
pub async fn readiness(
    tx: &mut Tx,
    (organisation, event): (OrganisationId, EventId),
) -> Result<Readiness, Failure<NotFound>> {
    let facts = catalog::api::get_facts(tx, organisation, event).await?.ok_or(NotFound)?;
    let types = ticket_type::store::list(tx, organisation, event).await?;
    let pools: Vec<Pool> =
        pool::store::list(tx, organisation, event).await?.into_iter().map(|named| named.pool).collect();
    Ok(assess(&facts, &types, &pools, tx.now()))
}

/// Why can't people buy?
#[utoipa::path(get, path = "/api/v1/organisations/{organisation}/events/{event}/readiness", tag = "Events",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = Readiness)), extensions(("x-access" = json!("view_organisation"))))]
pub(crate) async fn readiness_http(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
    path: Path<(OrganisationId, EventId)>,
) -> Result<Json<Readiness>, Problem> {
    let Path((_, event)) = path;
    Ok(Json(app.platform.db.read(member.scope(), "assess_readiness", (member.organisation, event), readiness).await?))
}
