//! Changing what is on sale.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{EventId, Money, OrganisationId, TicketTypeId};
use platform::{Failure, FieldError, InvalidFields, NotFound, Refusal, RefusalKind, Tx};
use serde::{Deserialize, Deserializer};
use web::rights::EditEvents;
use web::{AppState, IfMatch, Json, Member, Path, Problem, Versioned};

use super::model::{Pricing, Terms, TicketType};
use super::present::TicketTypeView;
use super::{list, store};

/// What to change; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketTypeEdit {
    /// What it is called.
    name: Option<String>,
    /// What it includes.
    description: Option<String>,
    /// How it is priced.
    pricing: Option<Pricing>,
    /// The price, or the least for pay-what-you-want. Orders and holds keep the price they were made at.
    price: Option<Money>,
    /// Sold from here on; null takes the bound away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    sale_starts_at: Option<Option<Timestamp>>,
    /// Sold until here; null takes the bound away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    sale_ends_at: Option<Option<Timestamp>>,
    /// The least an order may have.
    minimum_per_order: Option<i32>,
    /// The most an order may have.
    maximum_per_order: Option<i32>,
    /// The most one person may have over all their orders; null takes the limit away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i32>)]
    maximum_per_person: Option<Option<i32>>,
    /// Whether it is sold only together with a ticket that is none.
    is_addon: Option<bool>,
}

/// Tells a field that is null from one that is not there.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Change a ticket type.
#[derive(Debug, Clone)]
pub struct Edit {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// Which type.
    pub ticket_type: TicketTypeId,
    /// The version that was read.
    pub version: Option<i64>,
    /// What to change.
    pub edit: TicketTypeEdit,
}

/// Why a ticket type is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditRefusal {
    /// No such ticket type.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Fields break rules.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
    /// `If-Match` is missing.
    #[error("Send the version you read in If-Match, so that nobody's changes are lost.")]
    VersionNeeded,
    /// Somebody else changed it.
    #[error("Someone changed this in the meantime. Please look at it again.")]
    Stale,
}

impl Refusal for EditRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::Invalid(_) => "invalid_fields",
            Self::VersionNeeded => "if_match_required",
            Self::Stale => "stale",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(_) => RefusalKind::NotFound,
            Self::Invalid(_) => RefusalKind::Invalid,
            Self::VersionNeeded => RefusalKind::PreconditionRequired,
            Self::Stale => RefusalKind::Stale,
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(invalid) => invalid.fields(),
            _ => Vec::new(),
        }
    }
}

impl TicketTypeEdit {
    fn apply(self, to: &TicketType) -> Result<Terms, InvalidFields> {
        if self.price.is_some_and(|price| price.currency != to.price.currency) {
            return Err(InvalidFields(vec![FieldError::new(
                "price.currency",
                "currency",
                format!("This event sells in {}.", to.price.currency),
            )]));
        }
        if to.seat_category.is_some() && self.is_addon == Some(true) {
            return Err(InvalidFields(vec![FieldError::new(
                "is_addon",
                "sells_seats",
                "A type that sells numbered seats cannot be an add-on.",
            )]));
        }
        let terms = Terms {
            name: self.name.unwrap_or_else(|| to.name.clone()),
            description: self.description.unwrap_or_else(|| to.description.clone()),
            pricing: self.pricing.unwrap_or(to.pricing),
            price: self.price.map_or(to.price.amount, |price| price.amount),
            sale_starts_at: self.sale_starts_at.unwrap_or(to.sale_starts_at),
            sale_ends_at: self.sale_ends_at.unwrap_or(to.sale_ends_at),
            minimum_per_order: self.minimum_per_order.unwrap_or(to.minimum_per_order),
            maximum_per_order: self.maximum_per_order.unwrap_or(to.maximum_per_order),
            maximum_per_person: self.maximum_per_person.unwrap_or(to.maximum_per_person),
            is_addon: self.is_addon.unwrap_or(to.is_addon),
        };
        terms.parse().map_err(InvalidFields)
    }
}

/// Writes an edit if nobody else did since the version was read.
pub async fn edit(tx: &mut Tx, command: Edit) -> Result<(), Failure<EditRefusal>> {
    let Edit { organisation, event, ticket_type, version, edit } = command;
    let types = store::list(tx, organisation, event).await?;
    let current = types
        .iter()
        .find(|kind| kind.id == ticket_type && !kind.is_archived)
        .ok_or(NotFound)
        .map_err(EditRefusal::NotFound)?;
    let version = version.ok_or(EditRefusal::VersionNeeded)?;
    let terms = edit.apply(current).map_err(EditRefusal::Invalid)?;
    if store::update(tx, organisation, ticket_type, &terms, version).await? {
        Ok(())
    } else {
        Err(EditRefusal::Stale.into())
    }
}

/// Edit a ticket type
#[utoipa::path(patch, path = "/api/v1/organisations/{organisation}/events/{event}/ticket-types/{ticket_type}", tag = "Ticket types", request_body = TicketTypeEdit,
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("ticket_type" = TicketTypeId, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = TicketTypeView)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn edit_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId, TicketTypeId)>,
    IfMatch(version): IfMatch,
    Json(body): Json<TicketTypeEdit>,
) -> Result<Versioned<TicketTypeView>, Problem> {
    let Path((_, event, ticket_type)) = path;
    let command = Edit { organisation: member.organisation, event, ticket_type, version, edit: body };
    app.platform.db.write(member.scope(), "edit_ticket_type", command, edit).await?;
    let all =
        app.platform.db.read(member.scope(), "list_ticket_types", (member.organisation, event), list::list).await?;
    let body = all.into_iter().find(|kind| kind.id == ticket_type).ok_or_else(Problem::not_found)?;
    Ok(Versioned { version: body.version, body })
}
