//! One ticket as large as the screen, for the door.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use boxoffice::order::show::{locate, locate_ticket};
use boxoffice::ticket::model::human_code;
use catalog::api::EventStatus;
use http::StatusCode;
use web::{AppState, Frame, Path, Problem};

use crate::answer;
use crate::layout::{Layout, hue_class};
use crate::order::page::{Loaded, load};
use crate::ticket_card::TicketCard;

#[derive(Template)]
#[template(path = "ticket.html")]
struct TicketPage {
    layout: Layout,
    hue_class: String,
    event_title: String,
    when: String,
    place: Vec<String>,
    ticket: TicketCard,
    order_path: String,
}

/// `GET /o/{code}/{secret}/{number}`
pub(crate) async fn show(
    State(app): State<AppState>,
    frame: Frame,
    Path((code, secret, number)): Path<(String, String, i32)>,
) -> Result<Response, Problem> {
    let (organisation, order) = locate(&app.platform, code, &secret).await?;
    let loaded = load(&app, organisation, order).await?;
    let order_path = format!("/o/{}/{}", loaded.order.code, loaded.order.secret);
    let wanted = human_code(&loaded.order.code, number);
    page(&app, &frame, loaded, &wanted, order_path)
}

/// `GET /t/{code}/{secret}`: for whoever was given just this ticket; it does not lead to the order.
pub(crate) async fn show_alone(
    State(app): State<AppState>,
    frame: Frame,
    Path((code, secret)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (organisation, order, _) = locate_ticket(&app.platform, code.clone(), &secret).await?;
    let loaded = load(&app, organisation, order).await?;
    page(&app, &frame, loaded, &code.to_ascii_uppercase(), String::new())
}

fn page(app: &AppState, frame: &Frame, loaded: Loaded, wanted: &str, order_path: String) -> Result<Response, Problem> {
    let (order, event) = (loaded.order, loaded.event);
    let ticket = order.tickets.into_iter().find(|ticket| ticket.code == wanted).ok_or_else(Problem::not_found)?;
    let page = TicketPage {
        layout: Layout::new(app, frame, format!("Ticket {wanted}")).hued(event.hue),
        hue_class: hue_class(event.hue),
        event_title: order.event.title,
        when: order.event.when,
        place: order.event.place,
        ticket: TicketCard::of(ticket, &order_path, event.status == EventStatus::Cancelled),
        order_path,
    };
    answer::secret(&page, StatusCode::OK)
}
