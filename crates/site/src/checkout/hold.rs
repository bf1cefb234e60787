//! More time, or letting go: both keep the buyer from typing anything twice.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use boxoffice::hold::model::RenewRefusal;
use boxoffice::hold::release::release as release_hold;
use boxoffice::hold::renew::{Renew, renew as renew_hold};
use http::StatusCode;
use jiff::SignedDuration;
use kernel::HoldId;
use platform::{Failure, Fault, Scope};
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
    let holds = &app.platform.config.holds;
    let ttl = SignedDuration::try_from(holds.ttl).map_err(Fault::corrupt)?;
    let command = Renew { organisation: held.organisation, hold, ttl, renewals_max: holds.renewals_max };
    match app.platform.db.write(Scope::Tenant(held.organisation), "renew_hold", command, renew_hold).await {
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
    app.platform
        .db
        .write(Scope::Tenant(held.organisation), "release_hold", (held.organisation, hold), release_hold)
        .await?;
    Ok(Redirect::to(&format!("/e/{}", held.event.slug)).into_response())
}
