//! Leaving the line from the page.

use axum::extract::State;
use axum::response::Redirect;
use boxoffice::waiting_room::leave::leave_by_slug;
use boxoffice::waiting_room::presented::Presented;
use http::HeaderMap;
use web::{AppState, Form, Path, Problem};

use crate::address::{encode, with_query};

/// `GET /e/{slug}/queue/leave`: where a reload leads.
pub(crate) async fn back(Path(slug): Path<String>) -> Redirect {
    Redirect::to(&format!("/e/{}/queue", encode(&slug)))
}

/// `POST /e/{slug}/queue/leave`
pub(crate) async fn leave(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Redirect, Problem> {
    let token = fields.into_iter().find(|(name, _)| name == "place").map(|(_, value)| value).unwrap_or_default();
    let presented = Presented::of(&headers, &app.platform);
    leave_by_slug(&app.platform, &slug, &token, &presented).await?;
    Ok(Redirect::to(&with_query(&format!("/e/{}/queue", encode(&slug)), &[("place", &token)])))
}
