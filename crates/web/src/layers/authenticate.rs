//! Finds out, once for each request, who sent it.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use platform::request::RequestContext;

use crate::{AppState, Credential, Exchange, Problem};

/// Addresses that are the same for everyone; they must answer even when the database does not.
const FOR_EVERYONE: [&str; 5] = ["/assets/", "/livez", "/readyz", "/metrics", "/favicon"];

/// Resolves the credential, if there is one; the journal's entries of this request will name its author.
pub(super) async fn find_principal(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let is_for_everyone = FOR_EVERYONE.iter().any(|prefix| request.uri().path().starts_with(prefix));
    let exchange = request.extensions().get::<Exchange>().cloned();
    if let (Some(exchange), false) = (exchange, is_for_everyone)
        && let Err(problem) = resolve(&app, &exchange, Credential::of(request.headers(), &app.platform)).await
    {
        return problem.into_response();
    }
    next.run(request).await
}

async fn resolve(app: &AppState, exchange: &Exchange, credential: Option<Credential>) -> Result<(), Problem> {
    let principal = match credential {
        Some(credential) => app.authenticator.authenticate(&app.platform, credential).await?,
        None => None,
    };
    if let Some(principal) = &principal {
        RequestContext::current().set_actor(principal.actor());
    }
    exchange.set_principal(principal);
    Ok(())
}
