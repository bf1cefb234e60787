//! The start page and the list of what is ahead: one search, two pages.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use catalog::api::{Category, DiscoverFilter, DiscoverQuery, EventFacts, PublicSummary, discover as find};
use http::StatusCode;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use kernel::Page;
use platform::Scope;
use serde::Deserialize;
use web::{AppState, Frame, Problem, Query};

use crate::address::with_query;
use crate::answer;
use crate::card::EventCard;
use crate::layout::Layout;
use crate::structured;

/// Cards on the start page: three rows on wide screens.
const HOME_CARDS_MAX: u32 = 9;
/// Cards on a page of the list.
const LIST_CARDS_MAX: u32 = 24;

const TAGLINE: &str = "Find events near you and get tickets in a minute. No account needed.";

/// The search as it stands in an address. Parameters of other people's making (campaign tags) do no harm.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    cursor: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    layout: Layout,
    chips: Vec<Chip>,
    cards: Vec<EventCard>,
    has_more: bool,
}

#[derive(Template)]
#[template(path = "discover.html")]
struct DiscoverPage {
    layout: Layout,
    heading: String,
    search: Search,
    categories: Vec<Choice>,
    chips: Vec<Chip>,
    cards: Vec<EventCard>,
    errors: Vec<FieldNote>,
    is_filtered: bool,
    are_more_open: bool,
    first_url: String,
    next_url: String,
}

/// A link that filters.
struct Chip {
    url: String,
    label: &'static str,
    is_current: bool,
}

/// An option of a select.
struct Choice {
    value: &'static str,
    label: &'static str,
    is_chosen: bool,
}

/// What is wrong with one field of the search.
struct FieldNote {
    field: String,
    message: String,
}

/// `GET /`
pub(crate) async fn home(State(app): State<AppState>, frame: Frame) -> Result<Response, Problem> {
    let filter = DiscoverFilter { limit: Some(HOME_CARDS_MAX), ..DiscoverFilter::default() };
    let found = app.platform.db.read(Scope::Public, "discover_events", filter, find).await?;
    let mut layout = Layout::new(&app, &frame, "Find something to go to").found_at("/", TAGLINE);
    layout.structured = Some(structured::embed(&structured::list(&app.platform, &facts(&found))));
    layout.has_search = false;
    answer::public(&HomePage {
        layout,
        chips: chips(&Search::default(), today(&app)),
        cards: found.items.iter().map(EventCard::of).collect(),
        has_more: found.next_cursor.is_some(),
    })
}

/// `GET /discover`
pub(crate) async fn discover(
    State(app): State<AppState>,
    frame: Frame,
    Query(search): Query<Search>,
) -> Result<Response, Problem> {
    let query = search.query();
    let (found, errors) = match query.filter() {
        Ok(filter) => (app.platform.db.read(Scope::Public, "discover_events", filter, find).await?, Vec::new()),
        Err(wrong) => (Page { items: Vec::new(), next_cursor: None }, wrong.0),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let heading = search.heading();
    let description = format!("{heading}: dates, places and tickets.");
    let mut layout = Layout::new(&app, &frame, &heading).found_at(&search.canonical(), description);
    layout.structured = Some(structured::embed(&structured::list(&app.platform, &facts(&found))));
    layout.has_search = false;
    layout.is_indexed = errors.is_empty() && search.cursor.is_empty();
    let page = DiscoverPage {
        layout,
        heading,
        categories: categories(&search.category),
        chips: chips(&search, today(&app)),
        cards: found.items.iter().map(EventCard::of).collect(),
        errors: errors.into_iter().map(|error| FieldNote { field: error.field, message: error.message }).collect(),
        is_filtered: search.is_filtered(),
        are_more_open: !search.to.is_empty() || !search.category.is_empty(),
        first_url: if search.cursor.is_empty() { String::new() } else { search.address("") },
        next_url: found.next_cursor.map(|cursor| search.address(&cursor)).unwrap_or_default(),
        search,
    };
    Ok((status, answer::public(&page)?).into_response())
}

fn facts(found: &Page<PublicSummary>) -> Vec<&EventFacts> {
    found.items.iter().map(|event| &event.facts).collect()
}

impl Search {
    fn query(&self) -> DiscoverQuery {
        let given = |text: &str| Some(text.to_owned());
        DiscoverQuery {
            q: given(&self.q),
            city: given(&self.city),
            category: given(&self.category),
            from: given(&self.from),
            to: given(&self.to),
            limit: Some(LIST_CARDS_MAX),
            cursor: given(&self.cursor),
        }
    }

    fn address(&self, cursor: &str) -> String {
        let Self { q, city, category, from, to, .. } = self;
        let parameters = [("q", q), ("city", city), ("category", category), ("from", from), ("to", to)];
        let mut parameters: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        parameters.push(("cursor", cursor));
        with_query("/discover", &parameters)
    }

    /// The address that search engines know: one a city and a kind, not one a search.
    fn canonical(&self) -> String {
        with_query("/discover", &[("city", &self.city), ("category", &self.category)])
    }

    fn is_filtered(&self) -> bool {
        [&self.q, &self.city, &self.category, &self.from, &self.to].into_iter().any(|field| !field.trim().is_empty())
    }

    fn heading(&self) -> String {
        let kind = match self.category.parse() {
            Ok(Category::Other) | Err(_) => "Events",
            Ok(category) => label(category),
        };
        let city = self.city.trim();
        if city.is_empty() { kind.to_owned() } else { format!("{kind} in {city}") }
    }
}

/// Today where nobody said which place they mean.
fn today(app: &AppState) -> Date {
    app.platform.clock.now().to_zoned(TimeZone::UTC).date()
}

/// Today, this weekend, and every kind: each a link that keeps the rest of the search.
fn chips(search: &Search, today: Date) -> Vec<Chip> {
    let (saturday, sunday) = weekend(today);
    let day = |label, from: Date, to: Date| {
        let (from, to) = (from.to_string(), to.to_string());
        let is_current = search.from == from && search.to == to;
        let next = if is_current {
            Search { from: String::new(), to: String::new(), ..search.clone() }
        } else {
            Search { from, to, ..search.clone() }
        };
        Chip { url: next.address(""), label, is_current }
    };
    let kind = |category: Category| {
        let is_current = search.category == category.as_str();
        let chosen = if is_current { String::new() } else { category.as_str().to_owned() };
        Chip { url: Search { category: chosen, ..search.clone() }.address(""), label: label(category), is_current }
    };
    let days = [day("Today", today, today), day("This weekend", saturday, sunday)];
    days.into_iter()
        .chain(Category::ALL.iter().copied().filter(|category| *category != Category::Other).map(kind))
        .collect()
}

/// The weekend that is, or the one that comes.
fn weekend(today: Date) -> (Date, Date) {
    let sunday =
        if today.weekday() == Weekday::Sunday { today } else { today.nth_weekday(1, Weekday::Sunday).unwrap_or(today) };
    (sunday.yesterday().unwrap_or(sunday).max(today), sunday)
}

fn categories(chosen: &str) -> Vec<Choice> {
    let choice = |category: &Category| Choice {
        value: category.as_str(),
        label: label(*category),
        is_chosen: category.as_str() == chosen,
    };
    Category::ALL.iter().map(choice).collect()
}

fn label(category: Category) -> &'static str {
    match category {
        Category::Music => "Music",
        Category::Conference => "Conferences",
        Category::Meetup => "Meetups",
        Category::Workshop => "Workshops",
        Category::Sport => "Sport",
        Category::Theatre => "Theatre",
        Category::Party => "Parties",
        Category::Other => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weekend_is_the_one_that_is_or_comes() {
        let of = |day: &str| {
            let (first, last) = weekend(day.parse().unwrap());
            format!("{first} {last}")
        };
        assert_eq!(of("2027-03-11"), "2027-03-13 2027-03-14");
        assert_eq!(of("2027-03-13"), "2027-03-13 2027-03-14");
        assert_eq!(of("2027-03-14"), "2027-03-14 2027-03-14");
        assert_eq!(of("2027-03-15"), "2027-03-20 2027-03-21");
    }

    #[test]
    fn chips_keep_the_rest_of_the_search() {
        let search = Search { city: "Rotterdam".to_owned(), category: "music".to_owned(), ..Search::default() };
        let chips = chips(&search, "2027-03-11".parse().unwrap());
        let urls: Vec<&str> = chips.iter().take(3).map(|chip| chip.url.as_str()).collect();
        assert_eq!(
            urls,
            [
                "/discover?city=Rotterdam&category=music&from=2027-03-11&to=2027-03-11",
                "/discover?city=Rotterdam&category=music&from=2027-03-13&to=2027-03-14",
                "/discover?city=Rotterdam",
            ]
        );
    }
}
