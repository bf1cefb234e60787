//! Finds out which device sent a request.

use kernel::Actor;
use platform::request::RequestContext;
use platform::{Failure, Fault, Never, Platform, Scope, Tx};

use super::model::Device;
use super::store;
use super::token::DeviceToken;

async fn find(tx: &mut Tx, token: DeviceToken) -> Result<Option<Device>, Failure<Never>> {
    Ok(store::find_by_token(tx, &token).await?)
}

async fn note(tx: &mut Tx, device: Device) -> Result<(), Failure<Never>> {
    Ok(store::note_seen(tx, device.organisation, device.id).await?)
}

/// The device that a token belongs to; `None` for tokens that are not ours, not any more, or no tokens at all.
pub async fn authenticate(platform: &Platform, text: &str) -> Result<Option<Device>, Fault> {
    let Some(token) = DeviceToken::parse(text) else { return Ok(None) };
    let scope = Scope::Tenant(token.organisation);
    let found = platform.db.read(scope, "find_device", token, find).await.map_err(Failure::into_fault)?;
    let Some(device) = found else { return Ok(None) };
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
