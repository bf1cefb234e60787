//! What every handler can reach.

use std::sync::Arc;

use platform::Platform;
use tokio_util::sync::CancellationToken;

use crate::frame::Frame;
use crate::layers::{Figures, SharedAnswers};
use crate::limit::RateLimits;
use crate::principal::Authenticator;
use crate::problem::Problem;
use crate::{Html, problem};

/// Draws the page a browser sees instead of a problem document.
pub type ErrorPage = Arc<dyn Fn(&Problem, &Frame) -> Html + Send + Sync>;
/// Writes the metrics in the text format of Prometheus.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// The state of the server, as axum hands it to handlers. Every layer and handler of every request takes a copy, so a copy is one pointer.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// What the state is made of.
#[derive(Clone)]
pub struct Parts {
    /// The imperative shell.
    pub platform: Platform,
    /// Tells who sent a request.
    pub authenticator: Arc<dyn Authenticator>,
    /// Cancelled when the server begins to drain; long-lived answers (streams, sockets) end when it is.
    pub shutdown: CancellationToken,
    pub(crate) shared: Arc<SharedAnswers>,
    pub(crate) figures: Arc<Figures>,
    pub(crate) limits: Arc<RateLimits>,
    pub(crate) error_page: ErrorPage,
    pub(crate) render_metrics: Option<RenderMetrics>,
}

impl std::ops::Deref for AppState {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl AppState {
    /// A state with the limits of the configuration and a plain error page.
    pub fn new(platform: Platform, authenticator: Arc<dyn Authenticator>) -> Self {
        let limits = Arc::new(RateLimits::of(&platform.config.limits));
        let error_page: ErrorPage = Arc::new(problem::plain_page);
        Self(Arc::new(Parts {
            platform,
            authenticator,
            shutdown: CancellationToken::new(),
            shared: Arc::default(),
            figures: Arc::default(),
            limits,
            error_page,
            render_metrics: None,
        }))
    }

    fn with(mut self, change: impl FnOnce(&mut Parts)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// The same state with other rate limits: none for tests.
    #[must_use]
    pub fn with_limits(self, limits: RateLimits) -> Self {
        self.with(|parts| parts.limits = Arc::new(limits))
    }

    /// The same state with another error page.
    #[must_use]
    pub fn with_error_page(self, page: impl Fn(&Problem, &Frame) -> Html + Send + Sync + 'static) -> Self {
        self.with(|parts| parts.error_page = Arc::new(page))
    }

    /// The same state with metrics to show at `/metrics`.
    #[must_use]
    pub fn with_metrics(self, render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.with(|parts| parts.render_metrics = Some(Arc::new(render)))
    }

    /// The same state that drains when the token is cancelled.
    #[must_use]
    pub fn with_shutdown(self, shutdown: CancellationToken) -> Self {
        self.with(|parts| parts.shutdown = shutdown)
    }
}
