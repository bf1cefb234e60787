//! Replaces what an organisation writes on its page.

use axum::extract::State;
use kernel::OrganisationId;
use platform::db::Tx;
use platform::{Failure, Fault, FieldError, InvalidFields, Refusal, RefusalKind};
use serde::Deserialize;
use web::rights::EditEvents;
use web::{AppState, IfMatch, Json, Member, Problem, Versioned};

use super::model::{Page, PageFields};
use super::store;
use super::view::PageView;
use crate::event::model::HUE_DEGREES_DEFAULT;
use crate::journal::PageEdited;

/// New content for a page.
#[derive(Debug, Clone)]
pub struct Edit {
    organisation: OrganisationId,
    version: Option<i64>,
    content: PageContent,
}

/// Why a page was not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditRefusal {
    /// Missing or foreign.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// Somebody else was faster.
    #[error("Somebody edited this page in the meantime. Load it again and repeat your changes.")]
    Stale {
        /// The version it has now.
        version: i64,
    },
    /// The content breaks rules.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
}

impl Refusal for EditRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Stale { .. } => "stale",
            Self::Invalid(fields) => fields.code(),
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Stale { .. } => RefusalKind::Stale,
            Self::Invalid(fields) => fields.kind(),
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.fields(),
            _ => Vec::new(),
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::Stale { version } => Some(serde_json::json!({ "version": version })),
            _ => None,
        }
    }
}

/// Replaces the content of a page. A version is compared when one is named.
pub async fn edit(tx: &mut Tx, command: Edit) -> Result<Page, Failure<EditRefusal>> {
    let page = store::find_for_update(tx, command.organisation).await?.ok_or(EditRefusal::NotFound)?;
    if command.version.is_some_and(|read| read != page.version) {
        return Err(EditRefusal::Stale { version: page.version }.into());
    }
    let content = command.content;
    let hue = content.hue.unwrap_or(i64::from(HUE_DEGREES_DEFAULT));
    let fields = PageFields::parse(&content.about.unwrap_or_default(), &content.website.unwrap_or_default(), hue)
        .map_err(EditRefusal::from)?;
    store::update(tx, command.organisation, &fields).await?;
    tx.record(Some(command.organisation), &PageEdited { organisation: command.organisation }).await?;
    store::find(tx, command.organisation).await?.ok_or_else(|| Fault::corrupt("an edited page is not there").into())
}

/// What an organisation writes on its page. What is left out or null is emptied.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageContent {
    /// Markdown, 5,000 characters at most.
    pub about: Option<String>,
    /// Its own website.
    pub website: Option<String>,
    /// The hue of its page, 0 to 359.
    pub hue: Option<i64>,
}

/// Replace what the public page of an organisation says. `If-Match` is honoured when it is sent.
#[utoipa::path(
    put, path = "/api/v1/organisations/{organisation}/page", tag = "pages",
    params(("organisation" = OrganisationId, Path)), request_body = PageContent,
    responses(
        (status = 200, body = PageView, headers(("ETag" = String, description = "The new version"))),
        (status = 412, description = "Somebody else edited it in the meantime")
    ),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn edit_page(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    IfMatch(version): IfMatch,
    Json(content): Json<PageContent>,
) -> Result<Versioned<PageView>, Problem> {
    let command = Edit { organisation: member.organisation, version, content };
    let page = app.platform.db.write(member.scope(), "edit_page", command, edit).await?;
    Ok(Versioned { version: page.version, body: PageView::of(&app.platform, &page) })
}
