//! The files of an order: its tickets as PDF, its event for a calendar.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use boxoffice::order::deliver::{Files, files_of};
use boxoffice::order::show::locate;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, REFERRER_POLICY};
use web::{AppState, Path, Problem};

/// `GET /o/{code}/{secret}/tickets.pdf`
pub(crate) async fn tickets(
    State(app): State<AppState>,
    Path((code, secret)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (code, files) = find(&app, code, &secret).await?;
    let pdf = files.pdf.ok_or_else(Problem::not_found)?;
    Ok(download("application/pdf", &format!("tickets-{code}.pdf"), pdf))
}

/// `GET /o/{code}/{secret}/event.ics`. The link to join online is in it, so only those with a valid ticket get it.
pub(crate) async fn calendar(
    State(app): State<AppState>,
    Path((code, secret)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (code, files) = find(&app, code, &secret).await?;
    if files.pdf.is_none() {
        return Err(Problem::not_found());
    }
    Ok(download("text/calendar; charset=utf-8", &format!("{code}.ics"), files.calendar.into_bytes()))
}

async fn find(app: &AppState, code: String, secret: &str) -> Result<(String, Files), Problem> {
    let name = code.to_ascii_uppercase();
    let (organisation, order) = locate(&app.platform, code, secret).await?;
    Ok((name, files_of(&app.platform, organisation, order).await?))
}

/// The name is made of a code that exists, so nothing in it needs quoting.
fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CACHE_CONTROL, "private, no-store".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (headers, bytes).into_response()
}
