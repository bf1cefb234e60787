//! Finds out which key a request came with, and notes that it is in use.

use platform::request::RequestContext;
use platform::{Failure, Fault, Never, Platform, Scope, Tx};

use super::model::ApiKey;
use super::store;
use crate::secret::TenantToken;

/// Finds the live key of a token. It is looked up every time, so that revoking it works at once.
pub(crate) async fn by_token(platform: &Platform, token: TenantToken) -> Result<Option<ApiKey>, Fault> {
    let scope = Scope::Tenant(token.organisation);
    let found = platform.db.read(scope, "find_api_key", token, find).await.map_err(Failure::into_fault)?;
    let now = platform.clock.now();
    let Some(key) = found.filter(|key| key.is_live(now)) else { return Ok(None) };
    if key.is_due_for_touch(now) {
        // In a context of its own: inside the request's, this commit would count as the effect of its idempotency key.
        let context = RequestContext::system("api-key-touch".to_owned());
        let touched = context.run(platform.db.write(scope, "touch_api_key", key.clone(), touch)).await;
        touched.map_err(Failure::into_fault)?;
    }
    Ok(Some(key))
}

async fn find(tx: &mut Tx, token: TenantToken) -> Result<Option<ApiKey>, Failure<Never>> {
    Ok(store::find_by_secret(tx, token.organisation, &token.secret).await?)
}

async fn touch(tx: &mut Tx, key: ApiKey) -> Result<(), Failure<Never>> {
    Ok(store::touch(tx, key.organisation, key.id).await?)
}
