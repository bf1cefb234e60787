//! Requests forged by other sites: refused where a browser would lend them its cookies.

use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::future::Either;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use tower::{Layer, Service};
use tower_http::csrf::{Csrf, CsrfLayer, ProtectionError, ResponseFuture};

use crate::problem::Problem;
use crate::{AppState, cookie};

type Refuse = fn(ProtectionError) -> Response<Body>;

/// Guards requests with the session cookie, and every posted form (also that of signing in, which has no session yet).
#[derive(Clone)]
pub(super) struct CsrfGuard {
    app: AppState,
    layer: CsrfLayer<Refuse>,
}

impl CsrfGuard {
    pub(super) fn new(app: &AppState) -> Self {
        let layer = CsrfLayer::new();
        // A proxy may rewrite `Host`; the origin that people use is trusted by name.
        let layer = layer.clone().add_trusted_origin(&*app.platform.public_url).unwrap_or(layer);
        Self { app: app.clone(), layer: layer.with_rejection_response(refuse) }
    }
}

fn refuse(_: ProtectionError) -> Response<Body> {
    Problem::own("cross_origin").into_response()
}

impl<S: Clone> Layer<S> for CsrfGuard {
    type Service = Guarded<S>;
    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { app: self.app.clone(), guarded: self.layer.layer(inner.clone()), open: inner }
    }
}

/// A service with a guarded and an open door.
#[derive(Clone)]
pub(super) struct Guarded<S> {
    app: AppState,
    guarded: Csrf<S, Refuse>,
    open: S,
}

impl<S: Service<Request, Response = Response>> Service<Request> for Guarded<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = Either<ResponseFuture<S::Future>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        std::task::ready!(self.open.poll_ready(context))?;
        self.guarded.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if is_guarded(request.headers(), &self.app) {
            Either::Left(self.guarded.call(request))
        } else {
            Either::Right(self.open.call(request))
        }
    }
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
