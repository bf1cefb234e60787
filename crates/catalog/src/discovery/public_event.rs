//! A public event by its address: published, unlisted, cancelled, however old.

use axum::extract::State;
use kernel::Slug;
use platform::db::Tx;
use platform::{Failure, Fault, NotFound, Scope};
use serde::Deserialize;
use web::{AppState, Json, Path, Problem};

use super::store;
use super::view::PublicEventView;
use crate::event::markdown;
use crate::event::model::EventFacts;
use crate::organiser::Organiser;

/// An event as anyone may see it. Its `online_url` is blank: only ticket holders get the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicEvent {
    /// The event.
    pub facts: EventFacts,
    /// The long text, in Markdown.
    pub description: String,
    /// The long text as safe HTML.
    pub description_html: String,
    /// Who holds it, if the organisation's page is there already.
    pub organiser: Option<Organiser>,
}

/// The public event with this address; `None` for drafts and for texts that are no slugs.
pub async fn find(tx: &mut Tx, slug: &str) -> Result<Option<PublicEvent>, Fault> {
    let Ok(slug) = Slug::parse(slug) else { return Ok(None) };
    let Some((event, organiser)) = store::find_by_slug(tx, &slug).await? else { return Ok(None) };
    let description_html = markdown::to_html(&event.description);
    Ok(Some(PublicEvent { facts: event.facts, description: event.description, description_html, organiser }))
}

/// The public event with this address.
pub async fn show(tx: &mut Tx, slug: String) -> Result<PublicEvent, Failure<NotFound>> {
    find(tx, &slug).await?.ok_or_else(|| NotFound.into())
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SlugPath {
    slug: String,
}

/// Read a public event by its address. The link to join online is not part of it.
#[utoipa::path(
    get, path = "/api/v1/events/{slug}", tag = "discovery",
    params(("slug" = String, Path)),
    responses((status = 200, body = PublicEventView)),
    extensions(("x-access" = json!("public")))
)]
pub(crate) async fn show_public_event(
    State(app): State<AppState>,
    Path(path): Path<SlugPath>,
) -> Result<Json<PublicEventView>, Problem> {
    let event = app.platform.db.read(Scope::Public, "show_public_event", path.slug, show).await?;
    Ok(Json(PublicEventView::of(&app.platform, &event)))
}
