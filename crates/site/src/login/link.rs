//! The link of the mail. Opening it changes nothing, because mail scanners open links; the button on its page signs in.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use identity::api::{ShowLink, VerifyLink, VerifyRefusal, browser_secret, show_link, verify_link};
use platform::{Failure, Scope};
use web::{AppState, Frame, Path, Problem};

use super::verify::over;
use super::{AFTER_SIGN_IN, browser, welcome};
use crate::answer;
use crate::layout::Layout;

#[derive(Template)]
#[template(path = "login_link.html")]
struct LinkPage {
    layout: Layout,
    email: String,
}

/// `GET /login/link/{token}`
pub(crate) async fn show(
    State(app): State<AppState>,
    frame: Frame,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let command = ShowLink { token, browser: browser_secret(&headers, &app.platform) };
    match app.platform.db.read(Scope::Public, "show_sign_in_link", command, show_link).await {
        Ok(attempt) => {
            let page = LinkPage { layout: Layout::new(&app, &frame, "Sign in"), email: attempt.email.to_string() };
            answer::secret(&page, StatusCode::OK)
        }
        Err(Failure::Refused(refusal)) => refused(&app, &frame, &refusal),
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /login/link/{token}`
pub(crate) async fn confirm(
    State(app): State<AppState>,
    frame: Frame,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let command = VerifyLink { token, browser: browser_secret(&headers, &app.platform), client: browser(&headers) };
    match verify_link(&app.platform, command).await {
        Ok(signed_in) => Ok(welcome(&app.platform, &signed_in)),
        Err(Failure::Refused(refusal)) => refused(&app, &frame, &refusal),
        Err(failure) => Err(failure.into()),
    }
}

/// Who pressed the button twice, or opened the mail again, is signed in already.
fn refused(app: &AppState, frame: &Frame, refusal: &VerifyRefusal) -> Result<Response, Problem> {
    match frame.account {
        Some(_) => Ok(Redirect::to(AFTER_SIGN_IN).into_response()),
        None => over(app, frame, refusal),
    }
}
