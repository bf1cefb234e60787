//! Giving an event numbered seats: its own copy of a layout's version, and the types that sell its categories.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use kernel::{EventId, LayoutId, OrganisationId, TicketTypeId};
use platform::{Failure, FieldError, InvalidFields, NotFound, Refusal, RefusalKind, Tx};
use serde::{Deserialize, Serialize};
use web::rights::EditEvents;
use web::{AppState, Json, Member, NoContent, Path, Problem};

use super::store::{self, NewSeating};
use crate::{pool, ticket_type};

/// Give an event the seats of a layout.
#[derive(Debug, Clone)]
pub struct Attach {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Which event.
    pub event: EventId,
    /// What it is given.
    pub new: NewEventSeating,
}

/// Seats for an event.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEventSeating {
    /// The layout.
    layout_id: LayoutId,
    /// Its version; the newest when none is named.
    version: Option<i64>,
    /// The ticket types that sell each category of the layout, by the category's key.
    categories: BTreeMap<String, Vec<TicketTypeId>>,
}

/// The seats that an event was given.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EventSeatingView {
    /// The layout.
    pub layout_id: LayoutId,
    /// Its version.
    pub version: i64,
    /// How many seats there are.
    pub seats: usize,
}

/// Why an event does not get the seats.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeatingRefusal {
    /// There is no such event, or no such layout.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Categories or types that are not there.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
    /// Tickets are held or sold already, or seats were ordered.
    #[error("Tickets are held or sold already, or seats were ordered, so the seats cannot be changed any more.")]
    HasSold,
}

impl Refusal for SeatingRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(refusal) => refusal.code(),
            Self::Invalid(refusal) => refusal.code(),
            Self::HasSold => "sale_has_begun",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(refusal) => refusal.kind(),
            Self::Invalid(refusal) => refusal.kind(),
            Self::HasSold => RefusalKind::Conflict,
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(refusal) => refusal.fields(),
            Self::NotFound(_) | Self::HasSold => Vec::new(),
        }
    }
}

/// Gives an event the seats of a layout, all of them free. Batches of the event wait meanwhile, and know the seats afterwards.
pub async fn attach(tx: &mut Tx, command: Attach) -> Result<EventSeatingView, Failure<SeatingRefusal>> {
    let Attach { organisation, event, new } = command;
    keep_sales_out(tx, organisation, event).await?;
    let edition = catalog::api::layout_edition(tx, organisation, new.layout_id, new.version).await?;
    let edition = edition.ok_or(SeatingRefusal::NotFound(NotFound))?;
    let keys: BTreeSet<&str> = edition.layout.categories.iter().map(|kind| kind.key.as_str()).collect();
    let types = ticket_type::store::list(tx, organisation, event).await?;
    let sellers: BTreeSet<TicketTypeId> =
        types.iter().filter(|kind| !kind.is_archived && !kind.is_addon).map(|kind| kind.id).collect();
    let seats = edition.layout.seat_count();
    let complaints = complaints(&new, &keys, &sellers, seats);
    if !complaints.is_empty() {
        return Err(SeatingRefusal::Invalid(InvalidFields(complaints)).into());
    }
    let document = serde_json::to_string(&edition.layout.to_document()).map_err(platform::Fault::corrupt)?;
    let seating = NewSeating {
        layout: new.layout_id,
        version: edition.version,
        document: &document,
        content_hash: &edition.content_hash,
        seats,
    };
    store::replace(tx, organisation, event, &seating).await?;
    let pairs: Vec<(TicketTypeId, String)> =
        new.categories.iter().flat_map(|(key, types)| types.iter().map(|kind| (*kind, key.clone()))).collect();
    ticket_type::store::sell_seats(tx, organisation, event, &pairs).await?;
    Ok(EventSeatingView { layout_id: new.layout_id, version: edition.version, seats })
}

fn complaints(
    new: &NewEventSeating,
    keys: &BTreeSet<&str>,
    sellers: &BTreeSet<TicketTypeId>,
    seats: usize,
) -> Vec<FieldError> {
    let mut complaints = Vec::new();
    let mut seen = BTreeSet::new();
    if seats == 0 {
        complaints.push(FieldError::new("layout_id", "no_seats", "This layout has no numbered seats."));
    }
    if new.categories.values().all(Vec::is_empty) {
        complaints.push(FieldError::new("categories", "required", "Name a ticket type that sells seats."));
    }
    for (key, types) in &new.categories {
        let field = format!("categories.{key}");
        if !keys.contains(key.as_str()) {
            complaints.push(FieldError::new(&*field, "unknown", "The layout has no such category."));
        }
        if types.iter().any(|kind| !sellers.contains(kind)) {
            complaints.push(FieldError::new(
                &*field,
                "unknown_ticket_type",
                "Name ticket types of this event that are no add-ons.",
            ));
        }
        if types.iter().any(|kind| !seen.insert(*kind)) {
            complaints.push(FieldError::new(&*field, "repeated", "A ticket type sells the seats of one category."));
        }
    }
    complaints
}

/// Takes an event's seats away: its types sell places without numbers again.
pub async fn detach(
    tx: &mut Tx,
    (organisation, event): (OrganisationId, EventId),
) -> Result<(), Failure<SeatingRefusal>> {
    keep_sales_out(tx, organisation, event).await?;
    if store::find(tx, organisation, event).await?.is_none() {
        return Err(SeatingRefusal::NotFound(NotFound).into());
    }
    store::remove(tx, organisation, event).await?;
    ticket_type::store::sell_seats(tx, organisation, event, &[]).await?;
    Ok(())
}

/// Locks the event, which every batch locks for share first, so that none is under way; refuses when something is held or sold, or seats were ever ordered.
async fn keep_sales_out(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
) -> Result<(), Failure<SeatingRefusal>> {
    catalog::api::lock_facts(tx, organisation, event).await?.ok_or(SeatingRefusal::NotFound(NotFound))?;
    let stock = pool::store::lock_of_events(tx, organisation, &[event]).await?;
    if stock.pools().any(|pool| pool.held + pool.sold > 0) || store::has_orders(tx, organisation, event).await? {
        return Err(SeatingRefusal::HasSold.into());
    }
    Ok(())
}

/// Give an event numbered seats
///
/// The event gets its own copy of the layout's version. Possible while no ticket is held or sold, and until the first order of a seat.
#[utoipa::path(put, path = "/api/v1/organisations/{organisation}/events/{event}/seating", tag = "Seats", request_body = NewEventSeating,
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = EventSeatingView)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn attach_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId)>,
    Json(body): Json<NewEventSeating>,
) -> Result<Json<EventSeatingView>, Problem> {
    let Path((_, event)) = path;
    let command = Attach { organisation: member.organisation, event, new: body };
    Ok(Json(app.platform.db.write(member.scope(), "attach_seating", command, attach).await?))
}

/// Take an event's numbered seats away
#[utoipa::path(delete, path = "/api/v1/organisations/{organisation}/events/{event}/seating", tag = "Seats",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 204)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn detach_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId)>,
) -> Result<NoContent, Problem> {
    let Path((_, event)) = path;
    app.platform.db.write(member.scope(), "detach_seating", (member.organisation, event), detach).await?;
    Ok(NoContent)
}
