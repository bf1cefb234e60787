//! The event for anyone's calendar. The link to join online is not in it: that is for ticket holders.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use catalog::api::{PublicEvent, calendar_file, public_event};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use platform::{Failure, NotFound, Scope, Tx};
use web::{AppState, Path, Problem};

/// `GET /e/{slug}/event.ics`
pub(crate) async fn download(State(app): State<AppState>, Path(slug): Path<String>) -> Result<Response, Problem> {
    let event = app.platform.db.read(Scope::Public, "show_public_event", slug, find).await?;
    let url = app.platform.url(&format!("/e/{}", event.facts.slug));
    let (name, email) = event.organiser.map(|host| (host.name, host.contact_email)).unwrap_or_default();
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}.ics\"", event.facts.slug)),
        (CACHE_CONTROL, "public, max-age=300".to_owned()),
    ];
    Ok((headers, calendar_file(&event.facts, &name, &email, &url)).into_response())
}

async fn find(tx: &mut Tx, slug: String) -> Result<PublicEvent, Failure<NotFound>> {
    Ok(public_event(tx, &slug).await?.ok_or(NotFound)?)
}
