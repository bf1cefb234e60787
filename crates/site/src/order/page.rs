//! The page of an order.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use boxoffice::order::present::{OrderView, snapshot, view};
use boxoffice::order::show::locate;
use catalog::api::{EventFacts, EventStatus, OrganisationPage, page_of};
use http::StatusCode;
use kernel::{OrderId, OrganisationId};
use platform::{Failure, NotFound, Scope, Tx};
use web::{AppState, Frame, Path, Problem};

use super::story::Story;
use crate::answer;
use crate::layout::{Layout, hue_class, price};
use crate::ticket_card::TicketCard;
use crate::words::countdown;

/// Without JavaScript the page is loaded again so often while money is on its way.
const REFRESH_SECONDS: u32 = 8;

#[derive(Template)]
#[template(path = "order.html")]
struct OrderPage {
    layout: Layout,
    path: String,
    code: String,
    story: Story,
    alert: String,
    countdown: Option<Countdown>,
    hue_class: String,
    event_title: String,
    event_url: String,
    when: String,
    place: Vec<String>,
    online_url: String,
    tickets: Vec<TicketCard>,
    has_files: bool,
    buyer: String,
    email: String,
    lines: Vec<OrderLine>,
    total: String,
    pay_label: String,
}

/// How long there is to pay.
struct Countdown {
    until: String,
    now: String,
    left: String,
}

/// A line of the order.
struct OrderLine {
    text: String,
    amount: String,
}

/// An order with the event and the organiser it belongs to.
pub(crate) struct Loaded {
    pub order: OrderView,
    pub event: EventFacts,
    pub organiser: Option<OrganisationPage>,
}

/// `GET /o/{code}/{secret}`
pub(crate) async fn show(
    State(app): State<AppState>,
    frame: Frame,
    Path((code, secret)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (organisation, order) = locate(&app.platform, code, &secret).await?;
    let loaded = load(&app, organisation, order).await?;
    answer::secret(&page(&app, &frame, loaded, String::new()), StatusCode::OK)
}

/// The same page with something that went wrong.
pub(super) fn show_again(
    app: &AppState,
    frame: &Frame,
    loaded: Loaded,
    alert: String,
    status: StatusCode,
) -> Result<Response, Problem> {
    answer::secret(&page(app, frame, loaded, alert), status)
}

/// Reads everything the page tells.
pub(crate) async fn load(app: &AppState, organisation: OrganisationId, order: OrderId) -> Result<Loaded, Problem> {
    let (snapshot, organiser) =
        app.platform.db.read(Scope::Tenant(organisation), "show_order_page", (organisation, order), read).await?;
    let event = snapshot.event.clone();
    Ok(Loaded { order: view(&app.platform, snapshot), event, organiser })
}

async fn read(
    tx: &mut Tx,
    key: (OrganisationId, OrderId),
) -> Result<(boxoffice::order::present::Snapshot, Option<OrganisationPage>), Failure<NotFound>> {
    let snapshot = snapshot(tx, key).await?;
    let organiser = page_of(tx, key.0).await?;
    Ok((snapshot, organiser))
}

fn page(app: &AppState, frame: &Frame, loaded: Loaded, alert: String) -> OrderPage {
    let Loaded { order, event, organiser } = loaded;
    let now = app.platform.clock.now();
    let story = Story::of(&order, &event, now);
    let is_cancelled = event.status == EventStatus::Cancelled;
    let mut layout = Layout::new(app, frame, format!("Order {}", order.code)).hued(event.hue);
    layout.refresh_seconds = story.is_pending.then_some(REFRESH_SECONDS);
    if let Some(organiser) = &organiser {
        layout = layout.with_contact(&organiser.name, &organiser.contact_email);
    }
    let countdown = order.expires_at.filter(|_| story.can_pay).map(|until| Countdown {
        until: until.to_string(),
        now: now.to_string(),
        left: countdown(now, until),
    });
    let line = |line: &boxoffice::order::present::OrderLineView| OrderLine {
        text: format!("{} × {}", line.quantity, line.name),
        amount: price(line.amount),
    };
    let path = format!("/o/{}/{}", order.code, order.secret);
    OrderPage {
        layout,
        story,
        alert,
        countdown,
        hue_class: hue_class(event.hue),
        event_title: order.event.title,
        event_url: format!("/e/{}", order.event.slug),
        when: order.event.when,
        place: order.event.place,
        online_url: order.event.online_url.filter(|_| !is_cancelled).unwrap_or_default(),
        has_files: order.tickets.iter().any(|ticket| ticket.state == "valid") && !is_cancelled,
        tickets: order.tickets.into_iter().map(|ticket| TicketCard::of(ticket, &path, is_cancelled)).collect(),
        buyer: order.buyer.name,
        email: order.buyer.email,
        lines: order.lines.iter().map(line).collect(),
        pay_label: format!("Pay {}", order.total),
        total: price(order.total),
        code: order.code,
        path,
    }
}
