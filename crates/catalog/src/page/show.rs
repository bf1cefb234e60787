//! Shows a page: to its organisation by id, to everyone by slug.

use axum::extract::State;
use kernel::{OrganisationId, Slug};
use platform::db::Tx;
use platform::{Failure, Fault, NotFound, Scope};
use serde::Deserialize;
use web::rights::ViewOrganisation;
use web::{AppState, Json, Member, Path, Problem, Versioned};

use super::model::Page;
use super::store;
use super::view::PageView;

/// The page of an organisation.
pub async fn show(tx: &mut Tx, organisation: OrganisationId) -> Result<Page, Failure<NotFound>> {
    store::find(tx, organisation).await?.ok_or_else(|| NotFound.into())
}

/// The page with this address; `None` also for texts that are no slugs.
pub async fn find_by_slug(tx: &mut Tx, slug: &str) -> Result<Option<Page>, Fault> {
    match Slug::parse(slug) {
        Ok(slug) => store::find_by_slug(tx, &slug).await,
        Err(_) => Ok(None),
    }
}

async fn show_by_slug(tx: &mut Tx, slug: String) -> Result<Page, Failure<NotFound>> {
    find_by_slug(tx, &slug).await?.ok_or_else(|| NotFound.into())
}

/// Read the public page of an organisation.
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}/page", tag = "pages",
    params(("organisation" = OrganisationId, Path)),
    responses((status = 200, body = PageView, headers(("ETag" = String, description = "The version, for If-Match")))),
    extensions(("x-access" = json!("view_organisation")))
)]
pub(crate) async fn show_page(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
) -> Result<Versioned<PageView>, Problem> {
    let page = app.platform.db.read(member.scope(), "show_page", member.organisation, show).await?;
    Ok(Versioned { version: page.version, body: PageView::of(&app.platform, &page) })
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SlugPath {
    slug: String,
}

/// Read the public page with an address.
#[utoipa::path(
    get, path = "/api/v1/pages/{slug}", tag = "discovery",
    params(("slug" = String, Path)),
    responses((status = 200, body = PageView)),
    extensions(("x-access" = json!("public")))
)]
pub(crate) async fn show_public_page(
    State(app): State<AppState>,
    Path(path): Path<SlugPath>,
) -> Result<Json<PageView>, Problem> {
    let page = app.platform.db.read(Scope::Public, "show_public_page", path.slug, show_by_slug).await?;
    Ok(Json(PageView::of(&app.platform, &page)))
}
