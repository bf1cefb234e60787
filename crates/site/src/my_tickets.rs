//! The tickets of a person who is signed in.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use boxoffice::order::mine::{MyOrder, mine};
use catalog::api::{EventFacts, list_public_by_ids, when_line};
use http::StatusCode;
use jiff::Timestamp;
use kernel::EventId;
use platform::{Failure, Never, Scope, Tx};
use web::{AppState, Frame, Problem};

use crate::address::with_query;
use crate::answer;
use crate::card::{Picture, short_place};
use crate::layout::{Layout, hue_class};

/// A thumbnail on a dense screen, in pixels.
const THUMB_PIXELS_MAX: u32 = 400;

#[derive(Template)]
#[template(path = "my_tickets.html")]
struct MyTicketsPage {
    layout: Layout,
    upcoming: Vec<Row>,
    past: Vec<Row>,
}

/// An order in the list.
struct Row {
    url: String,
    hue_class: String,
    cover: Option<Picture>,
    title: String,
    note: String,
    badge_class: &'static str,
    badge: &'static str,
    starts_at: Option<Timestamp>,
    is_ahead: bool,
}

/// `GET /my/tickets`
pub(crate) async fn show(State(app): State<AppState>, frame: Frame) -> Result<Response, Problem> {
    let Some(signed) = frame.account else {
        return Ok(Redirect::to(&with_query("/login", &[("return_to", "/my/tickets")])).into_response());
    };
    let orders = app.platform.db.read(signed.scope(), "list_my_orders", signed.account, mine).await?;
    let ids: Vec<EventId> = orders.iter().map(|order| order.event).collect();
    let events = app.platform.db.read(Scope::Public, "list_my_events", ids, facts).await?;
    let now = app.platform.clock.now();
    let rows = orders.iter().map(|order| row(order, events.iter().find(|event| event.id == order.event), now));
    let (mut upcoming, past): (Vec<Row>, Vec<Row>) = rows.partition(|row| row.is_ahead);
    upcoming.sort_by_key(|row| row.starts_at);
    answer::private(&MyTicketsPage { layout: Layout::new(&app, &frame, "My tickets"), upcoming, past }, StatusCode::OK)
}

async fn facts(tx: &mut Tx, ids: Vec<EventId>) -> Result<Vec<EventFacts>, Failure<Never>> {
    Ok(list_public_by_ids(tx, &ids).await?)
}

/// An order whose event was taken back is still the buyer's.
fn row(order: &MyOrder, event: Option<&EventFacts>, now: Timestamp) -> Row {
    let is_open = matches!(order.state.as_str(), "paid" | "awaiting_payment");
    let (badge_class, badge) = match order.state.as_str() {
        "paid" => ("badge-success", "Paid"),
        "awaiting_payment" => ("badge-warning", "To be paid"),
        "cancelled" => ("badge-danger", "Cancelled"),
        "unfulfilled" => ("badge-danger", "Money goes back"),
        _ => ("", "Expired"),
    };
    Row {
        url: order.path.clone(),
        hue_class: event.map(|event| hue_class(event.hue)).unwrap_or_default(),
        cover: event.and_then(|event| event.cover.as_ref()).map(|cover| Picture::of(cover, THUMB_PIXELS_MAX)),
        title: event.map_or_else(|| format!("Order {}", order.code), |event| event.title.clone()),
        note: event
            .map(|event| format!("{} · {} · {}", when_line(event), short_place(event), order.code))
            .unwrap_or_default(),
        badge_class,
        badge,
        starts_at: event.map(|event| event.starts_at),
        is_ahead: is_open && event.is_none_or(|event| now < event.ends_at),
    }
}
