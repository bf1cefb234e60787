//! One letter: its frame, and what is in it.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use http::{HeaderMap, HeaderValue};
use kernel::MessageId;
use serde::Deserialize;
use web::{AppState, Frame, Html, Path, Problem, Query};

use super::{attachment_path, load, require_open, when};

/// The page may show the letter in a frame; all else as on other pages.
const POLICY_OF_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);
/// A letter brings its own styles and loads nothing; its links open elsewhere.
const POLICY_OF_LETTER: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; base-uri 'none'; \
     sandbox allow-popups allow-popups-to-escape-sandbox",
);

/// Which version is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Version {
    #[default]
    Html,
    Text,
}

/// How the letter is shown.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct View {
    #[serde(default)]
    view: Version,
}

struct FileLink {
    filename: String,
    url: String,
}

#[derive(Template)]
#[template(path = "mailbox_message.html")]
struct Letter<'a> {
    frame: &'a Frame,
    id: MessageId,
    subject: &'a str,
    recipient: &'a str,
    template: &'a str,
    at: String,
    when: String,
    text: &'a str,
    is_text: bool,
    files: Vec<FileLink>,
}

/// `GET /dev/mail/{id}`
pub(super) async fn page(
    State(app): State<AppState>,
    frame: Frame,
    Path(id): Path<MessageId>,
    Query(view): Query<View>,
) -> Result<Response, Problem> {
    require_open(&app.platform)?;
    let message = load(&app.platform, id).await?;
    let files = message.attachments.iter().zip(1..);
    let letter = Letter {
        frame: &frame,
        id,
        subject: &message.subject,
        recipient: &message.recipient,
        template: &message.template,
        at: message.created_at.to_string(),
        when: when(message.created_at),
        text: &message.text,
        is_text: view.view == Version::Text,
        files: files
            .map(|(file, number)| FileLink { filename: file.filename.clone(), url: attachment_path(id, number) })
            .collect(),
    };
    let page = Html::new(letter.render().map_err(platform::Fault::corrupt)?);
    Ok(([(CONTENT_SECURITY_POLICY, POLICY_OF_PAGE)], page).into_response())
}

/// `GET /dev/mail/{id}/html`: the letter itself, behind a fence of its own.
pub(super) async fn html(State(app): State<AppState>, Path(id): Path<MessageId>) -> Result<Response, Problem> {
    require_open(&app.platform)?;
    let message = load(&app.platform, id).await?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY_OF_LETTER);
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    Ok((headers, Html::new(message.html)).into_response())
}
