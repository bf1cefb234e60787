//! What a context brings, and the router made of all of them.

use axum::Router;
use axum::routing::get;
use platform::jobs::JobHandler;
use platform::journal::Subscriber;
use utoipa_axum::router::OpenApiRouter;

use crate::problem::problems_page;
use crate::{AppState, assets, health, layers, openapi};

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
pub fn router(app: AppState, modules: Vec<Module>, pages: Router<AppState>) -> Router {
    let (operations, document) = gather(modules).split_for_parts();
    let document = openapi::finish(&document, &app.platform.public_url);
    let shell = Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/docs/problems", get(problems_page))
        .merge(openapi::routes(document))
        .merge(assets::routes());
    layers::around(operations.merge(pages).merge(shell), &app).with_state(app)
}

/// The OpenAPI document of the modules as they wrote it, before the shell adds its part: for tests.
pub fn documented(modules: Vec<Module>) -> utoipa::openapi::OpenApi {
    gather(modules).into_openapi()
}

fn gather(modules: Vec<Module>) -> OpenApiRouter<AppState> {
    modules.into_iter().fold(OpenApiRouter::new(), |all, module| all.merge(module.routes))
}
