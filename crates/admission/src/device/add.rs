//! Adds a device to a list and hands out its door link.

use axum::extract::State;
use kernel::{DeviceId, EventId, ListId, OrganisationId};
use platform::{Failure, FieldError, InvalidFields, NotFound, Refusal, RefusalKind, Tx};
use serde::{Deserialize, Serialize};
use web::rights::EditEvents;
use web::{AppState, Created, Json, Member, Path, Problem};

use super::store;
use super::token::DeviceToken;
use crate::label::Label;
use crate::list::show::{ListPath, show};

/// A device to be added.
#[derive(Debug, Clone)]
pub struct AddDevice {
    /// To which list.
    pub list: ListPath,
    /// What it is called.
    pub name: String,
}

/// A device whose link can be handed over, now and never again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedDevice {
    /// Which one.
    pub id: DeviceId,
    /// What it is called.
    pub name: String,
    /// What its link carries.
    pub token: DeviceToken,
}

/// Why a device was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddDeviceRefusal {
    /// There is no such list.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The name breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
}

impl Refusal for AddDeviceRefusal {
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

/// Adds a device. Only the hash of its token stays here.
pub async fn add(tx: &mut Tx, command: AddDevice) -> Result<AddedDevice, Failure<AddDeviceRefusal>> {
    let list = show(tx, command.list).await.map_err(|failure| failure.map(AddDeviceRefusal::NotFound))?;
    let name = Label::parse(&command.name).map_err(AddDeviceRefusal::Invalid)?;
    let token = DeviceToken::new(list.organisation, tx.random());
    let id: DeviceId = tx.new_id();
    store::insert(tx, &token, list.id, id, &name).await?;
    Ok(AddedDevice { id, name: name.as_str().to_owned(), token })
}

/// The path that door links open; the token stands behind `#`, which browsers send to nobody.
pub fn door_path(token: &DeviceToken) -> String {
    format!("/app/door#token={}", token.write())
}

/// A new device.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// What it is called, 1 to 80 characters.
    #[schema(example = "Phone of Ines")]
    pub name: String,
}

/// A device with its link, which is shown this once.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AddedDeviceView {
    /// Which one.
    pub id: DeviceId,
    /// What it is called.
    pub name: String,
    /// The link to open on the phone at the door.
    pub url: String,
    /// The bearer token of the door's own operations.
    pub token: String,
}

/// Add a device
///
/// Answers with its door link, which is shown only this once.
#[utoipa::path(
    post, path = "/api/v1/organisations/{organisation}/events/{event}/check-in-lists/{list}/devices", tag = "check-in",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("list" = ListId, Path)), request_body = NewDevice,
    responses((status = 201, body = AddedDeviceView)),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn add_device(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    Path(list): Path<ListPath>,
    Json(body): Json<NewDevice>,
) -> Result<Created<AddedDeviceView>, Problem> {
    let command = AddDevice { list, name: body.name };
    let device = app.platform.db.write(member.scope(), "add_device", command, add).await?;
    let location = format!(
        "/api/v1/organisations/{}/events/{}/check-in-lists/{}/devices/{}",
        list.organisation, list.event, list.list, device.id
    );
    let url = app.platform.url(&door_path(&device.token));
    Ok(Created {
        location,
        body: AddedDeviceView { id: device.id, name: device.name, url, token: device.token.write() },
    })
}
