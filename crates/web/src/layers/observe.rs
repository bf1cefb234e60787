//! One log line and two figures for each request. Addresses appear as routes only: the full address can carry secrets.

use std::time::Instant;

use axum::response::Response;
use http::Method;

use crate::Problem;

/// Requests that no route matched share this name, so that strangers cannot make up label values.
const UNMATCHED: &str = "unmatched";
/// The status that stands for "the client went away" in logs and figures.
const CLIENT_WENT_AWAY: u16 = 499;

/// A request under way. Dropped without an end, it counts as abandoned by its client.
pub(super) struct Observation {
    method: &'static str,
    route: Option<String>,
    started: Instant,
    has_ended: bool,
}

impl Observation {
    pub(super) fn begin(method: &Method, route: Option<String>) -> Self {
        metrics::gauge!("http_requests_in_flight").increment(1.0);
        Self { method: label(method), route, started: Instant::now(), has_ended: false }
    }

    pub(super) fn method(&self) -> &'static str {
        self.method
    }

    pub(super) fn route(&self) -> &str {
        self.route.as_deref().unwrap_or(UNMATCHED)
    }

    pub(super) fn end(mut self, response: &Response) {
        self.has_ended = true;
        if let Some((problem, fault)) =
            response.extensions().get::<Problem>().and_then(|problem| Some((problem, problem.cause()?)))
        {
            if fault.is_unavailable() {
                tracing::warn!(code = problem.code(), %fault, "a request could not be served");
            } else {
                tracing::error!(code = problem.code(), %fault, "a request broke");
            }
        }
        self.note(response.status().as_u16());
    }

    fn note(&self, status: u16) {
        let elapsed = self.started.elapsed();
        let route = self.route().to_owned();
        let microseconds = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        metrics::gauge!("http_requests_in_flight").decrement(1.0);
        metrics::counter!("http_requests_total", "method" => self.method, "route" => route.clone(), "status" => status.to_string()).increment(1);
        metrics::histogram!("http_request_duration_seconds", "method" => self.method, "route" => route)
            .record(elapsed.as_secs_f64());
        if matches!(self.route(), "/livez" | "/readyz" | "/metrics" | "/assets/{*path}") {
            tracing::debug!(target: "web::access", status, microseconds, "answered");
        } else {
            tracing::info!(target: "web::access", status, microseconds, "answered");
        }
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        if !self.has_ended {
            self.note(CLIENT_WENT_AWAY);
        }
    }
}

fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
