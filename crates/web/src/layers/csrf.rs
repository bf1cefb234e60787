//! Requests forged by other sites: refused where a browser would lend them its cookies.

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use super::once::through;
use crate::problem::Problem;
use crate::{AppState, cookie};

type Refuse = fn(ProtectionError) -> Response<Body>;

/// Guards requests with the session cookie, and every posted form (also that of signing in, which has no session yet).
pub(super) struct CsrfGuard(CsrfLayer<Refuse>);

impl CsrfGuard {
    pub(super) fn new(app: &AppState) -> Self {
        let layer = CsrfLayer::new();
        // A proxy may rewrite `Host`; the origin that people use is trusted by name.
        let layer = layer.clone().add_trusted_origin(&*app.platform.public_url).unwrap_or(layer);
        Self(layer.with_rejection_response(refuse))
    }

    pub(super) async fn guard<N, F>(&self, app: &AppState, request: Request, next: N) -> Response
    where
        N: FnOnce(Request) -> F,
        F: Future<Output = Response>,
    {
        if !is_guarded(request.headers(), app) {
            return next(request).await;
        }
        through(&self.0, request, next).await
    }
}

fn refuse(_: ProtectionError) -> Response<Body> {
    Problem::own("cross_origin").into_response()
}

/// A token in a header is something that a browser lends to nobody.
fn is_guarded(headers: &HeaderMap, app: &AppState) -> bool {
    !headers.contains_key(AUTHORIZATION) && (cookie::session_of(headers, &app.platform).is_some() || is_form(headers))
}

/// The three types that a form of another site can send without asking first.
fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"].iter().any(|form| kind.starts_with(form))
}
