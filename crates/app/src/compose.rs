//! Which contexts make the server.

use std::sync::Arc;

use axum::Router;
use platform::Platform;
use platform::jobs::Worker;
use web::{AppState, Authenticator, Module};

/// Every context, in the order of the arrows between them.
pub fn modules() -> Vec<Module> {
    vec![
        identity::module(),
        catalog::module(),
        payments::module(),
        boxoffice::module(),
        admission::module(),
        outreach::module(),
        site::module(),
    ]
}

/// The pages of the site, which are not part of the API.
pub fn pages() -> Router<AppState> {
    site::pages()
}

/// Who tells who sent a request.
pub fn authenticator() -> Arc<dyn Authenticator> {
    Arc::new(identity::Authenticator::default())
}

/// The background work of every context.
pub fn worker(platform: Platform) -> Worker {
    let (jobs, subscribers): (Vec<_>, Vec<_>) =
        modules().into_iter().map(|module| (module.jobs, module.subscribers)).unzip();
    Worker::new(platform, jobs.concat(), subscribers.concat())
}
