//! Pools, holds, orders, tickets: the core. Nothing here sells a place twice.

pub mod api;
pub mod document;
pub mod event;
pub mod hold;
pub mod lane;
pub mod mutant;
pub mod order;
pub mod pool;
pub mod seat;
pub mod ticket;
pub mod ticket_type;
pub mod waiting_room;

use kernel::events::{OrderPaid, PaymentSucceeded, TicketsResent};
use platform::journal::Subscriber;
use utoipa_axum::routes;
use web::{Module, OpenApiRouter};

/// What the box office adds to the server.
pub fn module() -> Module {
    let routes = OpenApiRouter::new()
        .routes(routes!(pool::list::list_http, pool::open::open_http))
        .routes(routes!(pool::edit::edit_http))
        .routes(routes!(ticket_type::list::list_http, ticket_type::create::create_http))
        .routes(routes!(ticket_type::edit::edit_http, ticket_type::archive::archive_http))
        .routes(routes!(ticket_type::public::public_http))
        .routes(routes!(hold::take::take_http))
        .routes(routes!(hold::show::show_http, hold::release::release_http))
        .routes(routes!(hold::renew::renew_http))
        .routes(routes!(seat::seating::attach_http, seat::seating::detach_http))
        .routes(routes!(seat::block::block_http))
        .routes(routes!(seat::layout::layout_http))
        .routes(routes!(seat::status::status_http))
        .routes(routes!(seat::stream::stream_http))
        .routes(routes!(seat::socket::socket_http))
        .routes(routes!(order::buy::buy_http))
        .routes(routes!(order::place::place_http))
        .routes(routes!(order::show::show_http))
        .routes(routes!(order::show::pdf_http))
        .routes(routes!(order::show::calendar_http))
        .routes(routes!(order::pay::pay_http))
        .routes(routes!(order::list::list_http))
        .routes(routes!(order::show::organiser_http))
        .routes(routes!(order::cancel::cancel_http))
        .routes(routes!(order::resend::resend_http))
        .routes(routes!(event::overview::overview_http))
        .routes(routes!(event::readiness::readiness_http))
        .routes(routes!(event::publish::publish_http))
        .routes(routes!(waiting_room::arm::arm_http, waiting_room::show::show_http))
        .routes(routes!(waiting_room::steer::steer_http))
        .routes(routes!(waiting_room::look::look_http))
        .routes(routes!(waiting_room::look::draw_http))
        .routes(routes!(
            waiting_room::join::join_http,
            waiting_room::place::place_http,
            waiting_room::leave::leave_http
        ))
        .routes(routes!(waiting_room::stream::stream_http));
    Module {
        name: "boxoffice",
        routes,
        jobs: Vec::new(),
        subscribers: vec![
            Subscriber::new::<PaymentSucceeded, _, _>("boxoffice.settle_order", order::settle::on_payment_succeeded),
            Subscriber::new::<OrderPaid, _, _>("boxoffice.send_tickets", order::deliver::on_order_paid),
            Subscriber::new::<TicketsResent, _, _>("boxoffice.send_tickets_again", order::deliver::on_tickets_resent),
        ],
    }
}
