//! `/e/{slug}/queue`: the invitation to wait, the place in the line, the turn. Complete without JavaScript: it loads itself again.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use boxoffice::waiting_room::place::{PlaceView, place_by_slug};
use boxoffice::waiting_room::presented::Presented;
use boxoffice::waiting_room::rooms;
use catalog::api::{EventFacts, find_public_by_slug, when_line};
use http::{HeaderMap, StatusCode};
use platform::{Failure, NotFound, Scope, Tx};
use serde::Deserialize;
use web::{AppState, Frame, Path, Problem, Query, cookie};

use super::story::{Story, tell};
use crate::address::with_query;
use crate::answer;
use crate::layout::Layout;
use crate::words::{countdown, instant_line};

/// Without JavaScript the page is loaded again so often: well within the minute after which a place is lost.
const REFRESH_SECONDS: u32 = 15;

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    layout: Layout,
    event_title: String,
    event_when: String,
    event_url: String,
    path: String,
    story: Story,
    /// Where the place is streamed; empty for those who do not wait.
    stream_url: String,
    can_join: bool,
    is_waiting: bool,
    /// The token, to leave with.
    place: String,
    turn: Option<Turn>,
    /// Where the draw can be checked; empty before it was made.
    draw_url: String,
    alert: String,
}

/// The time a turn has left.
struct Turn {
    until: String,
    now: String,
    left: String,
}

/// The address carries the place; it is worth nothing without the cookie.
#[derive(Debug, Deserialize)]
pub(crate) struct At {
    place: Option<String>,
}

/// `GET /e/{slug}/queue`
pub(crate) async fn show(
    State(app): State<AppState>,
    frame: Frame,
    Path(slug): Path<String>,
    Query(at): Query<At>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let presented = Presented::of(&headers, &app.platform);
    let place = match &at.place {
        Some(token) => place_by_slug(&app.platform, &slug, token, &presented).await.ok(),
        None => None,
    };
    answer_with(&app, &frame, &headers, (slug, place.zip(at.place)), String::new()).await
}

async fn find(tx: &mut Tx, slug: String) -> Result<EventFacts, Failure<NotFound>> {
    Ok(find_public_by_slug(tx, &slug).await?.ok_or(NotFound)?)
}

/// The page of a place, or the invitation to those who have none. Where there is nothing to wait for, the way to the tickets.
pub(super) async fn answer_with(
    app: &AppState,
    frame: &Frame,
    headers: &HeaderMap,
    (slug, place): (String, Option<(PlaceView, String)>),
    alert: String,
) -> Result<Response, Problem> {
    let facts = app.platform.db.read(Scope::Public, "find_event", slug, find).await?;
    let event_url = format!("/e/{}", facts.slug);
    if rooms::of(&app.platform).find(&app.platform, facts.id).await?.is_none() {
        return Ok(Redirect::to(&format!("{event_url}#tickets")).into_response());
    }
    let status = if alert.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let token = place.as_ref().and_then(|(view, _)| view.admission.clone());
    let page = answer::private(&page(app, frame, &facts, place, alert).await?, status)?;
    Ok(match token {
        Some(admission) => {
            let left = admission.expires_at.duration_since(app.platform.clock.now());
            let age = Duration::try_from(left).unwrap_or_default();
            (cookie::admissions_cookie(&app.platform, headers, &admission.token, age), page).into_response()
        }
        None => page,
    })
}

async fn page(
    app: &AppState,
    frame: &Frame,
    facts: &EventFacts,
    place: Option<(PlaceView, String)>,
    alert: String,
) -> Result<QueuePage, Problem> {
    let now = app.platform.clock.now();
    let path = format!("/e/{}/queue", facts.slug);
    let is_waiting = place.as_ref().is_some_and(|(view, _)| view.state == "waiting");
    let story = match &place {
        Some((view, _)) => tell(view, &facts.zone),
        None => invitation(app, facts).await?,
    };
    let hall = rooms::of(&app.platform).hall(&app.platform, facts.organisation, facts.id).await?;
    let is_drawn = hall.memory().room.is_drawn();
    let turn = place.as_ref().and_then(|(view, _)| view.admission.as_ref()).map(|admission| Turn {
        until: admission.expires_at.to_string(),
        now: now.to_string(),
        left: countdown(now, admission.expires_at),
    });
    let token = place.as_ref().map(|(_, token)| token.clone()).unwrap_or_default();
    let stream = format!("/api/v1/events/{}/waiting-room/stream", facts.slug);
    let mut layout = Layout::new(app, frame, format!("Waiting room: {}", facts.title)).hued(facts.hue);
    layout.refresh_seconds = is_waiting.then_some(REFRESH_SECONDS);
    layout.sign_in_url = with_query("/login", &[("return_to", &path)]);
    Ok(QueuePage {
        layout,
        event_title: facts.title.clone(),
        event_when: when_line(facts),
        event_url: format!("/e/{}", facts.slug),
        stream_url: if is_waiting { with_query(&stream, &[("token", &token)]) } else { String::new() },
        can_join: !is_waiting && turn.is_none() && place.as_ref().is_none_or(|(view, _)| view.state != "bought"),
        is_waiting,
        place: token,
        turn,
        draw_url: if is_drawn { format!("/api/v1/events/{}/waiting-room/draw", facts.slug) } else { String::new() },
        path,
        story,
        alert,
    })
}

/// What is said to someone who has no place yet.
async fn invitation(app: &AppState, facts: &EventFacts) -> Result<Story, Problem> {
    let hall = rooms::of(&app.platform).hall(&app.platform, facts.organisation, facts.id).await?;
    let memory = hall.memory();
    let opening = instant_line(memory.room.settings.opens_at, &facts.zone);
    let text = if memory.room.is_drawn() {
        "The sale has begun. Join the line, and you will be let in when it is your turn.".to_owned()
    } else {
        format!(
            "The sale starts on {opening}. Everyone who is in the waiting room by then gets a place by lot; coming early gives no advantage."
        )
    };
    Ok(Story {
        icon: "users",
        tick: "tick-wait",
        heading: "There is a waiting room".to_owned(),
        text,
        note: String::new(),
    })
}
