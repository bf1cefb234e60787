//! Finds out which device sent a request.

use std::sync::Arc;

use kernel::{Actor, OrganisationId};
use platform::request::RequestContext;
use platform::{Failure, Fault, Never, Platform, Scope, Together, Tx};

use super::model::Device;
use super::store;
use super::token::DeviceToken;

/// The phones of a rush are looked up together, by the hashes of their tokens.
#[derive(Default)]
struct LookUps(Arc<Together<OrganisationId, Vec<u8>, Option<Device>>>);

async fn find(platform: &Platform, token: &DeviceToken) -> Result<Option<Device>, Fault> {
    let db = platform.db.clone();
    let run = move |organisation, hashes| {
        let db = db.clone();
        async move {
            let found = db.read(Scope::Tenant(organisation), "find_devices", (organisation, hashes), find_all).await;
            found.map_err(Failure::into_fault)
        }
    };
    platform.locals.get::<LookUps>().0.ask(token.organisation, token.hash(), run).await
}

async fn find_all(
    tx: &mut Tx,
    (organisation, hashes): (OrganisationId, Arc<[Vec<u8>]>),
) -> Result<Vec<Option<Device>>, Failure<Never>> {
    let found = store::find_by_hashes(tx, organisation, &hashes).await?;
    Ok(hashes.iter().map(|hash| found.get(hash).cloned()).collect())
}

async fn note(tx: &mut Tx, device: Device) -> Result<(), Failure<Never>> {
    Ok(store::note_seen(tx, device.organisation, device.id).await?)
}

/// The device that a token belongs to; `None` for tokens that are not ours, not any more, or no tokens at all.
pub async fn authenticate(platform: &Platform, text: &str) -> Result<Option<Device>, Fault> {
    let Some(token) = DeviceToken::parse(text) else { return Ok(None) };
    let scope = Scope::Tenant(token.organisation);
    let Some(device) = find(platform, &token).await? else { return Ok(None) };
    let context = RequestContext::current();
    context.set_actor(Actor::Device(device.id));
    if device.is_seen_anew(platform.clock.now()) {
        // In a context of its own: this is not the effect that the request's idempotency key speaks of.
        let apart = RequestContext::new(context.request_id);
        apart
            .run(platform.db.write(scope, "note_device_seen", device.clone(), note))
            .await
            .map_err(Failure::into_fault)?;
    }
    Ok(Some(device))
}
