//! More time, or letting go: both keep the buyer from typing anything twice.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use boxoffice::hold::model::RenewRefusal;
use boxoffice::hold::release::Release;
use boxoffice::hold::renew::renew as renew_hold;
use boxoffice::lane;
use http::StatusCode;
use kernel::HoldId;
use platform::Failure;
use web::{AppState, Form, Frame, Path, Problem};

use super::details::Details;
use super::page::{Shown, answer_with, checkout_path, ended_page, load};

/// `GET` of both addresses: where a reload leads.
pub(crate) async fn back(Path((hold, secret)): Path<(HoldId, String)>) -> Redirect {
    Redirect::to(&checkout_path(hold, &crate::address::encode(&secret)))
}

/// `POST /checkout/{hold}/{secret}/renew`: the same page with more time. It is drawn at once, not by way of a redirect, so that what was
/// typed stays.
pub(crate) async fn renew(
    State(app): State<AppState>,
    frame: Frame,
    Path((hold, secret)): Path<(HoldId, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let details = Details::read(fields);
    let mut held = load(&app, hold, secret).await?;
    match renew_hold(&app.platform, held.place(), hold).await {
        Ok(renewed) => {
            held.hold = renewed;
            answer_with(&app, &frame, &held, Shown { details, ..Shown::default() }, StatusCode::OK)
        }
        Err(Failure::Refused(RenewRefusal::Ended(ended))) => ended_page(&app, &frame, &held, ended),
        Err(Failure::Refused(refusal)) => {
            let shown = Shown { details, alert: refusal.to_string(), ..Shown::default() };
            answer_with(&app, &frame, &held, shown, Problem::refused(&refusal).status())
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /checkout/{hold}/{secret}/release`: the places go back on sale, and the buyer back to the event.
pub(crate) async fn release(
    State(app): State<AppState>,
    Path((hold, secret)): Path<(HoldId, String)>,
) -> Result<Response, Problem> {
    let held = load(&app, hold, secret).await?;
    lane::ask(&app.platform, Release::at(held.place(), hold)).await?;
    Ok(Redirect::to(&format!("/e/{}", held.event.slug)).into_response())
}
