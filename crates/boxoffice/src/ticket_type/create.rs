//! Putting something on sale.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{EventId, Money, OrganisationId, PoolId, TicketTypeId};
use platform::failure::broken_constraint;
use platform::{Failure, FieldError, InvalidFields, NotFound, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use web::rights::EditEvents;
use web::{AppState, Created, Json, Member, Path, Problem};

use super::model::{Pricing, TICKETS_PER_ORDER_DEFAULT, Terms};
use super::present::TicketTypeView;
use super::{list, store};
use crate::pool::{self, model::CAPACITY_MAX};

/// Where the places come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    /// A pool of its own, of this capacity.
    OwnPool(i32),
    /// Pools that others may draw from too.
    Pools(Vec<PoolId>),
}

/// Put something on sale.
#[derive(Debug, Clone)]
pub struct Create {
    /// The tenant.
    pub organisation: OrganisationId,
    /// For which event.
    pub event: EventId,
    /// What the organiser says of it.
    pub terms: Terms,
    /// The price's currency, which must be the event's; free tickets need none.
    pub price: Option<Money>,
    /// Where the places come from.
    pub places: Places,
}

/// Why something does not go on sale.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateRefusal {
    /// No such event.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Fields break rules.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
    /// The event has as many ticket types as it may.
    #[error("An event can have at most {} ticket types.", store::TYPES_AN_EVENT_MAX)]
    TooMany,
}

impl Refusal for CreateRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::Invalid(_) => "invalid_fields",
            Self::TooMany => "too_many_ticket_types",
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

fn invalid(field: &str, code: &str, message: &str) -> CreateRefusal {
    CreateRefusal::Invalid(InvalidFields(vec![FieldError::new(field, code, message)]))
}

/// Creates a ticket type and, unless it draws from others, its pool.
pub async fn create(tx: &mut Tx, command: Create) -> Result<TicketTypeId, Failure<CreateRefusal>> {
    let Create { organisation, event, terms, price, places } = command;
    let facts = catalog::api::lock_facts_for_share(tx, organisation, event)
        .await?
        .ok_or(NotFound)
        .map_err(CreateRefusal::NotFound)?;
    let terms = terms.parse().map_err(|errors| CreateRefusal::Invalid(InvalidFields(errors)))?;
    if price.is_some_and(|price| price.currency != facts.currency) {
        return Err(invalid("price.currency", "currency", &format!("This event sells in {}.", facts.currency)).into());
    }
    let existing = store::list(tx, organisation, event).await?.len();
    if i64::try_from(existing).unwrap_or(i64::MAX) >= store::TYPES_AN_EVENT_MAX {
        return Err(CreateRefusal::TooMany.into());
    }
    let pools = match places {
        Places::OwnPool(capacity) if (0..=CAPACITY_MAX).contains(&capacity) => {
            vec![pool::store::insert(tx, organisation, event, &terms.name, capacity).await?]
        }
        Places::OwnPool(_) => {
            return Err(invalid("capacity", "range", "Enter a number of places from 0 to 1,000,000.").into());
        }
        Places::Pools(pools) => own_pools(tx, organisation, event, pools).await?,
    };
    let id = store::insert(tx, organisation, event, &terms, facts.currency).await?;
    match store::draw_from(tx, organisation, id, &pools).await {
        Ok(()) => Ok(id),
        Err(error) if broken_constraint(&error).is_some() => {
            Err(invalid("pool_ids", "unknown", "One of the pools is not this event's, or is named twice.").into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn own_pools(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    pools: Vec<PoolId>,
) -> Result<Vec<PoolId>, Failure<CreateRefusal>> {
    let known = pool::store::list(tx, organisation, event).await?;
    let is_good = !pools.is_empty() && pools.iter().all(|id| known.iter().any(|named| named.pool.id == *id));
    if is_good {
        Ok(pools)
    } else {
        Err(invalid("pool_ids", "unknown", "Name at least one pool of this event.").into())
    }
}

/// Something to put on sale.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicketType {
    /// What it is called.
    name: String,
    /// What it includes.
    #[serde(default)]
    description: String,
    /// How it is priced.
    pricing: Pricing,
    /// The price, or the least for pay-what-you-want; left out for free tickets.
    price: Option<Money>,
    /// Makes a pool of its own with so many places; give this or `pool_ids`.
    #[schema(minimum = 0, maximum = 1_000_000)]
    capacity: Option<i32>,
    /// Pools of the event to draw from; one place of each a ticket.
    pool_ids: Option<Vec<PoolId>>,
    /// Sold from here on (RFC 3339).
    sale_starts_at: Option<Timestamp>,
    /// Sold until here (RFC 3339).
    sale_ends_at: Option<Timestamp>,
    /// The least an order may have, 1 when left out.
    minimum_per_order: Option<i32>,
    /// The most an order may have, 10 when left out.
    maximum_per_order: Option<i32>,
    /// The most one person (one e-mail address) may have over all their orders; no limit when left out.
    #[schema(minimum = 1, maximum = 1000)]
    maximum_per_person: Option<i32>,
    /// Whether it is sold only together with a ticket that is none, at most one for each: parking, a meal.
    #[serde(default)]
    is_addon: bool,
}

impl NewTicketType {
    fn into_command(self, organisation: OrganisationId, event: EventId) -> Result<Create, CreateRefusal> {
        let places = match (self.capacity, self.pool_ids) {
            (Some(capacity), None) => Places::OwnPool(capacity),
            (None, Some(pools)) => Places::Pools(pools),
            _ => return Err(invalid("capacity", "one_of", "Give either a capacity or pool_ids.")),
        };
        let maximum_per_order = self.maximum_per_order.unwrap_or(TICKETS_PER_ORDER_DEFAULT);
        let terms = Terms {
            name: self.name,
            description: self.description,
            pricing: self.pricing,
            price: self.price.map_or(0, |price| price.amount),
            sale_starts_at: self.sale_starts_at,
            sale_ends_at: self.sale_ends_at,
            minimum_per_order: self.minimum_per_order.unwrap_or(1),
            maximum_per_order,
            maximum_per_person: self.maximum_per_person,
            is_addon: self.is_addon,
        };
        Ok(Create { organisation, event, terms, price: self.price, places })
    }
}

/// Add a ticket type
#[utoipa::path(post, path = "/api/v1/organisations/{organisation}/events/{event}/ticket-types", tag = "Ticket types", request_body = NewTicketType,
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 201, body = TicketTypeView)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn create_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId)>,
    Json(body): Json<NewTicketType>,
) -> Result<Created<TicketTypeView>, Problem> {
    let Path((_, event)) = path;
    let command = body.into_command(member.organisation, event).map_err(|refusal| Problem::refused(&refusal))?;
    let id = app.platform.db.write(member.scope(), "create_ticket_type", command, create).await?;
    let all =
        app.platform.db.read(member.scope(), "list_ticket_types", (member.organisation, event), list::list).await?;
    let body = all.into_iter().find(|kind| kind.id == id).ok_or_else(Problem::not_found)?;
    Ok(Created {
        location: format!("/api/v1/organisations/{}/events/{event}/ticket-types/{id}", member.organisation),
        body,
    })
}
