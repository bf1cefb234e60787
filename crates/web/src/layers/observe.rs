//! One log line and two figures for each request. Addresses appear as routes only: the full address can carry secrets.

use std::collections::HashMap;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Instant;

use axum::extract::MatchedPath;
use axum::response::Response;
use http::Method;
use metrics::{Counter, Gauge, Histogram};

use crate::{AppState, Problem};

/// Requests that no route matched share this name, so that strangers cannot make up label values.
const UNMATCHED: &str = "unmatched";
/// The status that stands for "the client went away" in logs and figures.
const CLIENT_WENT_AWAY: u16 = 499;

/// The figures of a server. Looking one up by its labels costs more than most of what a layer does, so each is looked up once.
#[derive(Default)]
pub(crate) struct Figures {
    in_flight: OnceLock<Gauge>,
    shared_answers: OnceLock<Counter>,
    by_route: RwLock<HashMap<String, Vec<OfRoute>>>,
}

/// Method and status.
type Labels = (&'static str, u16);
/// How many were answered so, and how long they took.
type OfRoute = (Labels, Counter, Histogram);

impl Figures {
    pub(super) fn in_flight(&self) -> &Gauge {
        self.in_flight.get_or_init(|| metrics::gauge!("http_requests_in_flight"))
    }

    pub(super) fn shared_answer(&self) {
        self.shared_answers.get_or_init(|| metrics::counter!("http_shared_answers_total")).increment(1);
    }

    /// How many were answered so, and how long they took.
    fn of(&self, method: &'static str, route: &str, status: u16) -> (Counter, Histogram) {
        let labels = (method, status);
        let find = |known: &[OfRoute]| {
            let (_, count, duration) = known.iter().find(|(of, ..)| *of == labels)?;
            Some((count.clone(), duration.clone()))
        };
        let by_route = self.by_route.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = by_route.get(route).and_then(|known| find(known)) {
            return known;
        }
        drop(by_route);
        let count = metrics::counter!("http_requests_total", "method" => method, "route" => route.to_owned(), "status" => status.to_string());
        let duration =
            metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route.to_owned());
        let mut by_route = self.by_route.write().unwrap_or_else(PoisonError::into_inner);
        // Two that come at once add a line each; the first is found from then on, and both name the same figure.
        by_route.entry(route.to_owned()).or_default().push((labels, count.clone(), duration.clone()));
        (count, duration)
    }
}

/// A request under way. Dropped without an end, it counts as abandoned by its client.
pub(super) struct Observation {
    method: &'static str,
    route: Option<MatchedPath>,
    app: AppState,
    started: Instant,
    has_ended: bool,
}

impl Observation {
    pub(super) fn begin(app: &AppState, method: &Method, route: Option<MatchedPath>) -> Self {
        app.figures.in_flight().increment(1.0);
        Self { method: label(method), route, app: app.clone(), started: Instant::now(), has_ended: false }
    }

    pub(super) fn method(&self) -> &'static str {
        self.method
    }

    pub(super) fn route(&self) -> &str {
        self.route.as_ref().map_or(UNMATCHED, MatchedPath::as_str)
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
        let microseconds = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        self.app.figures.in_flight().decrement(1.0);
        let (count, duration) = self.app.figures.of(self.method, self.route(), status);
        count.increment(1);
        duration.record(elapsed.as_secs_f64());
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
