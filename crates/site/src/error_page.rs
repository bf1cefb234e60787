//! The page a browser sees instead of a problem document.

use askama::Template;
use http::StatusCode;
use web::{Frame, Html, Problem};

use crate::layout::Layout;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    layout: Layout,
    status: u16,
    heading: &'a str,
    text: &'a str,
    errors: Vec<&'a str>,
    trace_id: &'a str,
    is_missing: bool,
    is_sign_in_needed: bool,
}

/// Draws a problem: what happened, what to do, and the id that finds it in the log.
pub fn error_page(problem: &Problem, frame: &Frame) -> Html {
    let status = problem.status();
    let page = ErrorPage {
        layout: Layout::of_frame(frame, heading(status)),
        status: status.as_u16(),
        heading: heading(status),
        text: text(problem),
        errors: problem.errors().iter().map(|error| error.message.as_str()).collect(),
        trace_id: &frame.trace_id,
        is_missing: status == StatusCode::NOT_FOUND,
        is_sign_in_needed: status == StatusCode::UNAUTHORIZED,
    };
    match page.render() {
        Ok(body) => Html::new(body).with_status(status),
        Err(_) => Html::new(heading(status)).with_status(status),
    }
}

fn heading(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "Sign in to go on",
        403 => "You may not do this",
        404 => "This page is not here",
        405 => "That does not work here",
        408 | 504 => "That took too long",
        410 => "This is no longer here",
        413 => "That is too large",
        429 => "That was a bit fast",
        503 => "Turnout cannot answer right now",
        400..=499 => "That did not work",
        _ => "Something broke",
    }
}

fn text(problem: &Problem) -> &str {
    match problem.status() {
        StatusCode::NOT_FOUND => "The address may be mistyped, or what was here has been taken away.",
        _ => problem.detail(),
    }
}
