//! The stream of a place: server-sent events (WHATWG HTML, section 9.2) with the position, the estimate, and a sign of life.
//!
//! All streams of a hall hang on its one pulse. Someone near the head of the line is told of every change, someone far back every few
//! seconds, everyone at once when the room changes its state or the last place is sold.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use platform::Platform;
use std::convert::Infallible;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use web::{AppState, Path, Problem, Query};

use super::hall::Seat;
use super::model::EntryState;
use super::place::{PlaceToken, PlaceView, Proven, place_of, prove};
use super::presented::Presented;

/// Pulses (seconds) without news after which a sign of life is sent: proxies and browsers give up on silence.
const SILENCE_PULSES_MAX: u64 = 8;
/// Up to so many people ahead, every change is told at once.
const AHEAD_NEAR: i64 = 200;
/// Further back, a change of the position is told after so many pulses.
const FAR_PULSES: u64 = 5;
/// When a browser comes back after the stream broke, in milliseconds.
const RETRY_MILLISECONDS: u32 = 2000;

/// A person who listens.
struct Listener {
    platform: Platform,
    shutdown: CancellationToken,
    seat: Seat,
    state: EntryState,
    browser_hash: [u8; 32],
    pulse: watch::Receiver<u64>,
    told: Option<PlaceView>,
    told_at: u64,
    has_ended: bool,
}

impl Listener {
    /// The next thing to say; `None` when the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.has_ended || self.shutdown.is_cancelled() {
                return None;
            }
            let is_first = self.told.is_none();
            if !is_first && self.pulse.changed().await.is_err() {
                return None;
            }
            let pulse = *self.pulse.borrow_and_update();
            if let Some(message) = self.message(pulse) {
                self.told_at = pulse;
                return Some(message);
            }
        }
    }

    fn message(&mut self, pulse: u64) -> Option<Bytes> {
        let place = place_of(&self.platform, self.seat.hall(), self.seat.entry, self.state, &self.browser_hash);
        let silence = pulse.saturating_sub(self.told_at);
        if !is_worth_telling(self.told.as_ref(), &place, silence) {
            return (silence >= SILENCE_PULSES_MAX).then(|| Bytes::from_static(b": still here\n\n"));
        }
        let retry = if self.told.is_none() { format!("retry: {RETRY_MILLISECONDS}\n") } else { String::new() };
        let data = serde_json::to_string(&place).unwrap_or_default();
        let message = format!("{retry}event: place\ndata: {data}\n\n");
        self.has_ended = place.state != "waiting" && place.state != "admitted" || place.room == "closed";
        self.told = Some(place);
        Some(Bytes::from(message))
    }
}

/// Whether a place differs from what was told last in a way that cannot wait.
fn is_worth_telling(told: Option<&PlaceView>, place: &PlaceView, silence: u64) -> bool {
    let Some(told) = told else { return true };
    let is_urgent = (&told.state, &told.room, told.opens_at, told.is_sold_out)
        != (&place.state, &place.room, place.opens_at, place.is_sold_out)
        || told.ahead.is_some() != place.ahead.is_some();
    let is_near = place.ahead.is_some_and(|ahead| ahead <= AHEAD_NEAR);
    is_urgent || (told != place && (is_near && told.ahead != place.ahead || silence >= FAR_PULSES))
}

/// Stream a place in the waiting room
///
/// Server-sent events named `place` with the same object as the place itself; a comment at least every eight seconds when nothing
/// changes. Being connected counts as being there. A stream that broke can be taken up again within a minute without losing the place. It
/// ends when the place does.
#[utoipa::path(get, path = "/api/v1/events/{slug}/waiting-room/stream", tag = "Waiting room", params(("slug" = String, Path), PlaceToken),
    responses((status = 200, body = String, content_type = "text/event-stream")), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn stream_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    Query(query): Query<PlaceToken>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let presented = Presented::of(&headers, &app.platform);
    let proven = prove(&app.platform, &slug, &query.token, &presented).await?;
    let state = proven.state(&app.platform).await?;
    let Proven { hall, entry, browser } = proven;
    let seat = hall.sit(entry).ok_or_else(too_many)?;
    let listener = Listener {
        pulse: hall.pulse(),
        platform: app.platform.clone(),
        shutdown: app.shutdown.clone(),
        seat,
        state,
        browser_hash: browser.hash(),
        told: None,
        told_at: 0,
        has_ended: false,
    };
    let messages = stream::unfold(listener, |mut listener| async move {
        let message = listener.next().await?;
        Some((Ok::<Bytes, Infallible>(message), listener))
    });
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies that gather answers would hold the news back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(messages)).into_response())
}

fn too_many() -> Problem {
    Problem::new(
        http::StatusCode::TOO_MANY_REQUESTS,
        "too_many_streams",
        "This place is being watched in several tabs already. Close one of them.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(ahead: i64) -> PlaceView {
        PlaceView {
            state: "waiting".to_owned(),
            room: "open".to_owned(),
            opens_at: "2026-12-01T10:00:00Z".parse().unwrap(),
            position: Some(ahead + 1),
            ahead: Some(ahead),
            waiting: 20_000,
            estimate: None,
            may_run_out: false,
            is_sold_out: false,
            admission: None,
        }
    }

    #[test]
    fn those_in_front_hear_at_once_and_those_behind_now_and_then() {
        assert!(is_worth_telling(None, &place(5), 0));
        assert!(is_worth_telling(Some(&place(6)), &place(5), 1));
        assert!(!is_worth_telling(Some(&place(5)), &place(5), 7));
        assert!(!is_worth_telling(Some(&place(9000)), &place(8990), 1));
        assert!(is_worth_telling(Some(&place(9000)), &place(8990), FAR_PULSES));
    }

    #[test]
    fn everyone_hears_at_once_that_the_last_place_is_sold() {
        let sold_out = PlaceView { is_sold_out: true, ..place(9000) };
        assert!(is_worth_telling(Some(&place(9000)), &sold_out, 1));
        let paused = PlaceView { room: "paused".to_owned(), ..place(9000) };
        assert!(is_worth_telling(Some(&place(9000)), &paused, 1));
        let admitted = PlaceView { state: "admitted".to_owned(), ..place(0) };
        assert!(is_worth_telling(Some(&place(0)), &admitted, 1));
    }
}
