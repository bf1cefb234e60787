//! Renames a check-in list, or changes what it lets in.

use axum::extract::State;
use kernel::{EventId, ListId, OrganisationId, TicketTypeId};
use platform::failure::broken_constraint;
use platform::{Failure, Fault, FieldError, InvalidFields, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use web::rights::EditEvents;
use web::{AppState, IfMatch, Json, Member, Path, Problem, Versioned};

use super::create::name_taken;
use super::model::{CheckInList, CheckInListView, chosen_types};
use super::show::{ListPath, show};
use super::store;
use crate::event;
use crate::label::Label;

/// Changes to a list.
#[derive(Debug, Clone)]
pub struct EditList {
    /// Which list.
    pub path: ListPath,
    /// The version that was read before.
    pub version: i64,
    /// What changes.
    pub changes: CheckInListPatch,
}

/// Why a list was not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditListRefusal {
    /// Missing or foreign.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// Somebody else was faster.
    #[error("Somebody edited this list in the meantime. Load it again and repeat your changes.")]
    Stale {
        /// The version it has now.
        version: i64,
    },
    /// The changes break rules.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
}

impl Refusal for EditListRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Stale { .. } => "stale",
            Self::Invalid(refusal) => refusal.code(),
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Stale { .. } => RefusalKind::Stale,
            Self::Invalid(refusal) => refusal.kind(),
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(refusal) => refusal.fields(),
            _ => Vec::new(),
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::Stale { version } => Some(serde_json::json!({ "version": version })),
            _ => None,
        }
    }
}

/// Edits a list. Who is in stays in.
pub async fn edit(tx: &mut Tx, command: EditList) -> Result<CheckInList, Failure<EditListRefusal>> {
    let ListPath { organisation, event, list: id } = command.path;
    let version = store::lock_version(tx, organisation, event, id).await?.ok_or(EditListRefusal::NotFound)?;
    if version != command.version {
        return Err(EditListRefusal::Stale { version }.into());
    }
    let now = show(tx, command.path).await.map_err(|failure| failure.map(|_| EditListRefusal::NotFound))?;
    let name = Label::parse(command.changes.name.as_deref().unwrap_or(&now.name)).map_err(EditListRefusal::Invalid)?;
    let types = match &command.changes.ticket_type_ids {
        Some(asked) => {
            let of_event = event::ticket_types(tx, organisation, event).await;
            let of_event = of_event.map_err(|failure| failure.map(|_| EditListRefusal::NotFound))?;
            chosen_types(asked, &of_event).map_err(EditListRefusal::Invalid)?
        }
        None => now.ticket_types.clone(),
    };
    if name.as_str() == now.name && types == now.ticket_types {
        return Ok(now);
    }
    store::update(tx, organisation, id, &name, &types).await.map_err(not_stored)?;
    store::find(tx, organisation, id)
        .await?
        .ok_or_else(|| Fault::corrupt("an edited check-in list is not there").into())
}

fn not_stored(error: sqlx::Error) -> Failure<EditListRefusal> {
    match broken_constraint(&error) {
        Some("list_name_is_unique") => EditListRefusal::Invalid(name_taken()).into(),
        _ => error.into(),
    }
}

/// Changes to a check-in list; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckInListPatch {
    /// What it is called, 1 to 80 characters; unique within the event.
    pub name: Option<String>,
    /// The ticket types it lets in; empty means every ticket of the event.
    pub ticket_type_ids: Option<Vec<TicketTypeId>>,
}

/// Edit a check-in list
///
/// `If-Match` carries the version that was read.
#[utoipa::path(
    patch, path = "/api/v1/organisations/{organisation}/events/{event}/check-in-lists/{list}", tag = "check-in",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("list" = ListId, Path),
           ("If-Match" = String, Header, description = "The ETag of the list")),
    request_body = CheckInListPatch,
    responses((status = 200, body = CheckInListView, headers(("ETag" = String, description = "The new version")))),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn edit_check_in_list(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    Path(path): Path<ListPath>,
    version: IfMatch,
    Json(changes): Json<CheckInListPatch>,
) -> Result<Versioned<CheckInListView>, Problem> {
    let command = EditList { path, version: version.require()?, changes };
    let list = app.platform.db.write(member.scope(), "edit_check_in_list", command, edit).await?;
    Ok(Versioned { version: list.version, body: list.into() })
}
