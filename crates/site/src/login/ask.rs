//! The form that asks for an address and mails a code to it.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use identity::api::{Begin, SIGN_IN_COOKIE_TTL, begin, browser_secret};
use kernel::Email;
use serde::Deserialize;
use web::{AppState, Form, Frame, Problem, Query};

use super::{AFTER_SIGN_IN, return_to};
use crate::address::with_query;
use crate::answer;
use crate::layout::Layout;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    layout: Layout,
    email: String,
    error: &'static str,
    return_to: String,
}

/// Where to afterwards.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct LoginQuery {
    #[serde(default)]
    return_to: String,
}

/// The form.
#[derive(Debug, Deserialize)]
pub(crate) struct LoginForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    return_to: String,
}

/// `GET /login`; who is signed in already goes on.
pub(crate) async fn show(
    State(app): State<AppState>,
    frame: Frame,
    Query(query): Query<LoginQuery>,
) -> Result<Response, Problem> {
    let target = return_to(&query.return_to);
    if frame.account.is_some() {
        return Ok(Redirect::to(target.or(AFTER_SIGN_IN)).into_response());
    }
    let page = LoginPage {
        layout: Layout::new(&app, &frame, "Sign in"),
        email: String::new(),
        error: "",
        return_to: target.as_str().to_owned(),
    };
    answer::secret(&page, StatusCode::OK)
}

/// `POST /login`: the answer is the same whether or not there is such an account.
pub(crate) async fn ask(
    State(app): State<AppState>,
    frame: Frame,
    headers: HeaderMap,
    Form(form): Form<LoginForm>,
) -> Result<Response, Problem> {
    let target = return_to(&form.return_to);
    let Ok(email) = Email::parse(&form.email) else {
        let page = LoginPage {
            layout: Layout::new(&app, &frame, "Sign in"),
            email: form.email,
            error: "Enter an e-mail address like name@example.org.",
            return_to: target.as_str().to_owned(),
        };
        return answer::secret(&page, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let command = Begin { email, return_to: target, browser: browser_secret(&headers, &app.platform) };
    let begun = begin(&app.platform, command).await?;
    let cookie = web::cookie::sign_in_cookie(&app.platform, begun.browser.as_str(), SIGN_IN_COOKIE_TTL);
    let verify = with_query("/login/verify", &[("id", &begun.id.to_string())]);
    Ok((cookie, Redirect::to(&verify)).into_response())
}
