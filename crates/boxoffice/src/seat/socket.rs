//! The seats of an event as they change, over a WebSocket (RFC 6455): for clients that have no server-sent events.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use tokio::time::timeout;
use web::{AppState, Path, Problem, Query};

use super::status::SinceVersion;
use super::watcher::{News, Watcher};

/// Nobody has anything to say to us but signs of life.
const MESSAGE_BYTES_MAX: usize = 1024;
/// Whoever does not take a message within this time is gone.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many of our signs of life may stay without an answer.
const UNANSWERED_MAX: u32 = 2;

/// Follow which seats are free over a WebSocket
///
/// Text messages with the same object as the status: first all seats (or, with `since`, what changed after that version), then what changes, within
/// about a second. Whoever comes back with `since` misses nothing. A ping after every eight seconds without news; who answers none of them is cut off.
/// Messages of the client are read and ignored.
#[utoipa::path(get, path = "/api/v1/events/{slug}/seats/socket", tag = "Seats", params(("slug" = String, Path), SinceVersion),
    responses((status = 101, description = "From here on it is a WebSocket")),
    extensions(("x-access" = json!("public"))))]
pub(crate) async fn socket_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    Query(query): Query<SinceVersion>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let watcher = Watcher::of(&app, slug, query.since).await?;
    Ok(upgrade.max_message_size(MESSAGE_BYTES_MAX).on_upgrade(move |socket| tell(socket, watcher)))
}

/// Tells until one of the two ends it.
async fn tell(mut socket: WebSocket, mut watcher: Watcher) {
    let mut unanswered = 0;
    loop {
        let message = tokio::select! {
            news = watcher.next() => match news {
                Some(News::Seats(view)) => Message::Text(serde_json::to_string(&view).unwrap_or_default().into()),
                Some(News::Quiet) if unanswered < UNANSWERED_MAX => {
                    unanswered += 1;
                    Message::Ping(Bytes::new())
                }
                Some(News::Quiet) => return,
                None => break,
            },
            // A pong, a message that nobody reads, or the end. Pings and the end are answered while the next one is awaited.
            heard = socket.recv() => match heard {
                Some(Ok(_)) => {
                    unanswered = 0;
                    continue;
                }
                Some(Err(_)) | None => return,
            },
        };
        if !matches!(timeout(PATIENCE, socket.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
    let end = CloseFrame { code: close_code::RESTART, reason: "come back with since".into() };
    let _ = timeout(PATIENCE, socket.send(Message::Close(Some(end)))).await;
}
