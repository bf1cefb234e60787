//! One ticket as large as the screen, for the door.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use boxoffice::order::show::locate;
use boxoffice::ticket::model::human_code;
use catalog::api::EventStatus;
use http::StatusCode;
use web::{AppState, Frame, Path, Problem};

use crate::answer;
use crate::layout::{Layout, hue_class};
use crate::order::page::load;
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
    let (order, event) = (loaded.order, loaded.event);
    let order_path = format!("/o/{}/{}", order.code, order.secret);
    let wanted = human_code(&order.code, number);
    let ticket = order.tickets.into_iter().find(|ticket| ticket.code == wanted).ok_or_else(Problem::not_found)?;
    let page = TicketPage {
        layout: Layout::new(&app, &frame, format!("Ticket {wanted}")).hued(event.hue),
        hue_class: hue_class(event.hue),
        event_title: order.event.title,
        when: order.event.when,
        place: order.event.place,
        ticket: TicketCard::of(ticket, &order_path, event.status == EventStatus::Cancelled),
        order_path,
    };
    answer::secret(&page, StatusCode::OK)
}
