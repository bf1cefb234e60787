//! The built-in mailbox: where mail lies while no mail server is configured, open to everyone who reaches this server. With a mail server
//! its addresses do not exist.

mod attachment;
mod json;
mod list;
mod show;

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use jiff::Timestamp;
use kernel::MessageId;
use platform::{Failure, NotFound, Platform, Scope, Tx};
use utoipa_axum::routes;
use web::{AppState, OpenApiRouter, Problem};

use crate::message::model::Message;
use crate::message::store;

/// The mailbox's addresses. The pages are for people; only the JSON list stands in the API's document.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(json::list_mail))
        .route("/dev/mail", get(list::page))
        .route("/dev/mail.css", get(style))
        .route("/dev/mail/{id}", get(show::page))
        .route("/dev/mail/{id}/html", get(show::html))
        .route("/dev/mail/{id}/attachments/{number}", get(attachment::download))
}

/// 404 on servers that send their mail.
fn require_open(platform: &Platform) -> Result<(), Problem> {
    if platform.mail.is_some() { Err(Problem::not_found()) } else { Ok(()) }
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))], include_str!("mail.css"))
}

/// Finds a message in a transaction of its own.
async fn load(platform: &Platform, id: MessageId) -> Result<Message, Problem> {
    Ok(platform.db.read(Scope::System, "show_message", id, find).await?)
}

async fn find(tx: &mut Tx, id: MessageId) -> Result<Message, Failure<NotFound>> {
    store::find(tx, id).await?.ok_or_else(|| NotFound.into())
}

/// `21 Nov 2026, 10:10 UTC`
fn when(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// Where a file of a message is fetched from.
fn attachment_path(id: MessageId, number: usize) -> String {
    format!("/dev/mail/{id}/attachments/{number}")
}
