//! The page on which a buyer pays: plain forms, no script. Its address is a secret of 128 bits and all that is needed to pay, as with real
//! providers; the shell refuses forms that other sites send.

use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use platform::{Failure, NotFound, Scope, Tx};
use serde::Deserialize;
use web::{AppState, Form, Frame, Html, Path, Problem};

use super::callback::TestCallback;
use super::far::{new_name, require_on};
use super::model::{Button, Delay, Delivery, TestCheckout};
use super::store;
use super::wire::WireState;
use crate::test_provider::checkout::load;
use platform::jobs::When;

#[derive(Template)]
#[template(path = "test_checkout.html")]
struct Page<'a> {
    frame: &'a Frame,
    amount: String,
    description: &'a str,
    return_url: &'a str,
    state: WireState,
}

/// `GET /pay/test/{checkout}`
pub(super) async fn show(State(app): State<AppState>, frame: Frame, Path(id): Path<String>) -> Result<Html, Problem> {
    require_on(&app.platform)?;
    let checkout = load(&app.platform, id).await?.ok_or_else(Problem::not_found)?;
    let page = Page {
        frame: &frame,
        amount: checkout.amount.to_string(),
        description: &checkout.description,
        return_url: &checkout.return_url,
        state: checkout.standing(app.platform.clock.now()),
    };
    Ok(Html::new(page.render().map_err(platform::Fault::corrupt)?))
}

/// The form of the page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Press {
    outcome: Button,
    /// `after_expiry`, or seconds; for `pay_late`.
    delay: Option<String>,
    /// Seconds, for programs; wins over `delay`.
    seconds: Option<i64>,
}

impl Press {
    fn delay(&self) -> Delay {
        let chosen = self.seconds.or_else(|| self.delay.as_deref().and_then(|delay| delay.parse().ok()));
        chosen.map_or(Delay::AfterExpiry, Delay::Seconds)
    }
}

#[derive(Clone)]
struct Act {
    id: String,
    button: Button,
    delay: Delay,
}

/// `POST /pay/test/{checkout}`: does what the button says and sends the buyer back to the shop.
pub(super) async fn act(
    State(app): State<AppState>,
    Path(id): Path<String>,
    Form(form): Form<Press>,
) -> Result<Redirect, Problem> {
    require_on(&app.platform)?;
    let command = Act { id, button: form.outcome, delay: form.delay() };
    let checkout = app.platform.db.write(Scope::Nobody, "press_test_button", command, press).await?;
    Ok(Redirect::to(&checkout.return_url))
}

async fn press(tx: &mut Tx, command: Act) -> Result<TestCheckout, Failure<NotFound>> {
    let checkout = store::lock(tx, &command.id).await?.ok_or(NotFound)?;
    let (checkout, deliveries) = checkout.press(command.button, command.delay, tx.now());
    store::update(tx, &checkout).await?;
    let names = [new_name(tx, "evt_test"), new_name(tx, "evt_test")];
    for Delivery { notice, at } in deliveries {
        let when = if at > tx.now() { When::At(at) } else { When::Now };
        let event_id = names.get(notice).cloned().unwrap_or_default();
        tx.enqueue(&TestCallback { checkout: checkout.id.clone(), event_id }, when).await?;
    }
    Ok(checkout)
}
