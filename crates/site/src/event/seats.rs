//! `/e/{slug}/seats`: choosing numbered seats. Without JavaScript a section is shown as rows of boxes; with it the whole hall is drawn as well.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use boxoffice::seat::hall::{Hall, HallRow, HallSeat};
use boxoffice::seat::model::{SeatIndex, SeatStatus};
use boxoffice::seat::plan::SeatPlan;
use boxoffice::ticket_type::model::{Pricing, SaleState};
use boxoffice::ticket_type::present::PublicTicketTypeView;
use catalog::api::when_line;
use http::StatusCode;
use platform::Failure;
use serde::{Deserialize, Serialize};
use web::{AppState, Frame, Path, Problem, Query};

use super::choice::{Choices, field_name};
use super::page::{Offer, load};
use crate::answer;
use crate::layout::{Layout, price};

/// Colours that categories are told apart by; further ones share them.
const COLOURS: usize = 6;

#[derive(Template)]
#[template(path = "seats.html")]
struct SeatsPage {
    layout: Layout,
    event_title: String,
    event_when: String,
    event_url: String,
    action: String,
    alert: String,
    /// What the drawing has to know of what is sold, as JSON.
    offers: String,
    plan_url: String,
    stream_url: String,
    legend: Vec<LegendItem>,
    sections: Vec<SectionLink>,
    section: String,
    rows: Vec<Row>,
    /// Seats chosen before that are in other sections.
    kept: Vec<Kept>,
    hold_minutes: u64,
}

/// A category and what it costs.
struct LegendItem {
    colour: usize,
    name: String,
    price: String,
}

/// A section to look into.
struct SectionLink {
    url: String,
    name: String,
    free: String,
    is_current: bool,
}

/// A row of boxes.
struct Row {
    label: String,
    seats: Vec<SeatBox>,
}

/// A seat that can be ticked when it is free.
struct SeatBox {
    /// The name of the field; empty when the seat cannot be had.
    field: String,
    id: String,
    label: String,
    /// What it is called by those who do not see the row.
    name: String,
    colour: usize,
    is_accessible: bool,
    is_chosen: bool,
}

/// A seat that stays chosen.
struct Kept {
    field: String,
    id: String,
}

/// What the drawing knows of a ticket type, by the key of its category.
#[derive(Serialize)]
struct SeatOffer<'a> {
    category: &'a str,
    id: String,
    name: &'a str,
    amount: i64,
    currency: &'static str,
    price: String,
    most: i32,
}

/// Which section is looked into, from 1.
#[derive(Debug, Deserialize)]
pub(crate) struct At {
    section: Option<usize>,
}

/// A choice of seats that could not be had.
pub(super) struct SeatsReturned {
    pub choices: Choices,
    pub alert: String,
    pub status: StatusCode,
}

/// `GET /e/{slug}/seats`
pub(crate) async fn show(
    State(app): State<AppState>,
    frame: Frame,
    Path(slug): Path<String>,
    Query(at): Query<At>,
) -> Result<Response, Problem> {
    let offer = load(&app, slug).await?;
    let returned = SeatsReturned { choices: Choices::default(), alert: String::new(), status: StatusCode::OK };
    match page(&app, &frame, &offer, &returned, at.section).await? {
        Some(page) => answer::public(&page),
        None => Ok(back_to_tickets(&offer)),
    }
}

/// The same page with a choice that could not be had.
pub(super) async fn show_again(
    app: &AppState,
    frame: &Frame,
    offer: Offer,
    returned: SeatsReturned,
) -> Result<Response, Problem> {
    match page(app, frame, &offer, &returned, None).await? {
        Some(page) => answer::private(&page, returned.status),
        None => Ok(back_to_tickets(&offer)),
    }
}

fn back_to_tickets(offer: &Offer) -> Response {
    Redirect::to(&format!("/e/{}#tickets", offer.event.facts.slug)).into_response()
}

/// The page; none when the event sells no seats at the moment.
async fn page(
    app: &AppState,
    frame: &Frame,
    offer: &Offer,
    returned: &SeatsReturned,
    section: Option<usize>,
) -> Result<Option<SeatsPage>, Problem> {
    let facts = &offer.event.facts;
    let sellers = sellers(app, offer);
    if sellers.is_empty() || !facts.status.is_open() {
        return Ok(None);
    }
    let plan = SeatPlan::of(&app.platform, facts).await.map_err(Failure::into_fault)?;
    let Some(plan) = plan else { return Ok(None) };
    let (hall, path) = (&plan.hall, format!("/e/{}", facts.slug));
    let sections = plan.sections();
    let wanted = section.and_then(|number| number.checked_sub(1)).filter(|at| *at < sections.len());
    let at = wanted.or_else(|| sections.iter().position(|section| section.free > 0)).unwrap_or(0);
    let boxes = Boxes { plan: &plan, sellers: &sellers, choices: &returned.choices };
    let range = sections.get(at).map_or(0..0, |section| section.rows.clone());
    let rows: Vec<Row> = hall.rows().get(range).unwrap_or_default().iter().map(|row| boxes.row(row)).collect();
    let shown: Vec<&str> = rows.iter().flat_map(|row| &row.seats).map(|seat| seat.id.as_str()).collect();
    let kept = boxes.chosen().filter(|kept| !shown.contains(&kept.id.as_str())).collect();
    let links = sections.iter().enumerate().map(|(place, section)| SectionLink {
        url: format!("{path}/seats?section={}#list", place + 1),
        name: section.name.clone(),
        free: if section.free == 0 { "full".to_owned() } else { format!("{} free", section.free) },
        is_current: place == at,
    });
    Ok(Some(SeatsPage {
        layout: layout(app, frame, offer, &path),
        event_title: facts.title.clone(),
        event_when: when_line(facts),
        event_url: path.clone(),
        action: format!("{path}/cart"),
        alert: returned.alert.clone(),
        offers: offers(&sellers)?,
        plan_url: format!("/api/v1/events/{}/seats", facts.slug),
        stream_url: format!("/api/v1/events/{}/seats/stream", facts.slug),
        legend: legend(hall, &sellers),
        sections: links.collect(),
        section: sections.get(at).map(|section| section.name.clone()).unwrap_or_default(),
        rows,
        kept,
        hold_minutes: app.platform.config.holds.ttl.as_secs().div_ceil(60),
    }))
}

fn layout(app: &AppState, frame: &Frame, offer: &Offer, path: &str) -> Layout {
    let event = &offer.event;
    let mut layout = Layout::new(app, frame, format!("Seats · {}", event.facts.title))
        .found_at(&format!("{path}/seats"), when_line(&event.facts))
        .hued(event.facts.hue);
    // The event itself is what people look for.
    layout.is_indexed = false;
    match &event.organiser {
        Some(host) => layout.with_contact(&host.name, &host.contact_email),
        None => layout,
    }
}

/// The types that sell seats now, with the keys of their categories.
fn sellers<'a>(app: &AppState, offer: &'a Offer) -> Vec<(&'a str, &'a PublicTicketTypeView)> {
    let has_payments = payments::api::is_available(&app.platform);
    let is_for_sale = |kind: &&PublicTicketTypeView| {
        kind.sale == SaleState::OnSale
            && (has_payments || kind.price.is_zero())
            && kind.pricing != Pricing::PayWhatYouWant
    };
    let on_sale = offer.types.iter().filter(is_for_sale);
    on_sale.filter_map(|kind| Some((kind.seat_category.as_deref()?, kind))).collect()
}

fn offers(sellers: &[(&str, &PublicTicketTypeView)]) -> Result<String, Problem> {
    let offers: Vec<SeatOffer<'_>> = sellers
        .iter()
        .map(|(category, kind)| SeatOffer {
            category,
            id: kind.id.to_string(),
            name: &kind.name,
            amount: kind.price.amount,
            currency: kind.price.currency.code(),
            price: price(kind.price),
            most: kind.maximum_per_order,
        })
        .collect();
    Ok(serde_json::to_string(&offers).map_err(platform::Fault::corrupt)?)
}

fn legend(hall: &Hall, sellers: &[(&str, &PublicTicketTypeView)]) -> Vec<LegendItem> {
    let item = |(place, category): (usize, &boxoffice::seat::hall::HallCategory)| {
        let own: Vec<&PublicTicketTypeView> =
            sellers.iter().filter(|(key, _)| **key == *category.key).map(|(_, kind)| *kind).collect();
        let least = own.iter().map(|kind| kind.price.amount).min()?;
        let first = own.iter().find(|kind| kind.price.amount == least)?;
        let prefix = if own.iter().any(|kind| kind.price.amount != least) { "from " } else { "" };
        Some(LegendItem {
            colour: place % COLOURS + 1,
            name: category.name.to_string(),
            price: format!("{prefix}{}", price(first.price)),
        })
    };
    hall.categories().iter().enumerate().filter_map(item).collect()
}

/// How seats become boxes.
struct Boxes<'a> {
    plan: &'a SeatPlan,
    sellers: &'a [(&'a str, &'a PublicTicketTypeView)],
    choices: &'a Choices,
}

impl Boxes<'_> {
    fn row(&self, row: &HallRow) -> Row {
        let kind = if row.is_table { "Table" } else { "Row" };
        Row {
            label: format!("{kind} {}", row.label),
            seats: self.plan.seats_of(row).filter_map(|seat| self.seat(seat)).collect(),
        }
    }

    fn seat(&self, (index, status): (SeatIndex, SeatStatus)) -> Option<SeatBox> {
        let facts = self.plan.hall.seat(index)?;
        let seller = self.seller(facts).filter(|_| status == SeatStatus::Free);
        let suffix = match seller {
            None => ", taken".to_owned(),
            Some(kind) => format!(", {}", price(kind.price)),
        };
        let access = if facts.is_accessible { ", wheelchair" } else { "" };
        Some(SeatBox {
            field: seller.map(|kind| field_name("seat", kind.id)).unwrap_or_default(),
            id: facts.id.to_string(),
            label: facts.label.to_string(),
            name: format!("{}{access}{suffix}", self.plan.hall.label(index)?),
            colour: facts.category % COLOURS + 1,
            is_accessible: facts.is_accessible,
            is_chosen: seller.is_some() && self.chosen().any(|kept| *kept.id == *facts.id),
        })
    }

    /// The type that a seat is sold as unless somebody says otherwise.
    fn seller(&self, facts: &HallSeat) -> Option<&PublicTicketTypeView> {
        let key = &self.plan.hall.categories().get(facts.category)?.key;
        self.sellers.iter().find(|(category, _)| **category == **key).map(|(_, kind)| *kind)
    }

    /// Seats that were chosen and are still free.
    fn chosen(&self) -> impl Iterator<Item = Kept> {
        let of_kind = |(_, kind): &(&str, &PublicTicketTypeView)| {
            let ids = self.choices.of(kind.id).map(|choice| choice.seats.clone()).unwrap_or_default();
            let field = field_name("seat", kind.id);
            ids.into_iter().map(move |id| Kept { field: field.clone(), id })
        };
        let is_free = |kept: &Kept| {
            let seat = self.plan.hall.find(&kept.id);
            seat.and_then(|seat| self.plan.statuses.get(seat)) == Some(SeatStatus::Free)
        };
        self.sellers.iter().flat_map(of_kind).filter(is_free)
    }
}
