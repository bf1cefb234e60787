//! Draws a layout, or imports one.

use axum::extract::State;
use kernel::{LayoutId, OrganisationId};
use platform::db::Tx;
use platform::vault::sha256;
use platform::{Failure, Fault, InvalidFields, Never};
use web::rights::EditEvents;
use web::{AppState, Created, Json, Member, Problem};

use super::document::LayoutDocument;
use super::model::Layout;
use super::show::LayoutView;
use super::store::{self, Checked, LayoutVersion};
use crate::journal::LayoutSaved;

impl Checked {
    /// What is stored of a layout that keeps its rules: the document in its one written form, named by its hash.
    pub fn of(layout: &Layout) -> Result<Self, Fault> {
        let document = serde_json::to_string(&layout.to_document()).map_err(Fault::corrupt)?;
        Ok(Self {
            name: layout.name.clone(),
            content_hash: sha256(document.as_bytes()),
            document: document.into(),
            seats: i32::try_from(layout.seat_count()).map_err(Fault::corrupt)?,
            standing_places: i32::try_from(layout.standing_places()).map_err(Fault::corrupt)?,
        })
    }
}

/// Reads a document on a thread of its own: a large one takes a while.
pub(super) async fn check(document: LayoutDocument) -> Result<Checked, Failure<InvalidFields>> {
    tokio::task::spawn_blocking(move || Ok(Checked::of(&Layout::parse(&document)?)?))
        .await
        .map_err(|stopped| Fault::Interrupted(stopped.to_string()))?
}

/// Stores a new layout as its version 1.
pub async fn create(
    tx: &mut Tx,
    (organisation, checked): (OrganisationId, Checked),
) -> Result<LayoutVersion, Failure<Never>> {
    let layout: LayoutId = tx.new_id();
    store::insert(tx, organisation, layout, &checked).await?;
    tx.record(Some(organisation), &LayoutSaved { layout, version: 1 }).await?;
    let found = store::find(tx, organisation, layout, None).await?;
    found.ok_or_else(|| Fault::corrupt("a new layout is not there").into())
}

/// Draw a layout, or import one: the document as it is exported.
#[utoipa::path(
    post, path = "/api/v1/organisations/{organisation}/layouts", tag = "layouts",
    params(("organisation" = OrganisationId, Path)), request_body = LayoutDocument,
    responses((status = 201, body = LayoutView)),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn create_layout(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    Json(document): Json<LayoutDocument>,
) -> Result<Created<LayoutView>, Problem> {
    let checked = check(document).await?;
    let made = app.platform.db.write(member.scope(), "create_layout", (member.organisation, checked), create).await?;
    let location = format!("/api/v1/organisations/{}/layouts/{}", member.organisation, made.layout);
    Ok(Created { location, body: LayoutView::of(made)? })
}
