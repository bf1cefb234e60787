//! Finds out, once for each request, who sent it.

use http::HeaderMap;
use platform::request::RequestContext;

use crate::{AppState, Credential, Exchange, Problem};

/// Addresses that are the same for everyone; they must answer even when the database does not.
const FOR_EVERYONE: [&str; 5] = ["/assets/", "/livez", "/readyz", "/metrics", "/favicon"];

/// Resolves the credential, if there is one; the journal's entries of this request will name its author.
pub(super) async fn find_principal(app: &AppState, exchange: &Exchange, headers: &HeaderMap) -> Result<(), Problem> {
    if FOR_EVERYONE.iter().any(|prefix| exchange.path().starts_with(prefix)) {
        return Ok(());
    }
    let principal = match Credential::of(headers, &app.platform) {
        Some(credential) => app.authenticator.authenticate(&app.platform, credential).await?,
        None => None,
    };
    if let Some(principal) = &principal {
        RequestContext::current().set_actor(principal.actor());
    }
    exchange.set_principal(principal);
    Ok(())
}
