//! The public pages, drawn by the server from what the contexts publish: complete without JavaScript, forms included.

mod address;
mod answer;
mod app_shell;
mod card;
mod checkout;
mod crawlers;
mod discover;
mod error_page;
mod event;
mod layout;
mod login;
mod my_tickets;
mod order;
mod organiser;
mod queue;
mod structured;
mod ticket;
mod ticket_card;
mod words;

use axum::Router;
use axum::routing::{get, post};
use web::{AppState, Module, OpenApiRouter};

pub use error_page::error_page;

/// The site as a module: it has no operations of its own, no jobs and no ears.
pub fn module() -> Module {
    Module { name: "site", routes: OpenApiRouter::new(), jobs: Vec::new(), subscribers: Vec::new() }
}

/// Every page. They are not part of the API, so they are in none of its documents.
pub fn pages() -> Router<AppState> {
    Router::new()
        .route("/", get(discover::home))
        .route("/discover", get(discover::discover))
        .route("/@{slug}", get(organiser::show))
        .route("/e/{slug}", get(event::page::show))
        .route("/e/{slug}/event.ics", get(event::calendar::download))
        .route("/e/{slug}/seats", get(event::seats::show))
        .route("/e/{slug}/cart", get(event::cart::back).post(event::cart::fill))
        .route("/e/{slug}/queue", get(queue::page::show).post(queue::join::join))
        .route("/e/{slug}/queue/leave", get(queue::leave::back).post(queue::leave::leave))
        .route("/checkout/{hold}/{secret}", get(checkout::page::show).post(checkout::submit::submit))
        .route("/checkout/{hold}/{secret}/renew", get(checkout::hold::back).post(checkout::hold::renew))
        .route("/checkout/{hold}/{secret}/release", get(checkout::hold::back).post(checkout::hold::release))
        .route("/o/{code}/{secret}", get(order::page::show))
        .route("/o/{code}/{secret}/pay", get(order::pay::back).post(order::pay::pay))
        .route("/o/{code}/{secret}/tickets.pdf", get(order::files::tickets))
        .route("/o/{code}/{secret}/event.ics", get(order::files::calendar))
        .route("/o/{code}/{secret}/{number}", get(ticket::show))
        .route("/t/{code}/{secret}", get(ticket::show_alone))
        .route("/my/tickets", get(my_tickets::show))
        .route("/login", get(login::ask::show).post(login::ask::ask))
        .route("/login/verify", get(login::verify::show).post(login::verify::verify))
        .route("/login/link/{token}", get(login::link::show).post(login::link::confirm))
        .route("/logout", post(login::leave::leave))
        .route("/app", get(app_shell::show))
        .route("/app/{*path}", get(app_shell::show))
        .route("/robots.txt", get(crawlers::robots))
        .route("/sitemap.xml", get(crawlers::sitemap))
}
