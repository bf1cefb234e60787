//! What machines that read the site ask for first.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use catalog::api::{DiscoverFilter, PublicSummary, discover};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use platform::{Failure, Never, Scope, Tx};
use web::{AppState, Problem};

/// The most events a sitemap names. The standard allows 50,000 addresses; what is furthest ahead can wait.
const SITEMAP_EVENTS_MAX: usize = 2_000;
const EVENTS_A_READ: u32 = 100;
const FOR_AN_HOUR: &str = "public, max-age=3600";

/// `GET /robots.txt` (RFC 9309): everything may be read but what is somebody's own.
pub(crate) async fn robots(State(app): State<AppState>) -> Response {
    let text = format!(
        "User-agent: *\nDisallow: /app\nDisallow: /api/\nDisallow: /checkout/\nDisallow: /dev/\nDisallow: /login\nDisallow: /my/\n\
         Disallow: /o/\nDisallow: /pay/\nDisallow: /t/\n\nSitemap: {}\n",
        app.platform.url("/sitemap.xml")
    );
    ([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, FOR_AN_HOUR)], text).into_response()
}

/// `GET /sitemap.xml`: the start page, the list, the events that are ahead and those who hold them.
pub(crate) async fn sitemap(State(app): State<AppState>) -> Result<Response, Problem> {
    let events = app.platform.db.read(Scope::Public, "list_sitemap", (), ahead).await?;
    let mut organisers: Vec<String> = events
        .iter()
        .filter_map(|event| event.organiser.as_ref())
        .map(|organiser| format!("/@{}", organiser.slug))
        .collect();
    organisers.sort();
    organisers.dedup();
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for path in ["/".to_owned(), "/discover".to_owned()].into_iter().chain(organisers) {
        // Slugs are letters, digits and hyphens: nothing here needs escaping. Writing into a String cannot fail.
        let _ = writeln!(xml, "<url><loc>{}</loc></url>", app.platform.url(&path));
    }
    for PublicSummary { facts, .. } in &events {
        let url = app.platform.url(&format!("/e/{}", facts.slug));
        let _ =
            writeln!(xml, "<url><loc>{url}</loc><lastmod>{}</lastmod></url>", facts.updated_at.strftime("%Y-%m-%d"));
    }
    xml.push_str("</urlset>\n");
    Ok(([(CONTENT_TYPE, "application/xml; charset=utf-8"), (CACHE_CONTROL, FOR_AN_HOUR)], xml).into_response())
}

async fn ahead(tx: &mut Tx, (): ()) -> Result<Vec<PublicSummary>, Failure<Never>> {
    let mut events = Vec::new();
    let mut filter = DiscoverFilter { limit: Some(EVENTS_A_READ), ..DiscoverFilter::default() };
    loop {
        let page = discover(tx, filter.clone()).await?;
        events.extend(page.items);
        let next = page.next_cursor.and_then(|cursor| cursor.parse().ok());
        if next.is_none() || events.len() >= SITEMAP_EVENTS_MAX {
            return Ok(events);
        }
        filter.after = next;
    }
}
