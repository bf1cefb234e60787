//! Edits what an organisation is called and where it can be reached.

use axum::extract::State;
use kernel::events::OrganisationEdited;
use kernel::{Currency, Email, OrganisationId, ZoneName};
use platform::failure::broken_constraint;
use platform::{Failure, FieldError, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use web::rights::ManageMembers;
use web::{AppState, IfMatch, Json, Member, Problem, Versioned};

use super::model::{OrganisationFacts, OrganisationSlug, OrganisationView};
use super::store;
use crate::label::Label;

/// Someone edits an organisation; what is `None` stays.
#[derive(Debug, Clone)]
pub struct EditOrganisation {
    /// Which.
    pub organisation: OrganisationId,
    /// The version that the edit is based on, if the editor said.
    pub based_on: Option<i64>,
    /// The name on pages.
    pub name: Option<Label>,
    /// The name in addresses.
    pub slug: Option<OrganisationSlug>,
    /// Where attendees can write to.
    pub contact_email: Option<Email>,
    /// What it usually sells in.
    pub currency: Option<Currency>,
    /// Where it usually is.
    pub time_zone: Option<ZoneName>,
}

/// Why an organisation was not edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditOrganisationRefusal {
    /// There is none.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// Someone else edited it since.
    #[error("This was changed since you read it. Read it again and repeat the edit.")]
    Stale,
    /// Another organisation has the address.
    #[error("This address is taken. Choose another one.")]
    SlugTaken,
}

impl Refusal for EditOrganisationRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Stale => "stale",
            Self::SlugTaken => "slug_taken",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Stale => RefusalKind::Stale,
            Self::SlugTaken => RefusalKind::Conflict,
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::SlugTaken => vec![FieldError::new("slug", "slug_taken", "This address is taken.")],
            Self::NotFound | Self::Stale => Vec::new(),
        }
    }
}

/// Edits an organisation. An edit that changes nothing leaves its version and the journal alone.
pub async fn edit_organisation(
    tx: &mut Tx,
    command: EditOrganisation,
) -> Result<OrganisationFacts, Failure<EditOrganisationRefusal>> {
    let found = store::find_for_update(tx, command.organisation).await?;
    let before = found.ok_or(EditOrganisationRefusal::NotFound)?;
    if command.based_on.is_some_and(|version| version != before.version) {
        return Err(EditOrganisationRefusal::Stale.into());
    }
    let mut after = OrganisationFacts {
        name: command.name.unwrap_or_else(|| before.name.clone()),
        slug: command.slug.map_or_else(|| before.slug.clone(), Into::into),
        contact_email: command.contact_email.unwrap_or_else(|| before.contact_email.clone()),
        currency: command.currency.unwrap_or(before.currency),
        time_zone: command.time_zone.unwrap_or_else(|| before.time_zone.clone()),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    after.version = before.version.saturating_add(1);
    store::update(tx, &after).await.map_err(|error| match broken_constraint(&error) {
        Some("organisation_slug_is_unique") => EditOrganisationRefusal::SlugTaken.into(),
        _ => Failure::from(error),
    })?;
    tx.record(Some(after.id), &OrganisationEdited { organisation: after.id, profile: after.profile() }).await?;
    Ok(after)
}

/// What to change; a field left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationPatch {
    /// The name on pages.
    name: Option<Label>,
    /// The name in addresses. Links to the old one stop working.
    slug: Option<OrganisationSlug>,
    /// Where attendees can write to.
    contact_email: Option<Email>,
    /// What it usually sells in.
    currency: Option<Currency>,
    /// Where it usually is.
    time_zone: Option<ZoneName>,
}

/// Edit an organisation
///
/// With `If-Match` the edit is refused when someone else edited in between.
#[utoipa::path(
    patch, path = "/api/v1/organisations/{organisation}", tag = "organisations",
    params(("organisation" = OrganisationId, Path, description = "The organisation")),
    request_body = OrganisationPatch,
    responses((status = 200, description = "The organisation", body = OrganisationView)),
    extensions(("x-access" = json!("manage_members")))
)]
pub(crate) async fn patch(
    State(app): State<AppState>,
    member: Member<ManageMembers>,
    IfMatch(based_on): IfMatch,
    Json(body): Json<OrganisationPatch>,
) -> Result<Versioned<OrganisationView>, Problem> {
    let command = EditOrganisation {
        organisation: member.organisation,
        based_on,
        name: body.name,
        slug: body.slug,
        contact_email: body.contact_email,
        currency: body.currency,
        time_zone: body.time_zone,
    };
    let facts = app.platform.db.write(member.scope(), "edit_organisation", command, edit_organisation).await?;
    Ok(Versioned { version: facts.version, body: OrganisationView::new(facts, member.role) })
}
