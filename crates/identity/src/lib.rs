//! Identity: accounts, sign-in, sessions and tokens, organisations and their members, invitations, API keys.

mod account;
pub mod api;
mod api_key;
mod authenticator;
mod cursor;
pub mod events;
mod invitation;
mod label;
mod member;
mod organisation;
mod secret;
mod session;
mod sign_in;
mod token;

use axum::Extension;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::Module;

pub use authenticator::Authenticator;

/// The context's operations. It has no jobs of its own and listens to no one.
pub fn module() -> Module {
    let routes = OpenApiRouter::new()
        .routes(routes!(sign_in::begin::post))
        .routes(routes!(sign_in::verify::post))
        .routes(routes!(token::refresh::post))
        .routes(routes!(token::jwks::get))
        .routes(routes!(session::sign_out::post))
        .routes(routes!(account::show::get, account::edit::patch))
        .routes(routes!(session::list::get))
        .routes(routes!(session::revoke::delete))
        .routes(routes!(organisation::create::post))
        .routes(routes!(organisation::show::get, organisation::edit::patch))
        .routes(routes!(member::list::get))
        .routes(routes!(member::change_role::patch, member::remove::delete))
        .routes(routes!(invitation::list::get, invitation::invite::post))
        .routes(routes!(invitation::revoke::delete))
        .routes(routes!(invitation::accept::post))
        .routes(routes!(api_key::list::get, api_key::create::post))
        .routes(routes!(api_key::revoke::delete))
        .layer(Extension(token::keys::Keys::default()));
    Module { name: "identity", routes, jobs: Vec::new(), subscribers: Vec::new() }
}
