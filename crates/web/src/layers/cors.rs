//! Browsers of other origins: those the operator listed may call the API with a token, never with cookies.

use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::once::through;
use crate::exchange::is_api;

const PREFLIGHT_SECONDS: u64 = 600;

/// What the listed origins may do.
pub(super) struct Cors(CorsLayer);

impl Cors {
    /// Nothing at all when no origin is listed.
    pub(super) fn of(origins: &[String]) -> Option<Self> {
        let origins: Vec<HeaderValue> =
            origins.iter().filter_map(|origin| HeaderValue::try_from(origin.as_str()).ok()).collect();
        if origins.is_empty() {
            return None;
        }
        let named = |names: &[&'static str]| names.iter().map(|name| HeaderName::from_static(name)).collect::<Vec<_>>();
        let cors = CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(move |origin, request| {
                is_api(request.uri.path()) && origins.contains(origin)
            }))
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers(
                [
                    vec![AUTHORIZATION, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH],
                    named(&["idempotency-key", "traceparent", "x-request-id"]),
                ]
                .concat(),
            )
            .expose_headers(
                [
                    vec![ETAG, LOCATION, RETRY_AFTER],
                    named(&["idempotency-replayed", "ratelimit", "ratelimit-policy", "x-request-id"]),
                ]
                .concat(),
            )
            .max_age(Duration::from_secs(PREFLIGHT_SECONDS));
        Some(Self(cors))
    }

    pub(super) async fn allow<N, F>(&self, request: Request, next: N) -> Response
    where
        N: FnOnce(Request) -> F,
        F: Future<Output = Response>,
    {
        through(&self.0, request, next).await
    }
}
