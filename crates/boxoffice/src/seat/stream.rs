//! The seats of an event as they change: server-sent events (WHATWG HTML, section 9.2) that can be taken up again where they broke.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use web::{AppState, Path, Problem, Query};

use super::status::SinceVersion;
use super::watcher::{News, Watcher};

/// When a browser comes back after the stream broke, in milliseconds.
const RETRY_MILLISECONDS: u32 = 2000;
const LAST_EVENT_ID: &str = "last-event-id";

/// An event of the stream.
fn event(news: &News, is_first: bool) -> Bytes {
    let News::Seats(view) = news else { return Bytes::from_static(b": still here\n\n") };
    let retry = if is_first { format!("retry: {RETRY_MILLISECONDS}\n") } else { String::new() };
    let data = serde_json::to_string(view).unwrap_or_default();
    Bytes::from(format!("{retry}id: {}\nevent: seats\ndata: {data}\n\n", view.version))
}

/// Stream which seats are free
///
/// Server-sent events named `seats` with the same object as the status: first all seats (or, with `since` or `Last-Event-ID`, what changed after that
/// version), then what changes, within about a second. The id of an event is its version. A comment at least every eight seconds when nothing changes.
#[utoipa::path(get, path = "/api/v1/events/{slug}/seats/stream", tag = "Seats", params(("slug" = String, Path), SinceVersion),
    responses((status = 200, body = String, content_type = "text/event-stream")), extensions(("x-access" = json!("public"))))]
pub(crate) async fn stream_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    Query(query): Query<SinceVersion>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last = headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    let watcher = Watcher::of(&app, slug, last.or(query.since)).await?;
    let messages = stream::unfold((watcher, true), |(mut watcher, is_first)| async move {
        let news = watcher.next().await?;
        Some((Ok::<Bytes, Infallible>(event(&news, is_first)), (watcher, false)))
    });
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies that gather answers would hold the news back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(messages)).into_response())
}
