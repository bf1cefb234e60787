//! The form that takes the code of the mail.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use identity::api::{Code, SIGN_IN_TTL_MINUTES, VerifyCode, VerifyRefusal, browser_secret, verify_code};
use kernel::SignInId;
use platform::Failure;
use serde::Deserialize;
use web::{AppState, Form, Frame, Problem, Query};

use super::{browser, welcome};
use crate::answer;
use crate::layout::Layout;
use crate::words::counted;

#[derive(Template)]
#[template(path = "login_verify.html")]
struct VerifyPage {
    layout: Layout,
    id: SignInId,
    minutes: i64,
    code: String,
    error: String,
}

#[derive(Template)]
#[template(path = "login_over.html")]
pub(super) struct OverPage {
    pub layout: Layout,
    pub text: String,
}

/// Which attempt.
#[derive(Debug, Deserialize)]
pub(crate) struct VerifyQuery {
    #[serde(default)]
    id: String,
}

/// The form.
#[derive(Debug, Deserialize)]
pub(crate) struct VerifyForm {
    #[serde(default)]
    id: String,
    #[serde(default)]
    code: String,
}

/// `GET /login/verify?id=sgn_...`
pub(crate) async fn show(
    State(app): State<AppState>,
    frame: Frame,
    Query(query): Query<VerifyQuery>,
) -> Result<Response, Problem> {
    match query.id.parse::<SignInId>() {
        Ok(id) => answer::secret(&page(&app, &frame, id, String::new(), String::new()), StatusCode::OK),
        Err(_) => Ok(Redirect::to("/login").into_response()),
    }
}

/// `POST /login/verify`
pub(crate) async fn verify(
    State(app): State<AppState>,
    frame: Frame,
    headers: HeaderMap,
    Form(form): Form<VerifyForm>,
) -> Result<Response, Problem> {
    let Ok(id) = form.id.parse::<SignInId>() else { return Ok(Redirect::to("/login").into_response()) };
    let Ok(code) = Code::parse(&form.code) else {
        let error = "Enter the six digits of the mail.".to_owned();
        return answer::secret(&page(&app, &frame, id, form.code, error), StatusCode::UNPROCESSABLE_ENTITY);
    };
    let command =
        VerifyCode { sign_in: id, code, browser: browser_secret(&headers, &app.platform), client: browser(&headers) };
    match verify_code(&app.platform, command).await {
        Ok(signed_in) => Ok(welcome(&app.platform, &signed_in)),
        Err(Failure::Refused(refusal @ VerifyRefusal::Wrong { attempts_left })) if attempts_left > 0 => {
            let error =
                format!("{refusal} {} left.", counted(i64::from(attempts_left), "try").replace("trys", "tries"));
            answer::secret(&page(&app, &frame, id, form.code, error), Problem::refused(&refusal).status())
        }
        Err(Failure::Refused(VerifyRefusal::Wrong { .. })) => over(&app, &frame, &VerifyRefusal::Exhausted),
        Err(Failure::Refused(refusal)) => over(&app, &frame, &refusal),
        Err(failure) => Err(failure.into()),
    }
}

/// An attempt that can end well no more.
pub(super) fn over(app: &AppState, frame: &Frame, refusal: &VerifyRefusal) -> Result<Response, Problem> {
    let page = OverPage { layout: Layout::new(app, frame, "Sign in"), text: refusal.to_string() };
    answer::secret(&page, Problem::refused(refusal).status())
}

fn page(app: &AppState, frame: &Frame, id: SignInId, code: String, error: String) -> VerifyPage {
    VerifyPage { layout: Layout::new(app, frame, "Enter your code"), id, minutes: SIGN_IN_TTL_MINUTES, code, error }
}
