//! Errors of the framework become problems, problems become pages for browsers, panics become apologies.

use std::any::Any;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{StatusCode, header};
use tower_http::catch_panic::CatchPanicLayer;

use crate::extract::Signed;
use crate::problem::{PROBLEM_JSON, finish, for_status};
use crate::{AppState, Exchange, Frame, Principal, Problem};

/// Gives every error its shape.
pub(super) async fn show(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let exchange = request.extensions().get::<Exchange>().cloned();
    let response = finish(next.run(request).await);
    let is_problem = response.headers().get(CONTENT_TYPE).is_some_and(|value| value == PROBLEM_JSON);
    match exchange {
        Some(exchange) if is_problem && exchange.wants_html() => as_page(&app, &exchange, response),
        _ => response,
    }
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

type OnPanic = fn(Box<dyn Any + Send>) -> Response<Body>;

/// Catches panics of handlers.
pub(super) fn catch_panics() -> CatchPanicLayer<OnPanic> {
    CatchPanicLayer::custom(after_panic)
}

fn after_panic(panic: Box<dyn Any + Send>) -> Response<Body> {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = words.unwrap_or("without words"), "a handler panicked");
    metrics::counter!("http_panics_total").increment(1);
    for_status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}
