//! Lists where a person is signed in.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{AccountId, Page, PageRequest, SessionId};
use platform::{Failure, InvalidFields, Scope, Tx};
use serde::Serialize;
use web::{AppState, Json, Problem, Query, Signed};

use super::model::{Session, SessionKind};
use super::store;
use crate::cursor;

/// A person asks where they are signed in.
#[derive(Debug, Clone)]
pub(crate) struct ListSessions {
    account: AccountId,
    page: PageRequest,
}

/// Lists live sessions, the newest first.
async fn list_sessions(tx: &mut Tx, query: ListSessions) -> Result<Page<Session>, Failure<InvalidFields>> {
    let behind = cursor::read(&query.page)?;
    let rows = store::list_live(tx, query.account, behind, query.page.rows()).await?;
    Ok(Page::cut(rows, query.page.items(), |session| session.id.to_string()))
}

/// A place where a person is signed in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SessionView {
    /// Which.
    id: SessionId,
    /// A browser with a cookie or a client with tokens.
    kind: SessionKind,
    /// What the client said it is.
    user_agent: String,
    /// Since when.
    created_at: Timestamp,
    /// Last use, to five minutes.
    last_seen_at: Timestamp,
    /// Whether this request came by it.
    current: bool,
}

/// List my sessions
#[utoipa::path(
    get, path = "/api/v1/me/sessions", tag = "me",
    params(PageRequest),
    responses((status = 200, description = "Where I am signed in, the newest first", body = Page<SessionView>)),
    extensions(("x-access" = json!("signed_in")))
)]
pub(crate) async fn get(
    State(app): State<AppState>,
    signed: Signed,
    Query(page): Query<PageRequest>,
) -> Result<Json<Page<SessionView>>, Problem> {
    let query = ListSessions { account: signed.account, page };
    let found = app.platform.db.read(Scope::Account(signed.account), "list_sessions", query, list_sessions).await?;
    Ok(Json(found.map(|session| SessionView {
        id: session.id,
        kind: session.kind,
        user_agent: session.user_agent,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        current: session.id == signed.session,
    })))
}
