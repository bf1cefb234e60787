//! The ticket card of an event's page, in every state of its sale.

use boxoffice::ticket_type::model::{Pricing, SaleState};
use boxoffice::ticket_type::present::PublicTicketTypeView;
use catalog::api::{EventFacts, EventStatus};
use jiff::Timestamp;

use super::choice::{ChoiceError, Choices, field_name};
use crate::layout::{plain_amount, price};
use crate::words::instant_line;

/// So many places left or fewer are worth a word.
const FEW_LEFT_MAX: i32 = 10;

/// The card.
#[derive(Debug, Clone)]
pub(super) struct Rail {
    pub badge: Badge,
    pub rows: Vec<Row>,
    /// Whether anything can be chosen: then the card is a form.
    pub is_form: bool,
    pub action: String,
    pub currency: &'static str,
    pub button: &'static str,
    /// What stands where the button would be.
    pub closing: String,
    pub fine_print: String,
    /// Where seats are chosen one by one; empty when none are sold.
    pub seats_url: String,
    /// For the bar at the bottom of phones.
    pub from_price: String,
}

/// A word with a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Badge {
    pub class: &'static str,
    pub text: &'static str,
}

/// One ticket type.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub id: String,
    pub name: String,
    pub notes: Vec<String>,
    pub price: String,
    /// Why it cannot be chosen.
    pub badge: Option<Badge>,
    pub control: Option<Control>,
    pub own_price: Option<OwnPrice>,
}

/// How many.
#[derive(Debug, Clone)]
pub(super) struct Control {
    pub field: String,
    pub value: String,
    pub maximum: i32,
    pub price: i64,
    pub error: String,
}

/// At what price, where the buyer says it.
#[derive(Debug, Clone)]
pub(super) struct OwnPrice {
    pub field: String,
    pub value: String,
    pub label: String,
    pub hint: String,
    pub error: String,
}

/// What the card is made of.
pub(super) struct RailParts<'a> {
    pub facts: &'a EventFacts,
    pub types: &'a [PublicTicketTypeView],
    pub choices: &'a Choices,
    pub errors: &'a [ChoiceError],
    pub now: Timestamp,
    /// Whether anything can be paid for on this server.
    pub has_payments: bool,
    pub hold_minutes: u64,
}

const ON_SALE: Badge = Badge { class: "badge-success", text: "On sale" };
const FEW_LEFT: Badge = Badge { class: "badge-warning", text: "Few left" };
const SOLD_OUT: Badge = Badge { class: "badge-danger", text: "Sold out" };
const SCHEDULED: Badge = Badge { class: "badge-info", text: "Not yet on sale" };
const SALE_OVER: Badge = Badge { class: "", text: "Sale over" };
const ENDED: Badge = Badge { class: "", text: "Ended" };
const CANCELLED: Badge = Badge { class: "badge-danger", text: "Cancelled" };
const NO_TICKETS: Badge = Badge { class: "", text: "No tickets" };
const NO_PAYMENTS: Badge = Badge { class: "", text: "Not for sale here" };

impl Rail {
    /// The card of an event.
    pub(super) fn of(parts: &RailParts<'_>) -> Self {
        let facts = parts.facts;
        let rows = if facts.status.is_open() && parts.now < facts.ends_at { rows(parts) } else { Vec::new() };
        let is_form = rows.iter().any(|row| row.control.is_some());
        let is_free = parts.types.iter().all(|kind| kind.pricing == Pricing::Free);
        let payment = if is_free { "" } else { " Prices include all taxes and fees." };
        Self {
            badge: badge(parts, is_form),
            is_form,
            action: format!("/e/{}/cart", facts.slug),
            currency: facts.currency.code(),
            button: if is_free { "Register" } else { "Get tickets" },
            closing: if is_form { String::new() } else { closing(parts) },
            fine_print: format!(
                "Tickets are held for you for {} minutes while you finish.{payment}",
                parts.hold_minutes
            ),
            seats_url: seats_url(parts),
            from_price: from_price(parts),
            rows,
        }
    }
}

fn seats_url(parts: &RailParts<'_>) -> String {
    let sells_seats = |kind: &PublicTicketTypeView| kind.seat_category.is_some() && is_for_sale(parts, kind);
    let is_open = parts.facts.status.is_open() && parts.now < parts.facts.ends_at;
    if is_open && parts.types.iter().any(sells_seats) {
        format!("/e/{}/seats", parts.facts.slug)
    } else {
        String::new()
    }
}

fn badge(parts: &RailParts<'_>, is_form: bool) -> Badge {
    let all = |state| parts.types.iter().all(|kind| kind.sale == state);
    let any = |state| parts.types.iter().any(|kind| kind.sale == state);
    if parts.facts.status == EventStatus::Cancelled {
        CANCELLED
    } else if parts.now >= parts.facts.ends_at {
        ENDED
    } else if parts.types.is_empty() {
        NO_TICKETS
    } else if is_form && parts.types.iter().filter(|kind| kind.sale == SaleState::OnSale).all(are_few_left) {
        FEW_LEFT
    } else if is_form {
        ON_SALE
    } else if any(SaleState::OnSale) {
        NO_PAYMENTS
    } else if any(SaleState::NotStarted) {
        SCHEDULED
    } else if all(SaleState::Ended) {
        SALE_OVER
    } else {
        SOLD_OUT
    }
}

fn are_few_left(kind: &PublicTicketTypeView) -> bool {
    kind.left.is_some_and(|left| left <= FEW_LEFT_MAX)
}

/// The sentence of a card on which nothing can be chosen.
fn closing(parts: &RailParts<'_>) -> String {
    let first_sale = parts
        .types
        .iter()
        .filter(|kind| kind.sale == SaleState::NotStarted)
        .filter_map(|kind| kind.sale_starts_at)
        .min();
    let text = match badge(parts, false) {
        CANCELLED => "This event does not take place. Questions about tickets and money go to the organiser.",
        ENDED => "This event is over.",
        NO_TICKETS => "The organiser has not put tickets up yet.",
        NO_PAYMENTS => "Payments are not set up on this server, so these tickets cannot be bought here.",
        SALE_OVER => "Tickets are no longer sold.",
        SCHEDULED => {
            return first_sale.map_or_else(String::new, |at| {
                format!("Tickets go on sale on {}.", instant_line(at, &parts.facts.zone))
            });
        }
        _ => "All tickets are gone. Look in again: places that were held and not paid for come back.",
    };
    text.to_owned()
}

fn rows(parts: &RailParts<'_>) -> Vec<Row> {
    let on_sale = parts.types.iter().filter(|kind| is_for_sale(parts, kind)).count();
    let row = |(at, kind): (usize, &PublicTicketTypeView)| {
        let is_for_sale = is_for_sale(parts, kind);
        let control = is_for_sale.then(|| control(parts, kind, on_sale == 1));
        Row {
            id: format!("ticket-{}", at + 1),
            name: kind.name.clone(),
            notes: notes(parts, kind),
            price: match kind.pricing {
                Pricing::PayWhatYouWant if kind.price.is_zero() => "Pay what you want".to_owned(),
                Pricing::PayWhatYouWant => format!("{} or more", kind.price),
                Pricing::Free | Pricing::Paid => price(kind.price),
            },
            badge: if is_for_sale { None } else { Some(row_badge(kind.sale)) },
            own_price: (is_for_sale && kind.pricing == Pricing::PayWhatYouWant).then(|| own_price(parts, kind)),
            control,
        }
    };
    parts.types.iter().enumerate().map(row).collect()
}

fn is_for_sale(parts: &RailParts<'_>, kind: &PublicTicketTypeView) -> bool {
    kind.sale == SaleState::OnSale && (parts.has_payments || kind.price.is_zero())
}

fn row_badge(sale: SaleState) -> Badge {
    match sale {
        SaleState::OnSale => NO_PAYMENTS,
        SaleState::SoldOut => SOLD_OUT,
        SaleState::NotStarted => Badge { text: "Soon", ..SCHEDULED },
        SaleState::Ended | SaleState::NotPublished => SALE_OVER,
    }
}

fn notes(parts: &RailParts<'_>, kind: &PublicTicketTypeView) -> Vec<String> {
    let zone = &parts.facts.zone;
    let mut notes = Vec::new();
    if !kind.description.is_empty() {
        notes.push(kind.description.clone());
    }
    if let Some(left) = kind.left.filter(|left| kind.sale == SaleState::OnSale && *left <= FEW_LEFT_MAX) {
        notes.push(format!("Only {left} left"));
    }
    if kind.sale == SaleState::OnSale && kind.minimum_per_order > 1 {
        notes.push(format!("At least {} an order", kind.minimum_per_order));
    }
    if kind.seat_category.is_some() && kind.sale == SaleState::OnSale {
        notes.push("The best seats, side by side".to_owned());
    }
    if kind.is_addon {
        notes.push("Only together with a ticket, one for each".to_owned());
    }
    if let Some(most) = kind.maximum_per_person {
        notes.push(format!("At most {most} a person"));
    }
    match (kind.sale, kind.sale_starts_at, kind.sale_ends_at) {
        (SaleState::NotStarted, Some(starts), _) => notes.push(format!("From {}", instant_line(starts, zone))),
        (SaleState::OnSale, _, Some(ends)) => notes.push(format!("Until {}", instant_line(ends, zone))),
        _ => {}
    }
    notes
}

fn control(parts: &RailParts<'_>, kind: &PublicTicketTypeView, is_only: bool) -> Control {
    // Where there is one thing to choose, it is chosen.
    let preset = if is_only { kind.minimum_per_order } else { 0 };
    let typed = parts.choices.of(kind.id).map(|choice| choice.quantity.clone());
    Control {
        field: field_name("quantity", kind.id),
        value: typed.unwrap_or_else(|| preset.to_string()),
        maximum: kind.maximum_per_order,
        price: kind.price.amount,
        error: error_of(parts, kind, false),
    }
}

fn own_price(parts: &RailParts<'_>, kind: &PublicTicketTypeView) -> OwnPrice {
    let typed = parts.choices.of(kind.id).map(|choice| choice.price.clone());
    let hint = if kind.price.is_zero() { "Also nothing".to_owned() } else { String::new() };
    OwnPrice {
        field: field_name("price", kind.id),
        value: typed.unwrap_or_else(|| plain_amount(kind.price.amount, kind.price.currency)),
        label: format!("Your price ({})", kind.price.currency),
        hint: if parts.has_payments { hint } else { "Only free tickets can be had on this server".to_owned() },
        error: error_of(parts, kind, true),
    }
}

fn error_of(parts: &RailParts<'_>, kind: &PublicTicketTypeView, is_price: bool) -> String {
    let own = |error: &&ChoiceError| error.ticket_type == kind.id && error.is_price == is_price;
    parts.errors.iter().find(own).map(|error| error.message.clone()).unwrap_or_default()
}

/// `From €22.00`, `€22.00`, `Free`, `Free and paid`: the least that anything on sale costs.
fn from_price(parts: &RailParts<'_>) -> String {
    let on_sale: Vec<i64> =
        parts.types.iter().filter(|kind| is_for_sale(parts, kind)).map(|kind| kind.price.amount).collect();
    let (Some(least), Some(most)) = (on_sale.iter().min(), on_sale.iter().max()) else { return String::new() };
    let text = price(kernel::Money::new(*least, parts.facts.currency));
    if least == most {
        text
    } else if *least == 0 {
        "Free and paid".to_owned()
    } else {
        format!("From {text}")
    }
}
