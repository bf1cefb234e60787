//! From the choice to the checkout: places are put aside, or the choice comes back with the reason.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use boxoffice::hold::model::{TakeRefusal, Wanted};
use boxoffice::hold::show::HoldView;
use boxoffice::hold::take::take_by_slug;
use boxoffice::ticket_type::present::PublicTicketTypeView;
use boxoffice::waiting_room::model::gate::AdmissionRefusal;
use boxoffice::waiting_room::presented::Presented;
use http::{HeaderMap, StatusCode};
use platform::Failure;
use web::{AppState, Form, Frame, Path, Problem};

use super::choice::Choices;
use super::page::{Offer, Returned, load, show_again};
use super::seats::{self, SeatsReturned};

/// `GET /e/{slug}/cart`: where a reload after a refused choice leads.
pub(crate) async fn back(Path(slug): Path<String>) -> Redirect {
    Redirect::to(&format!("/e/{}", crate::address::encode(&slug)))
}

/// `POST /e/{slug}/cart`
pub(crate) async fn fill(
    State(app): State<AppState>,
    frame: Frame,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let choices = Choices::read(fields);
    let offer = load(&app, slug.clone()).await?;
    let wanted = match choices.wanted(&offer.types) {
        Ok(wanted) => wanted,
        Err(errors) => {
            let returned = Returned { choices, errors, alert: String::new() };
            return show_again(&app, &frame, offer, returned, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    if !payments::api::is_available(&app.platform) && costs_anything(&wanted, &offer.types) {
        let alert = "Payments are not set up on this server, so only free tickets can be had.".to_owned();
        return show_again(
            &app,
            &frame,
            offer,
            Returned { choices, alert, ..Returned::default() },
            StatusCode::CONFLICT,
        );
    }
    match take_by_slug(&app.platform, &slug, wanted, &Presented::of(&headers, &app.platform)).await {
        Ok((organisation, taken)) => {
            let hold = HoldView::of(&app.platform, organisation, &taken.hold, &[])?;
            Ok(Redirect::to(&format!("/checkout/{}/{}", hold.id, hold.secret)).into_response())
        }
        Err(Failure::Refused(TakeRefusal::Admission(AdmissionRefusal::WaitingRoom { .. }))) => {
            Ok(Redirect::to(&format!("/e/{}/queue", crate::address::encode(&slug))).into_response())
        }
        Err(Failure::Refused(refusal)) if refusal != TakeRefusal::NotFound => {
            let (alert, status) = (words(&refusal), Problem::refused(&refusal).status());
            // What is left has changed since the page was made.
            let offer: Offer = load(&app, slug).await?;
            if choices.have_seats() {
                let returned = SeatsReturned { choices, alert, status };
                return seats::show_again(&app, &frame, offer, returned).await;
            }
            let returned = Returned { choices, alert, ..Returned::default() };
            show_again(&app, &frame, offer, returned, status)
        }
        Err(failure) => Err(failure.into()),
    }
}

fn costs_anything(wanted: &[Wanted], types: &[PublicTicketTypeView]) -> bool {
    let least =
        |line: &Wanted| types.iter().find(|kind| kind.id == line.ticket_type).map_or(0, |kind| kind.price.amount);
    wanted.iter().any(|line| line.unit_price.unwrap_or_else(|| least(line)) > 0)
}

/// The refusal as the visitor reads it.
fn words(refusal: &TakeRefusal) -> String {
    match refusal {
        TakeRefusal::SoldOut { name, available, .. } if *available <= 0 => {
            format!("“{name}” is sold out. All tickets are taken or held by others at the moment.")
        }
        TakeRefusal::SoldOut { name, available: 1, .. } => format!("Only one ticket of “{name}” is left."),
        TakeRefusal::SoldOut { name, available, .. } => format!("Only {available} tickets of “{name}” are left."),
        other => other.to_string(),
    }
}
