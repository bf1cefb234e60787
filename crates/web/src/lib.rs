//! The HTTP shell: accept loop, extractors, problems, idempotency, CSRF, sessions, assets.

mod answer;
mod assets;
pub mod cookie;
mod exchange;
pub mod extract;
mod frame;
mod health;
mod housekeeping;
mod idempotency;
mod layers;
mod limit;
mod module;
pub mod openapi;
mod principal;
pub mod problem;
pub mod rights;
mod serve;
mod state;

pub use answer::{Created, Html, NoContent, Versioned};
pub use exchange::Exchange;
pub use extract::{Form, IfMatch, Json, MaybeSigned, Member, Path, Query, RawBearer, Signed};
pub use frame::{AppShell, Frame};
pub use housekeeping::keep_house;
pub use idempotency::purge as purge_idempotency;
pub use layers::SeenByAll;
pub use limit::RateLimits;
pub use module::{Module, documented, router};
pub use principal::{Authenticator, Credential, Principal};
pub use problem::Problem;
pub use rights::Right;
pub use serve::{HttpSettings, serve};
pub use state::AppState;

/// Routes that know their documents; re-exported so that every context uses one version.
pub use utoipa_axum::router::OpenApiRouter;
