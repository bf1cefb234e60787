//! Shows an organisation.

use axum::extract::State;
use kernel::OrganisationId;
use platform::{Failure, Never, NotFound, Tx};
use web::rights::ViewOrganisation;
use web::{AppState, Member, Problem, Versioned};

use super::model::{OrganisationFacts, OrganisationView};
use super::store;

/// Gets an organisation, in its own scope or the public one.
pub async fn organisation_facts(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<OrganisationFacts, Failure<NotFound>> {
    Ok(store::find(tx, organisation).await?.ok_or(NotFound)?)
}

/// Finds an organisation by its name in addresses, in the public scope.
pub async fn find_organisation_by_slug(tx: &mut Tx, slug: String) -> Result<Option<OrganisationFacts>, Failure<Never>> {
    Ok(store::find_by_slug(tx, &slug).await?)
}

/// Show an organisation
#[utoipa::path(
    get, path = "/api/v1/organisations/{organisation}", tag = "organisations",
    params(("organisation" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "The organisation", body = OrganisationView)),
    extensions(("x-access" = json!("view_organisation")))
)]
pub(crate) async fn get(
    State(app): State<AppState>,
    member: Member<ViewOrganisation>,
) -> Result<Versioned<OrganisationView>, Problem> {
    let scope = member.scope();
    let facts = app.platform.db.read(scope, "show_organisation", member.organisation, organisation_facts).await?;
    Ok(Versioned { version: facts.version, body: OrganisationView::new(facts, member.role) })
}
