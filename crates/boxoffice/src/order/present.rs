//! Orders as JSON, and as the pages show them: the same values.

use std::sync::OnceLock;

use jiff::Timestamp;
use kernel::{EventId, Money, OrderId, OrganisationId, PaymentId, TicketId, TicketTypeId};
use platform::{Failure, Fault, NotFound, Platform, Scope, Tx};
use serde::Serialize;

use super::model::{Order, OrderLine, OrderState};
use super::place::{Confirmed, ORDER_SECRET, Placed};
use super::store;
use crate::hold::take::PoolVersion;
use crate::lane::Answered;
use crate::ticket::code::{EventTag, TicketCode};
use crate::ticket::key::TicketKey;
use crate::ticket::model::{Ticket, TicketState, human_code};
use crate::ticket::{key, store as tickets};

/// The purpose of the secret in a single ticket's address.
pub const TICKET_SECRET: &str = "ticket-secret";

/// An order as its buyer sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderView {
    /// What people call it.
    pub code: String,
    /// Owns the order; keep it.
    pub secret: String,
    /// `awaiting_payment`, `paid`, `cancelled`, `expired` or `unfulfilled`.
    pub state: String,
    /// What it is for.
    pub event: OrderEventView,
    /// Who buys.
    pub buyer: BuyerView,
    /// What it costs.
    pub total: Money,
    /// What was ordered.
    pub lines: Vec<OrderLineView>,
    /// The tickets; empty until the order is paid.
    pub tickets: Vec<TicketView>,
    /// The payment; null for free orders.
    pub payment: Option<PaymentStateView>,
    /// When it was placed.
    pub created_at: Timestamp,
    /// Until when it can be paid; null unless it waits for that.
    pub expires_at: Option<Timestamp>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// The order's page; whoever has the address owns the order.
    pub url: String,
    /// The pools that this call changed, each with the version it made; empty on a plain look.
    pub pools: Vec<PoolVersion>,
}

/// The event of an order, in short.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderEventView {
    /// Its name in addresses.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// When, in the event's own time: `Fri 12 March 2027, 19:00–01:00 CET`.
    pub when: String,
    /// When it starts.
    pub starts_at: Timestamp,
    /// Where, line by line.
    pub place: Vec<String>,
    /// Where to join online; only people with a valid ticket see it.
    pub online_url: Option<String>,
}

/// Who buys.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct BuyerView {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// A line of an order.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrderLineView {
    /// Of which type.
    pub ticket_type_id: TicketTypeId,
    /// What the type is called.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// What one costs.
    pub unit_price: Money,
    /// What the line costs.
    pub amount: Money,
}

/// A ticket as its owner sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TicketView {
    /// Which one.
    pub id: TicketId,
    /// What people call it: `PK8DH2XQ-1`.
    pub code: String,
    /// Who comes.
    pub holder_name: String,
    /// What the type is called.
    #[serde(rename = "type")]
    pub type_name: String,
    /// `valid`, `cancelled` or `transferred`.
    pub state: String,
    /// What was paid for it.
    pub price: Money,
    /// Where its holder sits; null where places have no numbers.
    pub seat: Option<TicketSeatView>,
    /// What its QR code says (`T1:...`); null unless it is valid.
    pub qr: Option<String>,
    /// The ticket's own page.
    pub url: String,
}

/// The seat of a ticket.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TicketSeatView {
    /// Its place in the event's layout.
    pub index: u32,
    /// The name of the section.
    pub section: String,
    /// The row, or the table.
    pub row: String,
    /// The seat within it.
    pub label: String,
    /// All of it in one line: `Stalls, row 2, seat 4`.
    pub name: String,
}

/// How the payment of an order stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PaymentStateView {
    /// Which one.
    pub id: PaymentId,
    /// `created`, `pending`, `succeeded`, `failed` or `cancelled`.
    pub state: String,
    /// The provider's page, while there is something to pay there.
    pub checkout_url: Option<String>,
    /// What was given back or is on its way.
    pub refunded: Money,
}

/// An order as its organiser sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrganiserOrderView {
    /// Which one.
    pub id: OrderId,
    /// How often it changed.
    pub version: i64,
    /// Everything the buyer sees.
    #[serde(flatten)]
    pub order: OrderView,
}

/// Everything that an order's pages, mails and answers are made of.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The order.
    pub order: Order,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// The tickets with what their QR codes say.
    pub tickets: Vec<(Ticket, Option<String>)>,
    /// The event.
    pub event: catalog::api::EventFacts,
    /// The payments, the first try first.
    pub payments: Vec<payments::api::PaymentView>,
}

/// The address that owns an order.
pub fn order_url(platform: &Platform, order: &Order) -> String {
    platform.url(&format!("/o/{}/{}", order.code, platform.vault.secret_of(ORDER_SECRET, order.id.uuid())))
}

/// Reads everything of one order.
pub async fn snapshot(
    tx: &mut Tx,
    (organisation, id): (OrganisationId, OrderId),
) -> Result<Snapshot, Failure<NotFound>> {
    let order = store::find(tx, organisation, id).await?.ok_or(NotFound)?;
    let lines = store::lines(tx, organisation, id).await?;
    let signing = key::find(tx, organisation).await?;
    let tickets = tickets::of_order(tx, organisation, id)
        .await?
        .into_iter()
        .map(|ticket| sign(ticket, signing.as_ref()))
        .collect::<Result<_, _>>()?;
    let event = catalog::api::get_facts(tx, organisation, order.event).await?.ok_or(NotFound)?;
    let payments = payments::api::payments_of(tx, organisation, id).await?;
    Ok(Snapshot { order, lines, tickets, event, payments })
}

fn sign(ticket: Ticket, signing: Option<&TicketKey>) -> Result<(Ticket, Option<String>), Fault> {
    let Some(signing) = signing.filter(|_| ticket.state == TicketState::Valid) else { return Ok((ticket, None)) };
    let serial = u64::try_from(ticket.serial).map_err(Fault::corrupt)?;
    let code = TicketCode { key_number: signing.number, event_tag: EventTag::of(ticket.event), serial };
    let text = code.sign(signing.pair()).encode();
    Ok((ticket, Some(text)))
}

/// An order as its buyer sees it.
pub async fn view_of(
    platform: &Platform,
    organisation: OrganisationId,
    order: OrderId,
) -> Result<OrderView, Failure<NotFound>> {
    let snapshot = platform.db.read(Scope::Tenant(organisation), "show_order", (organisation, order), snapshot).await?;
    Ok(view(platform, snapshot))
}

/// An order as its organiser sees it, if it belongs to the event.
pub async fn organiser_view_of(
    platform: &Platform,
    organisation: OrganisationId,
    event: EventId,
    order: OrderId,
) -> Result<OrganiserOrderView, Failure<NotFound>> {
    let snapshot = platform.db.read(Scope::Tenant(organisation), "show_order", (organisation, order), snapshot).await?;
    if snapshot.order.event != event {
        return Err(NotFound.into());
    }
    Ok(OrganiserOrderView { id: order, version: snapshot.order.version, order: view(platform, snapshot) })
}

/// Puts a snapshot into words.
pub fn view(platform: &Platform, snapshot: Snapshot) -> OrderView {
    let Snapshot { order, lines, tickets, event, payments } = snapshot;
    with_event(platform, (order, lines, tickets), &event_view(&event), payments)
}

/// An order with its lines and tickets.
type Parts = (Order, Vec<OrderLine>, Vec<(Ticket, Option<String>)>);

fn with_event(
    platform: &Platform,
    (order, lines, tickets): Parts,
    event: &OrderEventView,
    payments: Vec<payments::api::PaymentView>,
) -> OrderView {
    let url = order_url(platform, &order);
    let (expires_at, paid_at) = match order.state {
        OrderState::AwaitingPayment { expires_at } => (Some(expires_at), None),
        OrderState::Paid { paid_at, .. } => (None, Some(paid_at)),
        _ => (None, None),
    };
    let has_valid_ticket = tickets.iter().any(|(ticket, _)| ticket.state == TicketState::Valid);
    let is_waiting = expires_at.is_some();
    OrderView {
        secret: platform.vault.secret_of(ORDER_SECRET, order.id.uuid()),
        state: order.state.as_str().to_owned(),
        event: OrderEventView { online_url: event.online_url.clone().filter(|_| has_valid_ticket), ..event.clone() },
        buyer: BuyerView { name: order.buyer.name.to_string(), email: order.buyer.email.to_string() },
        total: order.total,
        lines: lines.into_iter().map(line_view).collect(),
        tickets: tickets.into_iter().map(|(ticket, qr)| ticket_view(platform, &order.code, ticket, qr)).collect(),
        payment: payments.into_iter().next_back().map(|payment| payment_view(payment, is_waiting)),
        created_at: order.created_at,
        expires_at,
        paid_at,
        url,
        code: order.code,
        pools: Vec::new(),
    }
}

/// An order that was just made, as its buyer sees it: from what the batch knew, without asking the database again, unless a payment page
/// belongs to it.
pub async fn view_of_confirmed(
    platform: &Platform,
    organisation: OrganisationId,
    confirmed: Answered<Confirmed>,
) -> Result<OrderView, Failure<NotFound>> {
    let Answered { answer: Confirmed { order, lines, tickets, pools, payment }, about } = confirmed;
    let pools = PoolVersion::list(&pools);
    if payment.is_some() {
        return Ok(OrderView { pools, ..view_of(platform, organisation, order.id).await? });
    }
    let event = about.events.get(&order.event).ok_or(NotFound)?.view();
    let tickets = tickets.into_iter().map(|ticket| sign(ticket, about.key.as_deref())).collect::<Result<_, _>>()?;
    Ok(OrderView { pools, ..with_event(platform, (order, lines, tickets), event, Vec::new()) })
}

/// The order of a hold, whether it was made just now or before.
pub async fn view_of_placed(
    platform: &Platform,
    organisation: OrganisationId,
    placed: Answered<Placed>,
) -> Result<OrderView, Failure<NotFound>> {
    match placed.answer {
        Placed::Now(answer) => {
            view_of_confirmed(platform, organisation, Answered { answer, about: placed.about }).await
        }
        Placed::Before(order) => view_of(platform, organisation, order).await,
    }
}

/// An event that many orders of one batch are for. It is put into words once for all of them, by the first that needs it.
pub struct OrderEvent {
    facts: catalog::api::EventFacts,
    view: OnceLock<OrderEventView>,
}

impl OrderEvent {
    /// The event with these facts.
    pub fn of(facts: catalog::api::EventFacts) -> Self {
        Self { facts, view: OnceLock::new() }
    }

    fn view(&self) -> &OrderEventView {
        self.view.get_or_init(|| event_view(&self.facts))
    }
}

/// The event in words, with what only people with a valid ticket see.
fn event_view(event: &catalog::api::EventFacts) -> OrderEventView {
    OrderEventView {
        slug: event.slug.to_string(),
        title: event.title.clone(),
        when: catalog::api::when_line(event),
        starts_at: event.starts_at,
        place: catalog::api::place_lines(event),
        online_url: Some(event.online_url.clone()).filter(|url| !url.is_empty()),
    }
}

fn line_view(line: OrderLine) -> OrderLineView {
    OrderLineView {
        ticket_type_id: line.ticket_type,
        amount: line.amount(),
        name: line.name,
        quantity: line.quantity,
        unit_price: line.unit_price,
    }
}

fn ticket_view(platform: &Platform, order_code: &str, ticket: Ticket, qr: Option<String>) -> TicketView {
    let code = human_code(order_code, ticket.number);
    let secret = platform.vault.secret_of(TICKET_SECRET, ticket.id.uuid());
    TicketView {
        id: ticket.id,
        url: platform.url(&format!("/t/{code}/{secret}")),
        code,
        holder_name: ticket.holder_name,
        type_name: ticket.type_name,
        state: ticket.state.as_str().to_owned(),
        price: ticket.price,
        seat: ticket.seat.map(|seat| TicketSeatView {
            name: seat.to_string(),
            index: seat.seat.0,
            section: seat.section,
            row: seat.row,
            label: seat.label,
        }),
        qr,
    }
}

fn payment_view(payment: payments::api::PaymentView, is_waiting: bool) -> PaymentStateView {
    PaymentStateView {
        id: payment.id,
        checkout_url: payment.checkout_url.filter(|_| is_waiting),
        state: payment.state.as_str().to_owned(),
        refunded: payment.refunded,
    }
}
