//! What every handler can reach.

use std::sync::Arc;

use platform::Platform;
use tokio_util::sync::CancellationToken;

use crate::frame::Frame;
use crate::limit::RateLimits;
use crate::principal::Authenticator;
use crate::problem::Problem;
use crate::{Html, problem};

/// Draws the page a browser sees instead of a problem document.
pub type ErrorPage = Arc<dyn Fn(&Problem, &Frame) -> Html + Send + Sync>;
/// Writes the metrics in the text format of Prometheus.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// The state of the server, as axum hands it to handlers. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The imperative shell.
    pub platform: Platform,
    /// Tells who sent a request.
    pub authenticator: Arc<dyn Authenticator>,
    /// Cancelled when the server begins to drain; long-lived answers (streams, sockets) end when it is.
    pub shutdown: CancellationToken,
    pub(crate) limits: Arc<RateLimits>,
    pub(crate) error_page: ErrorPage,
    pub(crate) render_metrics: Option<RenderMetrics>,
}

impl AppState {
    /// A state with the limits of the configuration and a plain error page.
    pub fn new(platform: Platform, authenticator: Arc<dyn Authenticator>) -> Self {
        let limits = Arc::new(RateLimits::of(&platform.config.limits));
        let error_page: ErrorPage = Arc::new(problem::plain_page);
        Self { platform, authenticator, shutdown: CancellationToken::new(), limits, error_page, render_metrics: None }
    }

    /// The same state with other rate limits: none for tests.
    #[must_use]
    pub fn with_limits(mut self, limits: RateLimits) -> Self {
        self.limits = Arc::new(limits);
        self
    }

    /// The same state with another error page.
    #[must_use]
    pub fn with_error_page(mut self, page: impl Fn(&Problem, &Frame) -> Html + Send + Sync + 'static) -> Self {
        self.error_page = Arc::new(page);
        self
    }

    /// The same state with metrics to show at `/metrics`.
    #[must_use]
    pub fn with_metrics(mut self, render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.render_metrics = Some(Arc::new(render));
        self
    }
}
