//! Joining the line from the page.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use boxoffice::waiting_room::join::{JoinRefusal, join_by_slug};
use boxoffice::waiting_room::presented::Presented;
use boxoffice::waiting_room::token::BrowserSecret;
use http::HeaderMap;
use platform::Failure;
use web::{AppState, Form, Frame, Path, Problem, cookie};

use super::page::answer_with;
use crate::address::{encode, with_query};

/// How long a browser keeps the secret that its places are bound to: longer than any sale.
const SECRET_AGE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// `POST /e/{slug}/queue`
pub(crate) async fn join(
    State(app): State<AppState>,
    frame: Frame,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Form(_): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let known = Presented::of(&headers, &app.platform).browser;
    let browser = known.unwrap_or_else(|| BrowserSecret::new(&app.platform.random));
    let account = frame.account.map(|signed| signed.account);
    match join_by_slug(&app.platform, &slug, &browser, account).await {
        Ok(joined) => {
            let path = with_query(&format!("/e/{}/queue", encode(&slug)), &[("place", &joined.token)]);
            let cookie = cookie::waiting_cookie(&app.platform, browser.as_str(), SECRET_AGE);
            Ok((cookie, Redirect::to(&path)).into_response())
        }
        Err(Failure::Refused(JoinRefusal::Closed)) => {
            Ok(Redirect::to(&format!("/e/{}#tickets", encode(&slug))).into_response())
        }
        Err(Failure::Refused(refusal @ (JoinRefusal::NotFound | JoinRefusal::Busy))) => Err(Problem::refused(&refusal)),
        Err(Failure::Refused(refusal)) => answer_with(&app, &frame, &headers, (slug, None), refusal.to_string()).await,
        Err(failure) => Err(failure.into()),
    }
}
