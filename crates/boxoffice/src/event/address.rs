//! From the name in an address to the event. Names rarely change, so a node remembers them; a batch checks that the name is still the
//! event's own, so what is remembered may be old without doing harm.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kernel::{EventId, OrganisationId, Slug};
use platform::{Failure, Platform, Scope, Tx};

use crate::lane::command::Ask;
use crate::lane::{self, Answered};

/// How many names a node remembers; beyond it starts anew.
const NAMES_MAX: usize = 20_000;

#[derive(Default)]
struct Names(Mutex<HashMap<Slug, (OrganisationId, EventId)>>);

impl Names {
    fn get(&self, slug: &Slug) -> Option<(OrganisationId, EventId)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(slug).copied()
    }

    fn keep(&self, slug: Slug, place: (OrganisationId, EventId)) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= NAMES_MAX {
            names.clear();
        }
        names.insert(slug, place);
    }

    fn forget(&self, slug: &Slug) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(slug);
    }
}

/// Has a command done at the public event of a name. When what was remembered turns out not to be there, the database is asked and the
/// command is done once more; `missing` is the refusal that says so.
pub(crate) async fn ask_by_slug<C: Ask>(
    platform: &Platform,
    slug: &str,
    missing: C::Refusal,
    command: impl Fn(OrganisationId, EventId, Slug) -> C,
) -> Result<(OrganisationId, Answered<C::Answer>), Failure<C::Refusal>>
where
    C::Refusal: PartialEq,
{
    let Ok(slug) = Slug::parse(slug) else { return Err(missing.into()) };
    let names = platform.locals.get::<Names>();
    if let Some((organisation, event)) = names.get(&slug) {
        match lane::ask(platform, command(organisation, event, slug.clone())).await {
            Err(Failure::Refused(refusal)) if refusal == missing => names.forget(&slug),
            other => return Ok((organisation, other?)),
        }
    }
    let found = platform.db.read(Scope::Public, "find_event", slug.clone(), find).await;
    let Some((organisation, event)) = found.map_err(Failure::widen)? else { return Err(missing.into()) };
    names.keep(slug.clone(), (organisation, event));
    Ok((organisation, lane::ask(platform, command(organisation, event, slug)).await?))
}

async fn find(tx: &mut Tx, slug: Slug) -> Result<Option<(OrganisationId, EventId)>, Failure<platform::Never>> {
    let facts = catalog::api::find_public_by_slug(tx, slug.as_str()).await?;
    Ok(facts.map(|facts| (facts.organisation, facts.id)))
}
