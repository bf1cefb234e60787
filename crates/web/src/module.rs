//! What a context brings, and the router made of all of them.

use platform::jobs::JobHandler;
use platform::journal::Subscriber;
use utoipa_axum::router::OpenApiRouter;

use crate::AppState;

/// One context, as the composition root sees it.
pub struct Module {
    /// Its name: `boxoffice`.
    pub name: &'static str,
    /// Its operations and pages, with their paths from the root.
    pub routes: OpenApiRouter<AppState>,
    /// Its background work.
    pub jobs: Vec<JobHandler>,
    /// Its ears in the journal.
    pub subscribers: Vec<Subscriber>,
}

/// The whole server: the modules' operations, the site's pages, the shell's own addresses, and every layer around them.
pub fn router(app: AppState, modules: Vec<Module>, pages: axum::Router<AppState>) -> axum::Router {
    let routes = modules.into_iter().fold(OpenApiRouter::new(), |all, module| all.merge(module.routes));
    let (routes, _document) = routes.split_for_parts();
    routes.merge(pages).with_state(app)
}
