//! Founds an organisation; whoever does is its first owner.

use axum::extract::State;
use kernel::events::OrganisationCreated;
use kernel::id::encode_suffix;
use kernel::{AccountId, Currency, Email, OrganisationId, Role, ZoneName};
use platform::{Failure, Fault, FieldError, Refusal, RefusalKind, Scope, Tx};
use serde::Deserialize;
use web::{AppState, Created, Json, Problem, Signed};

use super::model::{OrganisationFacts, OrganisationSlug, OrganisationView};
use super::store;
use crate::label::Label;

/// Characters that tell an address made of a name from one that is taken.
const SUFFIX_CHARACTERS: usize = 5;

/// Someone founds an organisation. Run it in the scope of the new tenant.
#[derive(Debug, Clone)]
pub struct CreateOrganisation {
    /// The new tenant's id, made beforehand: its scope must exist before its first row.
    pub id: OrganisationId,
    /// The name on pages.
    pub name: Label,
    /// The name in addresses; made of the name when left out.
    pub slug: Option<OrganisationSlug>,
    /// Where attendees can write to; the founder's address when left out.
    pub contact_email: Option<Email>,
    /// What it usually sells in.
    pub currency: Currency,
    /// Where it usually is.
    pub time_zone: ZoneName,
    /// The first owner.
    pub founder: AccountId,
}

/// Why no organisation was founded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreateOrganisationRefusal {
    /// Another organisation has the address.
    #[error("This address is taken. Choose another one.")]
    SlugTaken,
}

impl Refusal for CreateOrganisationRefusal {
    fn code(&self) -> &'static str {
        "slug_taken"
    }
    fn kind(&self) -> RefusalKind {
        RefusalKind::Conflict
    }
    fn fields(&self) -> Vec<FieldError> {
        vec![FieldError::new("slug", "slug_taken", "This address is taken.")]
    }
}

/// Founds an organisation.
pub async fn create_organisation(
    tx: &mut Tx,
    command: CreateOrganisation,
) -> Result<OrganisationFacts, Failure<CreateOrganisationRefusal>> {
    let founder = crate::account::store::find(tx, command.founder).await?;
    let founder = founder.ok_or_else(|| Fault::corrupt("the founder has no account"))?;
    let mut facts = None;
    for slug in candidates(&command) {
        let candidate = OrganisationFacts {
            id: command.id,
            slug: slug.into(),
            name: command.name.clone(),
            contact_email: command.contact_email.clone().unwrap_or_else(|| founder.email.clone()),
            currency: command.currency,
            time_zone: command.time_zone.clone(),
            version: 1,
            created_at: tx.now(),
        };
        if store::insert(tx, &candidate).await? {
            facts = Some(candidate);
            break;
        }
    }
    let facts = facts.ok_or(CreateOrganisationRefusal::SlugTaken)?;
    crate::member::store::insert(tx, facts.id, founder.id, Role::Owner).await?;
    tx.record(Some(facts.id), &OrganisationCreated { organisation: facts.id, profile: facts.profile() }).await?;
    Ok(facts)
}

/// The address that was asked for; or one made of the name, and the same with the random end of the id.
fn candidates(command: &CreateOrganisation) -> Vec<OrganisationSlug> {
    if let Some(slug) = &command.slug {
        return vec![slug.clone()];
    }
    let id = encode_suffix(command.id.uuid());
    let suffix = id.get(id.len().saturating_sub(SUFFIX_CHARACTERS)..);
    [OrganisationSlug::from_name(&command.name, None), OrganisationSlug::from_name(&command.name, suffix)]
        .into_iter()
        .flatten()
        .collect()
}

/// A new organisation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrganisation {
    /// The name on pages.
    name: Label,
    /// The name in addresses; made of the name when left out.
    slug: Option<OrganisationSlug>,
    /// Where attendees can write to, shown to the public; my own address when left out.
    contact_email: Option<Email>,
    /// What it usually sells in.
    currency: Currency,
    /// Where it usually is.
    time_zone: ZoneName,
}

/// Found an organisation
///
/// I become its first owner.
#[utoipa::path(
    post, path = "/api/v1/organisations", tag = "organisations",
    request_body = NewOrganisation,
    responses((status = 201, description = "The organisation", body = OrganisationView)),
    extensions(("x-access" = json!("signed_in")))
)]
pub(crate) async fn post(
    State(app): State<AppState>,
    signed: Signed,
    Json(body): Json<NewOrganisation>,
) -> Result<Created<OrganisationView>, Problem> {
    let command = CreateOrganisation {
        id: app.platform.random.id(app.platform.clock.now()),
        name: body.name,
        slug: body.slug,
        contact_email: body.contact_email,
        currency: body.currency,
        time_zone: body.time_zone,
        founder: signed.account,
    };
    let scope = Scope::Tenant(command.id);
    let facts = app.platform.db.write(scope, "create_organisation", command, create_organisation).await?;
    let location = format!("/api/v1/organisations/{}", facts.id);
    Ok(Created { location, body: OrganisationView::new(facts, Some(Role::Owner)) })
}
