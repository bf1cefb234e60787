//! Adds a check-in list to an event.

use axum::extract::State;
use kernel::{EventId, ListId, OrganisationId, TicketTypeId};
use platform::{Failure, Fault, FieldError, InvalidFields, NotFound, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use web::rights::EditEvents;
use web::{AppState, Created, Json, Member, Path, Problem};

use super::browse::EventPath;
use super::model::{CheckInList, CheckInListView, chosen_types};
use super::store::{self, NewList};
use crate::event;
use crate::label::{Label, complaint};

/// A list to be added.
#[derive(Debug, Clone)]
pub struct CreateList {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// What it is called.
    pub name: String,
    /// The ticket types it lets in; none for all.
    pub ticket_types: Vec<TicketTypeId>,
}

/// Why a list was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateListRefusal {
    /// There is no such event.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The fields break rules.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
}

impl Refusal for CreateListRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(refusal) => refusal.code(),
            Self::Invalid(refusal) => refusal.code(),
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(refusal) => refusal.kind(),
            Self::Invalid(refusal) => refusal.kind(),
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::NotFound(_) => Vec::new(),
            Self::Invalid(refusal) => refusal.fields(),
        }
    }
}

/// The refusal of a name that another list of the event has.
pub(crate) fn name_taken() -> InvalidFields {
    complaint("name", "taken", "Another list of this event has this name.")
}

/// Adds a list.
pub async fn create(tx: &mut Tx, command: CreateList) -> Result<CheckInList, Failure<CreateListRefusal>> {
    let of_event = event::ticket_types(tx, command.organisation, command.event).await;
    let of_event = of_event.map_err(|failure| failure.map(CreateListRefusal::NotFound))?;
    let name = Label::parse(&command.name).map_err(CreateListRefusal::Invalid)?;
    let types = chosen_types(&command.ticket_types, &of_event).map_err(CreateListRefusal::Invalid)?;
    let id: ListId = tx.new_id();
    let list =
        NewList { organisation: command.organisation, event: command.event, id, name: &name, ticket_types: &types };
    if !store::insert(tx, list).await? {
        return Err(CreateListRefusal::Invalid(name_taken()).into());
    }
    store::find(tx, command.organisation, id)
        .await?
        .ok_or_else(|| Fault::corrupt("a new check-in list is not there").into())
}

/// A new check-in list.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCheckInList {
    /// What it is called, 1 to 80 characters; unique within the event.
    #[schema(example = "Main gate")]
    pub name: String,
    /// The ticket types it lets in; every ticket of the event when left out or empty.
    #[serde(default)]
    pub ticket_type_ids: Vec<TicketTypeId>,
}

/// Add a check-in list
#[utoipa::path(
    post, path = "/api/v1/organisations/{organisation}/events/{event}/check-in-lists", tag = "check-in",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)), request_body = NewCheckInList,
    responses((status = 201, body = CheckInListView)),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn create_check_in_list(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    Path(path): Path<EventPath>,
    Json(body): Json<NewCheckInList>,
) -> Result<Created<CheckInListView>, Problem> {
    let command = CreateList {
        organisation: path.organisation,
        event: path.event,
        name: body.name,
        ticket_types: body.ticket_type_ids,
    };
    let list = app.platform.db.write(member.scope(), "create_check_in_list", command, create).await?;
    let location =
        format!("/api/v1/organisations/{}/events/{}/check-in-lists/{}", list.organisation, list.event, list.id);
    Ok(Created { location, body: list.into() })
}
