//! The layers around every handler, from the outside in.

mod authenticate;
mod client;
mod compress;
mod context;
mod cors;
mod csrf;
mod errors;
mod etag;
mod head;
mod observe;
mod security;
mod shared;
mod timeout;
mod trace;

pub use shared::SeenByAll;
pub(crate) use shared::SharedAnswers;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tower::ServiceBuilder;

use crate::{AppState, idempotency, limit};

/// Puts all layers around a router. They run after routing, so each knows the route that matched; 404 and 405 pass through them too.
pub(crate) fn around(router: Router<AppState>, app: &AppState) -> Router<AppState> {
    let http = &app.platform.config.http;
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(app.clone(), shared::share))
        .layer(from_fn_with_state(app.clone(), context::begin))
        .layer(from_fn_with_state(app.clone(), security::add_headers))
        .layer(from_fn_with_state(app.clone(), errors::show))
        .layer(errors::catch_panics())
        .layer(from_fn(head::bound))
        .layer(from_fn(etag::tag))
        .layer(compress::layer())
        .layer(cors::layer(&http.cors_origins))
        .layer(csrf::CsrfGuard::new(app))
        .layer(from_fn_with_state(app.clone(), timeout::bound))
        .layer(from_fn_with_state(app.clone(), authenticate::find_principal))
        .layer(from_fn_with_state(app.clone(), limit::enforce))
        .layer(from_fn_with_state(app.clone(), idempotency::once))
        .layer(errors::catch_panics())
        .layer(DefaultBodyLimit::max(http.body_bytes_max));
    router.layer(layers)
}
