//! The list of mail, newest first.

use askama::Template;
use axum::extract::State;
use kernel::page::PAGE_ITEMS_DEFAULT;
use kernel::{MessageId, Page};
use platform::{Failure, Never, Scope, Tx};
use serde::Deserialize;
use web::{AppState, Frame, Html, Problem, Query};

use super::{require_open, when};
use crate::message::model::Message;
use crate::message::store;

/// What is looked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// A part of the recipient's address.
    #[serde(default)]
    q: String,
    /// The last message of the page before.
    cursor: Option<MessageId>,
}

struct Line {
    id: MessageId,
    recipient: String,
    subject: String,
    template: String,
    attachments: usize,
    at: String,
    when: String,
}

#[derive(Template)]
#[template(path = "mailbox_list.html")]
struct List<'a> {
    frame: &'a Frame,
    q: &'a str,
    is_first: bool,
    lines: Vec<Line>,
    next: Option<String>,
}

/// `GET /dev/mail`
pub(super) async fn page(
    State(app): State<AppState>,
    frame: Frame,
    Query(search): Query<Search>,
) -> Result<Html, Problem> {
    require_open(&app.platform)?;
    let messages = app.platform.db.read(Scope::System, "list_messages", search.clone(), list).await?;
    let list = List {
        frame: &frame,
        q: search.q.trim(),
        is_first: search.cursor.is_none(),
        next: messages.next_cursor,
        lines: messages.items.into_iter().map(line).collect(),
    };
    Ok(Html::new(list.render().map_err(platform::Fault::corrupt)?))
}

fn line(message: Message) -> Line {
    Line {
        id: message.id,
        recipient: message.recipient,
        subject: message.subject,
        template: message.template,
        attachments: message.attachments.len(),
        at: message.created_at.to_string(),
        when: when(message.created_at),
    }
}

async fn list(tx: &mut Tx, search: Search) -> Result<Page<Message>, Failure<Never>> {
    let rows = store::list(tx, search.q.trim(), search.cursor, i64::from(PAGE_ITEMS_DEFAULT) + 1).await?;
    Ok(Page::cut(rows, PAGE_ITEMS_DEFAULT, |message| message.id.to_string()))
}
