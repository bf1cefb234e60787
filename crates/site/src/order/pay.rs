//! Back to the payment, from the order.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use boxoffice::order::pay::{PayRefusal, pay as open_payment};
use boxoffice::order::show::locate;
use platform::Failure;
use web::{AppState, Frame, Path, Problem};

use super::page::{load, show_again};
use crate::address::encode;

/// `GET /o/{code}/{secret}/pay`: where a reload leads.
pub(crate) async fn back(Path((code, secret)): Path<(String, String)>) -> Redirect {
    Redirect::to(&format!("/o/{}/{}", encode(&code), encode(&secret)))
}

/// `POST /o/{code}/{secret}/pay`: on to the provider's page; an order that needs no money leads to itself.
pub(crate) async fn pay(
    State(app): State<AppState>,
    frame: Frame,
    Path((code, secret)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (organisation, order) = locate(&app.platform, code, &secret).await?;
    match open_payment(&app.platform, organisation, order).await {
        Ok(url) => Ok(Redirect::to(&url).into_response()),
        Err(Failure::Refused(refusal @ PayRefusal::ProviderSilent)) => {
            let loaded = load(&app, organisation, order).await?;
            show_again(&app, &frame, loaded, refusal.to_string(), Problem::refused(&refusal).status())
        }
        Err(Failure::Refused(PayRefusal::NothingToPay { .. })) => {
            let loaded = load(&app, organisation, order).await?;
            Ok(Redirect::to(&format!("/o/{}/{}", loaded.order.code, loaded.order.secret)).into_response())
        }
        Err(failure) => Err(failure.into()),
    }
}
