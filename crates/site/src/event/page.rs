//! The page of an event.

use askama::Template;
use askama::filters::Safe;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use boxoffice::ticket_type::present::PublicTicketTypeView;
use boxoffice::ticket_type::public::public_types_of;
use catalog::api::{
    EventFacts, EventStatus, PublicEvent, dates_line, markdown_summary, place_lines, public_event, times_line,
    when_line,
};
use http::StatusCode;
use platform::{Failure, NotFound, Scope, Tx};
use web::{AppState, Frame, Path, Problem};

use super::choice::{ChoiceError, Choices};
use super::rail::{Rail, RailParts};
use crate::address::encode;
use crate::answer;
use crate::card::Picture;
use crate::layout::Layout;
use crate::structured;

/// The widest cover, in pixels of a dense screen.
const COVER_PIXELS_MAX: u32 = 1_600;
/// What search engines show of a description, in characters.
const DESCRIPTION_CHARACTERS_MAX: usize = 160;
const SECONDS_A_MINUTE: u64 = 60;

#[derive(Template)]
#[template(path = "event.html")]
struct EventPage {
    layout: Layout,
    strip: &'static str,
    alert: Option<Alert>,
    cover: Option<Picture>,
    eyebrow: String,
    title: String,
    summary: String,
    host: Option<Host>,
    time: TimeFact,
    place: Option<PlaceFact>,
    is_online_too: bool,
    calendar_url: String,
    share_url: String,
    about: Safe<String>,
    rail: Rail,
}

/// Who holds the event.
struct Host {
    name: String,
    url: String,
}

/// When.
struct TimeFact {
    month: String,
    day: String,
    title: String,
    note: String,
    starts_at: String,
    /// Empty when the event takes days: a visitor's clock then tells the beginning alone.
    ends_at: String,
    zone: String,
}

/// Where.
struct PlaceFact {
    icon: &'static str,
    title: String,
    note: String,
    map_url: String,
}

/// What went wrong with the choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alert {
    pub title: String,
    /// Each with the id of the field it is about, when it is about one.
    pub items: Vec<AlertItem>,
}

/// A line of the alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AlertItem {
    pub anchor: String,
    pub text: String,
}

/// An event and its tickets, as of now.
pub(super) struct Offer {
    pub event: PublicEvent,
    pub types: Vec<PublicTicketTypeView>,
}

/// A choice that comes back, and why.
#[derive(Default)]
pub(super) struct Returned {
    pub choices: Choices,
    pub errors: Vec<ChoiceError>,
    pub alert: String,
}

/// `GET /e/{slug}`
pub(crate) async fn show(
    State(app): State<AppState>,
    frame: Frame,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    let offer = load(&app, slug).await?;
    answer::public(&page(&app, &frame, offer, Returned::default()))
}

/// The same page with a choice that could not be had.
pub(super) fn show_again(
    app: &AppState,
    frame: &Frame,
    offer: Offer,
    returned: Returned,
    status: StatusCode,
) -> Result<Response, Problem> {
    let page = answer::draw(&page(app, frame, offer, returned))?;
    Ok(page.with_status(status).into_response())
}

/// Reads a public event and its tickets; drafts are not there.
pub(super) async fn load(app: &AppState, slug: String) -> Result<Offer, Problem> {
    let event = app.platform.db.read(Scope::Public, "show_public_event", slug, find).await?;
    let types = public_types_of(&app.platform, event.facts.clone()).await?.items;
    Ok(Offer { event, types })
}

async fn find(tx: &mut Tx, slug: String) -> Result<PublicEvent, Failure<NotFound>> {
    Ok(public_event(tx, &slug).await?.ok_or(NotFound)?)
}

fn page(app: &AppState, frame: &Frame, offer: Offer, returned: Returned) -> EventPage {
    let Offer { event, types } = offer;
    let facts = &event.facts;
    let path = format!("/e/{}", facts.slug);
    let rail = Rail::of(&RailParts {
        facts,
        types: &types,
        choices: &returned.choices,
        errors: &returned.errors,
        now: app.platform.clock.now(),
        has_payments: payments::api::is_available(&app.platform),
        hold_minutes: app.platform.config.holds.ttl.as_secs().div_ceil(SECONDS_A_MINUTE),
    });
    EventPage {
        layout: layout(app, frame, &event, &types, &path),
        strip: if facts.status == EventStatus::Cancelled { "This event was cancelled." } else { "" },
        alert: alert(&rail, &returned),
        cover: facts.cover.as_ref().map(|cover| Picture::of(cover, COVER_PIXELS_MAX)),
        eyebrow: dates_line(facts),
        title: facts.title.clone(),
        summary: facts.summary.clone(),
        host: event.organiser.as_ref().map(|host| Host { name: host.name.clone(), url: format!("/@{}", host.slug) }),
        time: time_fact(facts),
        place: place_fact(facts),
        is_online_too: facts.attendance.has_link(),
        calendar_url: format!("{path}/event.ics"),
        share_url: app.platform.url(&path),
        rail,
        about: Safe(event.description_html),
    }
}

fn layout(app: &AppState, frame: &Frame, event: &PublicEvent, types: &[PublicTicketTypeView], path: &str) -> Layout {
    let facts = &event.facts;
    let words = if facts.summary.is_empty() {
        markdown_summary(&event.description, DESCRIPTION_CHARACTERS_MAX)
    } else {
        facts.summary.clone()
    };
    let description = if words.is_empty() { when_line(facts) } else { format!("{} · {words}", when_line(facts)) };
    let mut layout = Layout::new(app, frame, &facts.title).found_at(path, description).hued(facts.hue);
    layout.is_indexed = facts.status != EventStatus::Unlisted;
    layout.image =
        facts.cover.as_ref().map(|cover| app.platform.url(&cover.path(COVER_PIXELS_MAX))).unwrap_or_default();
    layout.structured = Some(structured::embed(&structured::event(&app.platform, event, types)));
    match &event.organiser {
        Some(host) => layout.with_contact(&host.name, &host.contact_email),
        None => layout,
    }
}

fn alert(rail: &Rail, returned: &Returned) -> Option<Alert> {
    if !returned.alert.is_empty() {
        return Some(Alert { title: returned.alert.clone(), items: Vec::new() });
    }
    let wrong_rows = rail.rows.iter().flat_map(|row| {
        let quantity = row.control.iter().map(|control| (row.id.clone(), control.error.clone()));
        let price = row.own_price.iter().map(|own| (format!("{}-price", row.id), own.error.clone()));
        quantity.chain(price)
    });
    let items: Vec<AlertItem> =
        wrong_rows.filter(|(_, text)| !text.is_empty()).map(|(anchor, text)| AlertItem { anchor, text }).collect();
    if items.is_empty() { None } else { Some(Alert { title: "Your choice needs another look".to_owned(), items }) }
}

fn time_fact(facts: &EventFacts) -> TimeFact {
    let first = facts.starts_local.date();
    let times = times_line(facts);
    let ends_at = if times.is_some() { facts.ends_at.to_string() } else { String::new() };
    let note = times.unwrap_or_else(|| {
        let starts = facts.starts_local.strftime("%a %H:%M");
        let ends = facts.ends_local.strftime("%a %H:%M");
        format!("{starts} – {ends} {}", facts.starts_at.to_zoned(facts.zone.rules()).strftime("%Z"))
    });
    TimeFact {
        month: first.strftime("%b").to_string(),
        day: first.strftime("%-d").to_string(),
        title: dates_line(facts),
        note,
        starts_at: facts.starts_at.to_string(),
        ends_at,
        zone: facts.zone.to_string(),
    }
}

fn place_fact(facts: &EventFacts) -> Option<PlaceFact> {
    if !facts.attendance.has_place() {
        let note = "Ticket holders get the link.".to_owned();
        return Some(PlaceFact { icon: "video", title: "Online".to_owned(), note, map_url: String::new() });
    }
    let mut lines = place_lines(facts);
    if facts.attendance.has_link() {
        lines.pop();
    }
    let found = encode(&lines.join(", "));
    let mut lines = lines.into_iter();
    let title = lines.next()?;
    let map_url = format!("https://www.openstreetmap.org/search?query={found}");
    Some(PlaceFact { icon: "map-pin", title, note: lines.collect::<Vec<_>>().join(", "), map_url })
}
