//! The HTTP shell: accept loop, extractors, problems, idempotency, CSRF, sessions, assets.

mod answer;
pub mod assets;
pub mod cookie;
mod exchange;
pub mod extract;
mod frame;
mod module;
mod principal;
pub mod problem;
pub mod rights;
mod state;

pub use answer::{Created, Html, NoContent, Versioned};
pub use exchange::Exchange;
pub use extract::{Form, IfMatch, Json, MaybeSigned, Member, Path, Query, RawBearer, Signed};
pub use frame::{AppShell, Frame};
pub use module::{Module, router};
pub use principal::{Authenticator, Credential, Principal};
pub use problem::Problem;
pub use rights::Right;
pub use state::AppState;

/// What an operation's path in the document is made of; re-exported so that every context uses one version.
pub use utoipa_axum::router::OpenApiRouter;
