//! Finds out which device sent a request.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Actor, OrganisationId};
use platform::request::RequestContext;
use platform::{Failure, Fault, Never, Platform, Scope, Together, Tx};

use super::model::Device;
use super::store;
use super::token::DeviceToken;

/// The device of a token's hash.
type Found = Result<Option<Device>, Fault>;

/// The phones of a rush are looked up together.
#[derive(Default)]
struct LookUps(Arc<Together<OrganisationId, Vec<u8>, Found>>);

async fn find(platform: &Platform, token: &DeviceToken) -> Result<Option<Device>, Fault> {
    let db = platform.db.clone();
    let run = move |organisation, hashes: Vec<Vec<u8>>| {
        let db = db.clone();
        async move {
            let hashes: Arc<[Vec<u8>]> = hashes.into();
            let input = (organisation, Arc::clone(&hashes));
            match db
                .read(Scope::Tenant(organisation), "find_devices", input, find_all)
                .await
                .map_err(Failure::into_fault)
            {
                Ok(found) => hashes.iter().map(|hash| Ok(found.get(hash).cloned())).collect(),
                Err(fault) => {
                    let fault = Arc::new(fault);
                    hashes.iter().map(|_| Err(Fault::Shared(Arc::clone(&fault)))).collect()
                }
            }
        }
    };
    platform.locals.get::<LookUps>().0.ask(token.organisation, token.hash(), run).await?
}

async fn find_all(
    tx: &mut Tx,
    (organisation, hashes): (OrganisationId, Arc<[Vec<u8>]>),
) -> Result<HashMap<Vec<u8>, Device>, Failure<Never>> {
    Ok(store::find_by_hashes(tx, organisation, &hashes).await?)
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
