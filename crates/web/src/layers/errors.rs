//! Errors of the framework become problems, problems become pages for browsers, panics become apologies.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{StatusCode, header};

use crate::extract::Signed;
use crate::problem::{PROBLEM_JSON, finish, for_status};
use crate::{AppState, Exchange, Frame, Principal, Problem};

/// Gives every error its shape.
pub(super) fn show(app: &AppState, exchange: &Exchange, response: Response) -> Response {
    let response = finish(response);
    let is_problem = response.headers().get(CONTENT_TYPE).is_some_and(|value| value == PROBLEM_JSON);
    if is_problem && exchange.wants_html() { as_page(app, exchange, response) } else { response }
}

/// Draws the page of a problem; headers such as `Retry-After` and cookies stay.
fn as_page(app: &AppState, exchange: &Exchange, response: Response) -> Response {
    let Some(problem) = response.extensions().get::<Problem>() else { return response };
    let account = match exchange.principal() {
        Some(Principal::Account { account, session }) => Some(Signed { account: *account, session: *session }),
        _ => None,
    };
    let page = (app.error_page)(problem, &Frame::of(app, Some(exchange), account))
        .with_status(response.status())
        .into_response();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(kind) = page.headers().get(header::CONTENT_TYPE) {
        parts.headers.insert(CONTENT_TYPE, kind.clone());
    }
    Response::from_parts(parts, page.into_body())
}

/// Runs a future; its panic becomes an apology. Nothing that the future held is used after it.
pub(super) async fn catch_panics(answer: impl Future<Output = Response>) -> Response {
    AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(after_panic)
}

fn after_panic(panic: Box<dyn Any + Send>) -> Response {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = words.unwrap_or("without words"), "a handler panicked");
    metrics::counter!("http_panics_total").increment(1);
    for_status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}
