//! Replaces a layout by a new version, if nobody else did since it was read.

use axum::extract::State;
use kernel::{LayoutId, OrganisationId};
use platform::db::Tx;
use platform::{Failure, Fault, Refusal, RefusalKind};
use web::rights::EditEvents;
use web::{AppState, IfMatch, Json, Member, Path, Problem, Versioned};

use super::create::check;
use super::document::LayoutDocument;
use super::show::{LayoutPath, LayoutView};
use super::store::{self, Checked, LayoutVersion};
use crate::journal::LayoutSaved;

/// A new version of a layout.
#[derive(Debug, Clone)]
pub struct Replace {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Which it is.
    pub layout: LayoutId,
    /// The version that was read before.
    pub version: i64,
    /// What it becomes.
    pub checked: Checked,
}

/// Why a layout was not replaced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceRefusal {
    /// Missing or foreign.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// Somebody else was faster.
    #[error("Somebody changed this layout in the meantime. Load it again and repeat your changes.")]
    Stale {
        /// The version it has now.
        version: i64,
    },
}

impl Refusal for ReplaceRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Stale { .. } => "stale",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Stale { .. } => RefusalKind::Stale,
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::Stale { version } => Some(serde_json::json!({ "version": version })),
            Self::NotFound => None,
        }
    }
}

/// Writes the next version. A document that changes nothing leaves the version as it is; events keep the version they were seated by.
pub async fn replace(tx: &mut Tx, command: Replace) -> Result<LayoutVersion, Failure<ReplaceRefusal>> {
    let Replace { organisation, layout, version, checked } = command;
    let (newest, hash) = store::lock(tx, organisation, layout).await?.ok_or(ReplaceRefusal::NotFound)?;
    if newest != version {
        return Err(ReplaceRefusal::Stale { version: newest }.into());
    }
    if hash != checked.content_hash {
        store::insert_version(tx, organisation, layout, newest + 1, &checked).await?;
        tx.record(Some(organisation), &LayoutSaved { layout, version: newest + 1 }).await?;
    }
    let found = store::find(tx, organisation, layout, None).await?;
    found.ok_or_else(|| Fault::corrupt("a replaced layout is not there").into())
}

/// Replace a layout by a new version. `If-Match` carries the version that was read.
#[utoipa::path(
    put, path = "/api/v1/organisations/{organisation}/layouts/{layout}", tag = "layouts",
    params(("organisation" = OrganisationId, Path), ("layout" = LayoutId, Path), ("If-Match" = String, Header, description = "The ETag of the layout")),
    request_body = LayoutDocument,
    responses(
        (status = 200, body = LayoutView, headers(("ETag" = String, description = "The new version"))),
        (status = 412, description = "Somebody else changed it in the meantime"),
        (status = 428, description = "If-Match is missing")
    ),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn replace_layout(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    Path(path): Path<LayoutPath>,
    if_match: IfMatch,
    Json(document): Json<LayoutDocument>,
) -> Result<Versioned<LayoutView>, Problem> {
    let version = if_match.require()?;
    let checked = check(document).await?;
    let command = Replace { organisation: member.organisation, layout: path.layout, version, checked };
    let made = app.platform.db.write(member.scope(), "replace_layout", command, replace).await?;
    Ok(Versioned { version: made.version, body: LayoutView::of(made)? })
}
