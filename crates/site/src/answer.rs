//! Pages as answers: what may be kept by whom, and what a page gives away to the next.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, HeaderName, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use platform::Fault;
use web::{Html, Problem, SeenByAll};

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Draws a page.
pub(crate) fn draw(template: &impl Template) -> Result<Html, Problem> {
    Ok(Html::new(template.render().map_err(Fault::corrupt)?))
}

/// A page that everyone may see. It also says who is signed in, so only the reader's own browser keeps it, and asks each time whether it
/// is still true, which the tag of the answer makes cheap. For those who are not signed in it is the same, so they share it for a moment.
pub(crate) fn public(template: &impl Template) -> Result<Response, Problem> {
    let mut page = with(draw(template)?, &[(CACHE_CONTROL, "private, no-cache")]);
    page.extensions_mut().insert(SeenByAll);
    Ok(page)
}

/// A page that belongs to one person: kept nowhere.
pub(crate) fn private(template: &impl Template, status: StatusCode) -> Result<Response, Problem> {
    Ok(with(draw(template)?.with_status(status), &[(CACHE_CONTROL, "no-store"), (ROBOTS, "noindex")]))
}

/// A page whose address is a secret: kept nowhere, found by no crawler, told to no other site. Its address stays visible to this server,
/// because browsers that are told `no-referrer` also blank the `Origin` of forms, and without `Sec-Fetch-Site`
/// (plain http in a local network) a blank origin looks like a forged request.
pub(crate) fn secret(template: &impl Template, status: StatusCode) -> Result<Response, Problem> {
    let page = private(template, status)?;
    Ok(with(page, &[(REFERRER_POLICY, "same-origin")]))
}

fn with(page: impl IntoResponse, headers: &[(HeaderName, &'static str)]) -> Response {
    let mut response = page.into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name.clone(), HeaderValue::from_static(value));
    }
    response
}
