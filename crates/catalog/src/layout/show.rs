//! Shows a layout, which is also its export.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use jiff::Timestamp;
use kernel::{LayoutId, OrganisationId};
use platform::db::Tx;
use platform::{Failure, Fault, NotFound};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use web::rights::ViewOrganisation;
use web::{AppState, Member, Path, Problem, Versioned};

use super::document::LayoutDocument;
use super::store::{self, LayoutVersion};

/// A version never changes, so those who may see it can keep it.
const FOR_EVER: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// The path of one layout.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct LayoutPath {
    /// Which it is.
    pub layout: LayoutId,
}

/// The path of one version of a layout.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct VersionPath {
    /// Which it is.
    pub layout: LayoutId,
    /// Which version.
    pub version: i64,
}

/// A version of a layout with its document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LayoutView {
    /// Which layout.
    pub id: LayoutId,
    /// Which version.
    pub version: i64,
    /// How many seats it has.
    pub seats: i32,
    /// How many people can stand.
    pub standing_places: i32,
    /// When this version was made.
    pub created_at: Timestamp,
    /// The layout itself, as it is imported.
    #[schema(value_type = LayoutDocument)]
    pub document: Box<RawValue>,
}

impl LayoutView {
    /// The view of a version; its stored text is sent on as it is.
    pub(super) fn of(found: LayoutVersion) -> Result<Self, Fault> {
        Ok(Self {
            id: found.layout,
            version: found.version,
            seats: found.seats,
            standing_places: found.standing_places,
            created_at: found.created_at,
            document: RawValue::from_string(found.document).map_err(Fault::corrupt)?,
        })
    }
}

/// A version of a layout, the newest when none is named.
pub async fn show(
    tx: &mut Tx,
    (organisation, layout, version): (OrganisationId, LayoutId, Option<i64>),
) -> Result<LayoutVersion, Failure<NotFound>> {
    store::find(tx, organisation, layout, version).await?.ok_or_else(|| NotFound.into())
}

/// Read a layout in its newest version: its export.
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/layouts/{layout}", tag = "layouts",
    params(("organisation" = OrganisationId, Path), ("layout" = LayoutId, Path)),
    responses((status = 200, body = LayoutView, headers(("ETag" = String, description = "The version, for If-Match")))),
    extensions(("x-access" = json!("view_organisation")))
)]
pub(crate) async fn show_layout(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
    Path(path): Path<LayoutPath>,
) -> Result<Versioned<LayoutView>, Problem> {
    let key = (member.organisation, path.layout, None);
    let found = app.platform.db.read(member.scope(), "show_layout", key, show).await?;
    Ok(Versioned { version: found.version, body: LayoutView::of(found)? })
}

/// Read one version of a layout.
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/layouts/{layout}/versions/{version}", tag = "layouts",
    params(("organisation" = OrganisationId, Path), ("layout" = LayoutId, Path), ("version" = i64, Path)),
    responses((status = 200, body = LayoutView)),
    extensions(("x-access" = json!("view_organisation")))
)]
pub(crate) async fn show_layout_version(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
    Path(path): Path<VersionPath>,
) -> Result<Response, Problem> {
    let key = (member.organisation, path.layout, Some(path.version));
    let found = app.platform.db.read(member.scope(), "show_layout", key, show).await?;
    let mut response = Versioned { version: found.version, body: LayoutView::of(found)? }.into_response();
    response.headers_mut().insert(CACHE_CONTROL, FOR_EVER);
    Ok(response)
}
