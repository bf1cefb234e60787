//! The page on which a buyer finishes: who they are, what it costs, how long the places are kept.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use boxoffice::hold::model::{Hold, HoldEnded, HoldState};
use boxoffice::hold::secret::{HoldPlace, locate};
use boxoffice::hold::show::show as show_hold;
use boxoffice::seat::model::SeatIndex;
use boxoffice::seat::plan::SeatPlan;
use catalog::api::{EventFacts, OrganisationPage, get_facts, page_of, when_line};
use http::StatusCode;
use jiff::Timestamp;
use kernel::{HoldId, Money, OrganisationId};
use platform::{Failure, Fault, NotFound, Scope, Tx};
use web::{AppState, Frame, Path, Problem, Signed};

use super::details::{ATTENDEE_FIELDS_MAX, DetailError, Details, attendee_field};
use crate::answer;
use crate::card::short_place;
use crate::layout::{Layout, price};
use crate::words::{countdown, counted};

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage {
    layout: Layout,
    path: String,
    event_title: String,
    event_when: String,
    event_place: String,
    event_url: String,
    organiser: String,
    expires_at: String,
    now: String,
    time_left: String,
    can_renew: bool,
    alert: String,
    errors: Vec<DetailError>,
    name: TextField,
    email: TextField,
    attendees: Vec<TextField>,
    are_attendees_open: bool,
    is_signed_in: bool,
    sign_in_url: String,
    is_free: bool,
    lines: Vec<SummaryLine>,
    total: String,
    button: String,
}

/// A field with what was typed into it and what is wrong with that.
struct TextField {
    id: String,
    label: String,
    value: String,
    error: &'static str,
}

/// A line of the summary.
struct SummaryLine {
    text: String,
    /// The seats, if it has numbered ones.
    seats: Vec<String>,
    amount: String,
}

#[derive(Template)]
#[template(path = "checkout_ended.html")]
struct EndedPage {
    layout: Layout,
    heading: &'static str,
    text: &'static str,
    event_title: String,
    event_url: String,
    is_ordered: bool,
}

/// A hold and what its page tells of the event.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub organisation: OrganisationId,
    pub hold: Hold,
    pub event: EventFacts,
    pub organiser: Option<OrganisationPage>,
    pub secret: String,
    /// What people read of its seats, line by line.
    pub seats: Vec<Vec<String>>,
}

impl Held {
    /// Where the hold is.
    pub(super) fn place(&self) -> HoldPlace {
        HoldPlace { organisation: self.organisation, event: self.hold.event }
    }
}

/// What a page shows besides the hold.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub details: Details,
    pub errors: Vec<DetailError>,
    pub alert: String,
}

/// `GET /checkout/{hold}/{secret}`
pub(crate) async fn show(
    State(app): State<AppState>,
    frame: Frame,
    Path((hold, secret)): Path<(HoldId, String)>,
) -> Result<Response, Problem> {
    let held = load(&app, hold, secret).await?;
    let details = known(&app, frame.account).await?;
    answer_with(&app, &frame, &held, Shown { details, ..Shown::default() }, StatusCode::OK)
}

/// Reads a hold for someone who has its secret.
pub(super) async fn load(app: &AppState, hold: HoldId, secret: String) -> Result<Held, Problem> {
    let HoldPlace { organisation, .. } =
        locate(&app.platform.vault, hold, &secret).map_err(|refusal| Problem::refused(&refusal))?;
    let (hold, event, organiser) =
        app.platform.db.read(Scope::Tenant(organisation), "show_checkout", (organisation, hold), read).await?;
    let seats = seats(app, &hold, &event).await?;
    Ok(Held { organisation, hold, event, organiser, secret, seats })
}

async fn seats(app: &AppState, hold: &Hold, event: &EventFacts) -> Result<Vec<Vec<String>>, Problem> {
    if hold.lines.iter().all(|line| line.seats.is_empty()) {
        return Ok(hold.lines.iter().map(|_| Vec::new()).collect());
    }
    let plan = SeatPlan::of(&app.platform, event).await.map_err(Failure::into_fault)?;
    let name = |seat: &SeatIndex| plan.as_ref().and_then(|plan| plan.hall.label(*seat));
    Ok(hold.lines.iter().map(|line| line.seats.iter().filter_map(name).collect()).collect())
}

async fn read(
    tx: &mut Tx,
    key: (OrganisationId, HoldId),
) -> Result<(Hold, EventFacts, Option<OrganisationPage>), Failure<NotFound>> {
    let hold = show_hold(tx, key).await?;
    let event = get_facts(tx, key.0, hold.event).await?.ok_or(NotFound)?;
    let organiser = page_of(tx, key.0).await?;
    Ok((hold, event, organiser))
}

/// What is known of someone who is signed in need not be typed.
async fn known(app: &AppState, signed: Option<Signed>) -> Result<Details, Problem> {
    let Some(signed) = signed else { return Ok(Details::default()) };
    let account = app.platform.db.read(signed.scope(), "show_account", signed.account, identity::api::account).await?;
    Ok(Details { name: account.name, email: account.email.to_string(), attendees: Vec::new() })
}

/// The page of a hold: the form while it lives, else the way back.
pub(super) fn answer_with(
    app: &AppState,
    frame: &Frame,
    held: &Held,
    shown: Shown,
    status: StatusCode,
) -> Result<Response, Problem> {
    let now = app.platform.clock.now();
    match held.hold.live_until(now) {
        Ok(expires_at) => answer::secret(&page(app, frame, held, shown, (now, expires_at))?, status),
        Err(ended) => ended_page(app, frame, held, ended),
    }
}

/// The page of a hold that has ended.
pub(super) fn ended_page(app: &AppState, frame: &Frame, held: &Held, ended: HoldEnded) -> Result<Response, Problem> {
    let (heading, text) = match ended {
        HoldEnded::Expired => (
            "Your time ran out",
            "The tickets were held for you as long as promised and have gone back on sale. Nothing was charged. There may still be some.",
        ),
        HoldEnded::Released => ("You let these tickets go", "They are back on sale, and nothing was charged."),
        HoldEnded::Converted => {
            ("These tickets are ordered", "Your order went through. The mail we sent you leads to your tickets.")
        }
    };
    let page = EndedPage {
        layout: Layout::new(app, frame, heading).hued(held.event.hue),
        heading,
        text,
        event_title: held.event.title.clone(),
        event_url: format!("/e/{}", held.event.slug),
        is_ordered: ended == HoldEnded::Converted,
    };
    answer::secret(&page, StatusCode::GONE)
}

fn page(
    app: &AppState,
    frame: &Frame,
    held: &Held,
    shown: Shown,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<CheckoutPage, Problem> {
    let Held { hold, event, organiser, .. } = held;
    let total = hold.total().ok_or_else(|| Fault::corrupt("a hold without a total"))?;
    let Shown { details, errors, alert } = shown;
    let error_of = |id: &str| errors.iter().find(|error| error.field == id).map_or("", |error| error.message);
    let field = |id: &str, label: &str, value: &str| TextField {
        id: id.to_owned(),
        label: label.to_owned(),
        value: value.to_owned(),
        error: error_of(id),
    };
    let attendees: Vec<TextField> = ticket_names(held)
        .iter()
        .enumerate()
        .map(|(at, label)| field(&attendee_field(at + 1), label, details.attendees.get(at).map_or("", String::as_str)))
        .collect();
    let path = checkout_path(hold.id, &held.secret);
    Ok(CheckoutPage {
        layout: layout(app, frame, held),
        event_title: event.title.clone(),
        event_when: when_line(event),
        event_place: short_place(event),
        event_url: format!("/e/{}", event.slug),
        organiser: organiser.as_ref().map_or("the organiser", |page| page.name.as_str()).to_owned(),
        expires_at: expires_at.to_string(),
        now: now.to_string(),
        time_left: countdown(now, expires_at),
        can_renew: can_renew(app, hold),
        are_attendees_open: attendees.iter().any(|field| !field.value.trim().is_empty()),
        name: field("name", "Your name", &details.name),
        email: field("email", "E-mail", &details.email),
        attendees,
        is_signed_in: frame.account.is_some(),
        sign_in_url: crate::address::with_query("/login", &[("return_to", &path)]),
        is_free: total.is_zero(),
        lines: lines(held),
        total: price(total),
        button: button(total, tickets(hold)),
        path,
        alert,
        errors,
    })
}

fn layout(app: &AppState, frame: &Frame, held: &Held) -> Layout {
    let layout = Layout::new(app, frame, format!("Checkout: {}", held.event.title)).hued(held.event.hue);
    match &held.organiser {
        Some(organiser) => layout.with_contact(&organiser.name, &organiser.contact_email),
        None => layout,
    }
}

/// Where a hold is turned into an order.
pub(super) fn checkout_path(hold: HoldId, secret: &str) -> String {
    format!("/checkout/{hold}/{secret}")
}

/// How many tickets a hold has.
pub(super) fn tickets(hold: &Hold) -> usize {
    hold.lines.iter().filter_map(|line| usize::try_from(line.quantity).ok()).sum()
}

fn can_renew(app: &AppState, hold: &Hold) -> bool {
    let HoldState::Live { renewals, .. } = hold.state else { return false };
    u32::try_from(renewals).is_ok_and(|renewals| renewals < app.platform.config.holds.renewals_max)
}

/// One label a ticket: `Ticket 2: Friday`, or with its seat `Ticket 2: Stalls, row 6, seat 3`.
fn ticket_names(held: &Held) -> Vec<String> {
    let types = held.hold.lines.iter().zip(&held.seats).flat_map(|(line, seats)| {
        let count = usize::try_from(line.quantity).unwrap_or(0);
        seats.iter().chain(std::iter::repeat_n(&line.name, count.saturating_sub(seats.len())))
    });
    types.take(ATTENDEE_FIELDS_MAX).enumerate().map(|(at, name)| format!("Ticket {}: {name}", at + 1)).collect()
}

fn lines(held: &Held) -> Vec<SummaryLine> {
    let amount = |unit: Money, quantity: i32| {
        u32::try_from(quantity).ok().and_then(|count| unit.times(count).ok()).map(price).unwrap_or_default()
    };
    let lines = held.hold.lines.iter().zip(&held.seats);
    lines
        .map(|(line, seats)| SummaryLine {
            text: format!("{} × {}", line.quantity, line.name),
            seats: seats.clone(),
            amount: amount(line.unit_price, line.quantity),
        })
        .collect()
}

fn button(total: Money, tickets: usize) -> String {
    if total.is_zero() {
        format!("Get {}", counted(i64::try_from(tickets).unwrap_or(i64::MAX), "ticket"))
    } else {
        format!("Pay {total}")
    }
}
