//! The public page of an organiser.

use askama::Template;
use askama::filters::Safe;
use axum::extract::State;
use axum::response::Response;
use catalog::api::{OrganisationPage, PublicSummary, markdown_html, markdown_summary, page_by_slug, upcoming_of};
use platform::{Failure, NotFound, Scope, Tx};
use web::{AppState, Frame, Path, Problem};

use crate::answer;
use crate::card::EventCard;
use crate::layout::Layout;
use crate::structured;

/// What search engines show of the text about an organiser, in characters.
const DESCRIPTION_CHARACTERS_MAX: usize = 160;

#[derive(Template)]
#[template(path = "organiser.html")]
struct OrganiserPage {
    layout: Layout,
    name: String,
    initials: String,
    about: Safe<String>,
    website: String,
    website_label: String,
    email: String,
    cards: Vec<EventCard>,
}

/// `GET /@{slug}`
pub(crate) async fn show(
    State(app): State<AppState>,
    frame: Frame,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    let (page, upcoming) = app.platform.db.read(Scope::Public, "show_organiser", slug, read).await?;
    let mut layout = Layout::new(&app, &frame, &page.name)
        .found_at(&format!("/@{}", page.slug), description(&page))
        .hued(page.hue)
        .with_contact(&page.name, &page.contact_email);
    layout.structured = Some(structured::embed(&structured::organisation(&app.platform, &page)));
    answer::public(&OrganiserPage {
        layout,
        initials: initials(&page.name),
        about: Safe(markdown_html(&page.about)),
        website_label: page.website.split("://").last().unwrap_or_default().trim_end_matches('/').to_owned(),
        website: page.website,
        email: page.contact_email,
        name: page.name,
        cards: upcoming.iter().map(EventCard::of).collect(),
    })
}

async fn read(tx: &mut Tx, slug: String) -> Result<(OrganisationPage, Vec<PublicSummary>), Failure<NotFound>> {
    let page = page_by_slug(tx, &slug).await?.ok_or(NotFound)?;
    let upcoming = upcoming_of(tx, page.organisation).await?;
    Ok((page, upcoming))
}

fn description(page: &OrganisationPage) -> String {
    let about = markdown_summary(&page.about, DESCRIPTION_CHARACTERS_MAX);
    if about.is_empty() { format!("Events by {} and their tickets.", page.name) } else { about }
}

/// The first letters of the first two words.
fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).take(2).flat_map(char::to_uppercase).collect()
}
