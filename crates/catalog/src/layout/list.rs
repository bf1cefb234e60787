//! Lists an organisation's layouts.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{LayoutId, OrganisationId, Page, PageRequest};
use platform::db::Tx;
use platform::{Failure, FieldError, Never};
use serde::Serialize;
use web::rights::ViewOrganisation;
use web::{AppState, Json, Member, Problem, Query};

use super::store::{self, LayoutFacts};

/// A layout without its document.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LayoutSummaryView {
    /// Which one.
    id: LayoutId,
    /// What it is called.
    name: String,
    /// Its newest version.
    version: i64,
    /// How many seats that has.
    seats: i32,
    /// How many people can stand there.
    standing_places: i32,
    /// When it was first drawn.
    created_at: Timestamp,
    /// When that version was made.
    updated_at: Timestamp,
}

impl From<LayoutFacts> for LayoutSummaryView {
    fn from(facts: LayoutFacts) -> Self {
        Self {
            id: facts.id,
            name: facts.name,
            version: facts.version,
            seats: facts.seats,
            standing_places: facts.standing_places,
            created_at: facts.created_at,
            updated_at: facts.updated_at,
        }
    }
}

/// Layouts of an organisation, the newest first.
pub async fn list(
    tx: &mut Tx,
    (organisation, after, page): (OrganisationId, Option<LayoutId>, PageRequest),
) -> Result<Page<LayoutFacts>, Failure<Never>> {
    let rows = store::list(tx, organisation, after, page.rows()).await?;
    Ok(Page::cut(rows, page.items(), |facts| facts.id.to_string()))
}

/// List the layouts of an organisation, the newest first.
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/layouts", tag = "layouts",
    params(("organisation" = OrganisationId, Path), PageRequest),
    responses((status = 200, body = Page<LayoutSummaryView>)),
    extensions(("x-access" = json!("view_organisation")))
)]
pub(crate) async fn list_layouts(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
    Query(page): Query<PageRequest>,
) -> Result<Json<Page<LayoutSummaryView>>, Problem> {
    let after = page.cursor.as_deref().filter(|text| !text.is_empty()).map(str::parse).transpose().map_err(|_| {
        let rule = "Take the cursor from next_cursor of the page before.";
        Problem::invalid(vec![FieldError::new("cursor", "not_a_cursor", rule)])
    })?;
    let found = app.platform.db.read(member.scope(), "list_layouts", (member.organisation, after, page), list).await?;
    Ok(Json(found.map(LayoutSummaryView::from)))
}
