//! Events, organisations' pages, media, discovery.

pub mod api;
pub mod discovery;
pub mod event;
mod journal;
pub mod layout;
mod link;
pub mod media;
pub mod organiser;
pub mod page;
mod text;
mod word;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::routes;
use web::{Module, OpenApiRouter};

/// The catalogue's routes and subscribers.
pub fn module() -> Module {
    // The handler counts the bytes itself: uploads may be larger than ordinary bodies.
    let uploads = OpenApiRouter::new().routes(routes!(media::upload::upload_media)).layer(DefaultBodyLimit::disable());
    // A layout may be as large as an upload; the shell counts its bytes.
    let layouts = OpenApiRouter::new()
        .routes(routes!(layout::list::list_layouts, layout::create::create_layout))
        .routes(routes!(layout::show::show_layout, layout::replace::replace_layout))
        .routes(routes!(layout::show::show_layout_version))
        .layer(DefaultBodyLimit::disable());
    let routes = OpenApiRouter::new()
        .routes(routes!(event::create::create_event, event::list::list_events))
        .routes(routes!(event::show::show_event, event::edit::edit_event))
        .routes(routes!(event::cancel::cancel_event))
        .routes(routes!(discovery::discover::discover_events))
        .routes(routes!(discovery::public_event::show_public_event))
        .merge(uploads)
        .merge(layouts)
        .routes(routes!(media::serve::serve_media))
        .routes(routes!(page::show::show_page, page::edit::edit_page))
        .routes(routes!(page::show::show_public_page));
    Module { name: "catalog", routes, jobs: Vec::new(), subscribers: page::follow::subscribers() }
}
