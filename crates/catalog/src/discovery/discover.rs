//! The discover list: what is ahead, found by words, city, kind and dates.

use axum::extract::State;
use jiff::civil::Date;
use kernel::{Page, PageRequest};
use platform::db::Tx;
use platform::{Failure, InvalidFields, Never, Scope};
use serde::Deserialize;
use web::{AppState, Json, Problem, Query};

use super::store;
use super::view::PublicSummaryView;
use crate::event::cursor::EventCursor;
use crate::event::list::{SEARCH_CHARACTERS_MAX, cursor};
use crate::event::model::{CITY_CHARACTERS_MAX, Category, EventFacts};
use crate::event::store::Held;
use crate::event::view::given;
use crate::organiser::Organiser;
use crate::text::Complaints;

/// What to look for. `Default` finds everything that is ahead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiscoverFilter {
    /// Words, quoted phrases, `or` and `-`, as web searches take them.
    pub q: Option<String>,
    /// A city, in any case.
    pub city: Option<String>,
    /// A kind.
    pub category: Option<Category>,
    /// Events that are not over before this day begins, at their own place.
    pub from: Option<Date>,
    /// Events that begin on this day or before, at their own place.
    pub to: Option<Date>,
    /// Where the page before ended.
    pub after: Option<EventCursor>,
    /// Items a page; 50 when left out.
    pub limit: Option<u32>,
}

impl DiscoverFilter {
    fn page(&self) -> PageRequest {
        PageRequest { limit: self.limit, cursor: None }
    }
    pub(crate) fn rows(&self) -> i64 {
        self.page().rows()
    }
}

/// An event of a public list. Its `online_url` is blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicSummary {
    /// The event.
    pub facts: EventFacts,
    /// Who holds it, if the organisation's page is there already.
    pub organiser: Option<Organiser>,
}

impl From<Held> for PublicSummary {
    fn from((event, organiser): Held) -> Self {
        Self { facts: event.facts, organiser }
    }
}

/// Listed events that are not over, the earliest first.
pub async fn discover(tx: &mut Tx, filter: DiscoverFilter) -> Result<Page<PublicSummary>, Failure<Never>> {
    let found = store::discover(tx, &filter).await?;
    let events = found.into_iter().map(PublicSummary::from).collect();
    Ok(Page::cut(events, filter.page().items(), |event: &PublicSummary| EventCursor::at(&event.facts).to_string()))
}

/// The discover filters as they stand in an address. A form sends what was not filled in as empty texts; they filter nothing.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DiscoverQuery {
    /// Words, quoted phrases, `or` and `-`.
    pub q: Option<String>,
    /// A city, in any case.
    pub city: Option<String>,
    /// `music`, `conference`, `meetup`, `workshop`, `sport`, `theatre`, `party` or `other`.
    pub category: Option<String>,
    /// The first day, `2027-03-12`, at the place of each event.
    pub from: Option<String>,
    /// The last day, `2027-03-14`, at the place of each event.
    pub to: Option<String>,
    /// Items a page, 1 to 100; 50 when left out.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl DiscoverQuery {
    /// Reads the filters.
    pub fn filter(&self) -> Result<DiscoverFilter, InvalidFields> {
        let mut complaints = Complaints::default();
        let q = complaints.line("q", self.q.as_deref().unwrap_or_default(), SEARCH_CHARACTERS_MAX);
        let city = complaints.line("city", self.city.as_deref().unwrap_or_default(), CITY_CHARACTERS_MAX);
        let category = filled(self.category.as_deref()).and_then(|word| {
            word.parse().map_err(|_| complaints.add("category", "unknown", "Choose one of the kinds.")).ok()
        });
        let from = day("from", self.from.as_deref(), &mut complaints);
        let to = day("to", self.to.as_deref(), &mut complaints);
        let after = cursor(self.cursor.as_deref(), &mut complaints);
        complaints.refuse_any()?;
        Ok(DiscoverFilter { q: given(&q), city: given(&city), category, from, to, after, limit: self.limit })
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn day(field: &'static str, text: Option<&str>, complaints: &mut Complaints) -> Option<Date> {
    let text = filled(text)?;
    let is_plain = text.len() == "2027-03-12".len() && !text.starts_with('-');
    let day = if is_plain { text.parse().ok() } else { None };
    if day.is_none() {
        complaints.add(field, "not_a_date", "Write the date like 2027-03-12.");
    }
    day
}

/// Find events that are ahead.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "discovery",
    params(DiscoverQuery),
    responses((status = 200, body = Page<PublicSummaryView>)),
    extensions(("x-access" = json!("public")))
)]
pub(crate) async fn discover_events(
    State(app): State<AppState>,
    Query(query): Query<DiscoverQuery>,
) -> Result<Json<Page<PublicSummaryView>>, Problem> {
    let filter = query.filter().map_err(|wrong| Problem::refused(&wrong))?;
    let page = app.platform.db.read(Scope::Public, "discover_events", filter, discover).await?;
    Ok(Json(page.map(|event| PublicSummaryView::of(&app.platform, &event))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_a_form_leaves_empty_filters_nothing() {
        let query = DiscoverQuery {
            q: some(" "),
            city: some(""),
            category: some(""),
            from: some(""),
            to: some(""),
            limit: None,
            cursor: some(""),
        };
        assert_eq!(query.filter(), Ok(DiscoverFilter::default()));
    }

    #[test]
    fn wrong_filters_are_told_together() {
        let query = DiscoverQuery {
            category: some("opera"),
            from: some("12 March"),
            to: some("2027-02-30"),
            cursor: some("x"),
            ..DiscoverQuery::default()
        };
        let fields: Vec<String> = query.filter().unwrap_err().0.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["category", "from", "to", "cursor"]);
    }
}
