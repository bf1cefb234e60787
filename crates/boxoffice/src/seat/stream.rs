//! The seats of an event as they change: server-sent events (WHATWG HTML, section 9.2) that can be taken up again where they broke.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use platform::Scope;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use web::{AppState, Path, Problem, Query};

use super::layout::find_event;
use super::live::{self, Known};
use super::status::{SeatStatusView, SinceVersion};

/// After so long without news a sign of life is sent: proxies and browsers give up on silence.
const SILENCE_MAX: Duration = Duration::from_secs(8);
/// When a browser comes back after the stream broke, in milliseconds.
const RETRY_MILLISECONDS: u32 = 2000;
const LAST_EVENT_ID: &str = "last-event-id";

/// Somebody who watches the seats.
struct Watcher {
    seats: watch::Receiver<Arc<Known>>,
    shutdown: CancellationToken,
    /// The version that was told last.
    told: Option<i64>,
    is_first: bool,
}

impl Watcher {
    /// The next thing to say; `None` when the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_first {
            self.is_first = false;
            let known = Arc::clone(&self.seats.borrow_and_update());
            return Some(self.message(&known, &format!("retry: {RETRY_MILLISECONDS}\n")));
        }
        tokio::select! {
            () = self.shutdown.cancelled() => None,
            changed = tokio::time::timeout(SILENCE_MAX, self.seats.changed()) => match changed {
                Ok(Ok(())) => {
                    let known = Arc::clone(&self.seats.borrow_and_update());
                    Some(self.message(&known, ""))
                }
                // The event has no seats any more.
                Ok(Err(_)) => None,
                Err(_) => Some(Bytes::from_static(b": still here\n\n")),
            },
        }
    }

    fn message(&mut self, known: &Known, before: &str) -> Bytes {
        let (version, seats) = (known.version(), known.statuses().len());
        let changes = self.told.and_then(|told| known.since(told));
        let view = SeatStatusView {
            version,
            seats,
            statuses: changes.is_none().then(|| STANDARD.encode(known.statuses().bytes())),
            changes: changes.map(|seats| seats.into_iter().map(|(seat, status)| (seat.0, status.bits())).collect()),
        };
        self.told = Some(version);
        let data = serde_json::to_string(&view).unwrap_or_default();
        Bytes::from(format!("{before}id: {version}\nevent: seats\ndata: {data}\n\n"))
    }
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
    let facts = app.platform.db.read(Scope::Public, "find_event", slug, find_event).await?;
    let seats = live::follow(&app.platform, facts.organisation, facts.id).await?;
    let last = headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    let watcher = Watcher { seats, shutdown: app.shutdown.clone(), told: last.or(query.since), is_first: true };
    let messages = stream::unfold(watcher, |mut watcher| async move {
        let message = watcher.next().await?;
        Some((Ok::<Bytes, Infallible>(message), watcher))
    });
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies that gather answers would hold the news back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(messages)).into_response())
}
