//! Signing out.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use identity::api::sign_out;
use platform::Failure;
use web::cookie::clear_session;
use web::{AppState, MaybeSigned, Problem};

/// `POST /logout`: whoever is not signed in any more is signed out as well.
pub(crate) async fn leave(State(app): State<AppState>, MaybeSigned(signed): MaybeSigned) -> Result<Response, Problem> {
    if let Some(signed) = signed {
        match sign_out(&app.platform, signed.account, signed.session).await {
            Ok(()) | Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok((clear_session(&app.platform), Redirect::to("/")).into_response())
}
