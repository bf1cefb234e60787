//! Placing the order: on to the provider's page, or to the order when there is nothing to pay.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use boxoffice::order::place::{Checkout, PlaceRefusal, check_out};
use boxoffice::order::present::{OrderView, view_of_placed};
use http::StatusCode;
use kernel::HoldId;
use platform::Failure;
use web::{AppState, Form, Frame, Path, Problem};

use super::details::Details;
use super::page::{Shown, answer_with, ended_page, load, tickets};

/// `POST /checkout/{hold}/{secret}`
pub(crate) async fn submit(
    State(app): State<AppState>,
    frame: Frame,
    Path((hold, secret)): Path<(HoldId, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let details = Details::read(fields);
    let held = load(&app, hold, secret.clone()).await?;
    let account = frame.account.map(|signed| signed.account);
    let checked = match details.check(tickets(&held.hold), account) {
        Ok(checked) => checked,
        Err(errors) => {
            let shown = Shown { details, errors, alert: String::new() };
            return answer_with(&app, &frame, &held, shown, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    // A form that is sent twice places one order, and both answers lead to it.
    let checkout = Checkout { hold, secret, buyer: checked.buyer, attendees: checked.attendees };
    match check_out(&app.platform, checkout).await {
        Ok((organisation, placed)) => onward(view_of_placed(&app.platform, organisation, placed).await?),
        Err(Failure::Refused(PlaceRefusal::Ended(ended))) => ended_page(&app, &frame, &held, ended),
        Err(Failure::Refused(refusal @ (PlaceRefusal::TooManyAttendees | PlaceRefusal::Person(_)))) => {
            let shown = Shown { details, alert: refusal.to_string(), ..Shown::default() };
            answer_with(&app, &frame, &held, shown, Problem::refused(&refusal).status())
        }
        Err(failure) => Err(failure.into()),
    }
}

/// To the payment while there is something to pay and a page to pay on, else to the order.
fn onward(order: OrderView) -> Result<Response, Problem> {
    let payment_page = order.payment.and_then(|payment| payment.checkout_url);
    Ok(Redirect::to(payment_page.as_deref().unwrap_or(&order.url)).into_response())
}
