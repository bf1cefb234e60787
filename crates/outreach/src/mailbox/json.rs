//! The list of mail for programs: tests, the quickstart.

use axum::extract::State;
use jiff::Timestamp;
use kernel::page::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX};
use kernel::{MessageId, Page};
use platform::{Failure, Never, Platform, Scope, Tx};
use serde::{Deserialize, Serialize};
use web::{AppState, Json, Problem, Query};

use super::{attachment_path, require_open};
use crate::message::model::Message;
use crate::message::store;

/// Which mail.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailQuery {
    /// A part of the recipient's address; all mail when left out.
    to: Option<String>,
    /// Items a page, 1 to 100; 50 when left out.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<MessageId>,
}

impl MailQuery {
    fn items(&self) -> u32 {
        self.limit.unwrap_or(PAGE_ITEMS_DEFAULT).clamp(1, PAGE_ITEMS_MAX)
    }
}

/// A letter in the built-in mailbox.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct MailView {
    /// Its name.
    id: MessageId,
    /// Who gets it.
    to: String,
    /// One line.
    subject: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Where its designed version is.
    html_url: String,
    /// Its plain version.
    text: String,
    /// Its files.
    attachments: Vec<MailFile>,
}

/// A file that goes with a letter.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct MailFile {
    /// The name the reader sees.
    filename: String,
    /// Its media type.
    content_type: String,
    /// Where it is.
    url: String,
}

fn view(platform: &Platform, message: Message) -> MailView {
    let id = message.id;
    let file = |(file, number): (kernel::mail::Attachment, usize)| MailFile {
        filename: file.filename,
        content_type: file.content_type,
        url: platform.url(&attachment_path(id, number)),
    };
    MailView {
        id,
        to: message.recipient,
        subject: message.subject,
        created_at: message.created_at,
        html_url: platform.url(&format!("/dev/mail/{id}/html")),
        text: message.text,
        attachments: message.attachments.into_iter().zip(1..).map(file).collect(),
    }
}

/// List mail in the built-in mailbox
///
/// Newest first. Only while no mail server is configured; then everyone who reaches the server can read all mail.
#[utoipa::path(
    get,
    path = "/dev/mail.json",
    tag = "mailbox",
    operation_id = "list_mail",
    params(MailQuery),
    responses((status = 200, body = Page<MailView>), (status = 404, description = "A mail server is configured")),
    extensions(
        ("x-access" = json!("public")),
        ("x-access-reason" = json!("It exists only on servers without a mail server, for trying Turnout out.")),
    )
)]
pub(crate) async fn list_mail(
    State(app): State<AppState>,
    Query(query): Query<MailQuery>,
) -> Result<Json<Page<MailView>>, Problem> {
    require_open(&app.platform)?;
    let page = app.platform.db.read(Scope::System, "list_messages", query, list).await?;
    Ok(Json(page.map(|message| view(&app.platform, message))))
}

async fn list(tx: &mut Tx, query: MailQuery) -> Result<Page<Message>, Failure<Never>> {
    let items = query.items();
    let recipient = query.to.as_deref().unwrap_or_default().trim();
    let rows = store::list(tx, recipient, query.cursor, i64::from(items) + 1).await?;
    Ok(Page::cut(rows, items, |message| message.id.to_string()))
}
