//! What search engines read: JSON-LD in the words of schema.org.

use askama::filters::Safe;
use boxoffice::ticket_type::model::SaleState;
use boxoffice::ticket_type::present::PublicTicketTypeView;
use catalog::api::{Attendance, EventFacts, EventStatus, OrganisationPage, Organiser, PublicEvent};
use platform::Platform;
use serde_json::{Value, json};

use crate::layout::plain_amount;

/// JSON that can stand in a script element: nothing in it ends the element or begins a comment.
pub(crate) fn embed(value: &Value) -> Safe<String> {
    let text = value.to_string();
    Safe(text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
}

/// An event with its offers.
pub(crate) fn event(platform: &Platform, event: &PublicEvent, types: &[PublicTicketTypeView]) -> Value {
    let facts = &event.facts;
    let url = platform.url(&format!("/e/{}", facts.slug));
    let offers: Vec<Value> = types.iter().map(|kind| offer(kind, &url)).collect();
    let mut value = summary(platform, facts, event.organiser.as_ref());
    if let Some(members) = value.as_object_mut() {
        members.insert("@context".to_owned(), json!("https://schema.org"));
        members.insert("offers".to_owned(), json!(offers));
        if let Some(cover) = &facts.cover {
            members.insert("image".to_owned(), json!([platform.url(&cover.path(u32::MAX))]));
        }
    }
    value
}

/// Events in the order of a list.
pub(crate) fn list(platform: &Platform, events: &[&EventFacts]) -> Value {
    let item = |(at, facts): (usize, &&EventFacts)| {
        let url = platform.url(&format!("/e/{}", facts.slug));
        json!({"@type": "ListItem", "position": at + 1, "url": url, "name": facts.title})
    };
    let items: Vec<Value> = events.iter().enumerate().map(item).collect();
    json!({"@context": "https://schema.org", "@type": "ItemList", "itemListElement": items})
}

/// An organisation.
pub(crate) fn organisation(platform: &Platform, page: &OrganisationPage) -> Value {
    let mut value = json!({
        "@context": "https://schema.org", "@type": "Organization", "name": page.name,
        "url": platform.url(&format!("/@{}", page.slug)),
    });
    if let Some(members) = value.as_object_mut().filter(|_| !page.website.is_empty()) {
        members.insert("sameAs".to_owned(), json!(page.website));
    }
    value
}

fn summary(platform: &Platform, facts: &EventFacts, organiser: Option<&Organiser>) -> Value {
    let status = match facts.status {
        EventStatus::Cancelled => "https://schema.org/EventCancelled",
        _ => "https://schema.org/EventScheduled",
    };
    let mode = match facts.attendance {
        Attendance::InPerson => "https://schema.org/OfflineEventAttendanceMode",
        Attendance::Online => "https://schema.org/OnlineEventAttendanceMode",
        Attendance::Hybrid => "https://schema.org/MixedEventAttendanceMode",
    };
    let starts = facts.starts_at.to_zoned(facts.zone.rules());
    let ends = facts.ends_at.to_zoned(facts.zone.rules());
    json!({
        "@type": "Event",
        "name": facts.title,
        "description": facts.summary,
        "url": platform.url(&format!("/e/{}", facts.slug)),
        "startDate": starts.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        "endDate": ends.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        "eventStatus": status,
        "eventAttendanceMode": mode,
        "location": location(platform, facts),
        "organizer": organiser.map(|organiser| json!({
            "@type": "Organization", "name": organiser.name, "url": platform.url(&format!("/@{}", organiser.slug)),
        })),
    })
}

fn location(platform: &Platform, facts: &EventFacts) -> Value {
    let place = json!({
        "@type": "Place",
        "name": if facts.venue_name.is_empty() { &facts.city } else { &facts.venue_name },
        "address": {
            "@type": "PostalAddress", "streetAddress": facts.address, "addressLocality": facts.city, "addressCountry": facts.country,
        },
    });
    // The link to join is for ticket holders; the page stands for it.
    let online = json!({"@type": "VirtualLocation", "url": platform.url(&format!("/e/{}", facts.slug))});
    match facts.attendance {
        Attendance::InPerson => place,
        Attendance::Online => online,
        Attendance::Hybrid => json!([place, online]),
    }
}

fn offer(kind: &PublicTicketTypeView, url: &str) -> Value {
    let availability = match kind.sale {
        SaleState::OnSale => "https://schema.org/InStock",
        SaleState::SoldOut => "https://schema.org/SoldOut",
        SaleState::NotStarted => "https://schema.org/PreOrder",
        SaleState::Ended | SaleState::NotPublished => "https://schema.org/Discontinued",
    };
    json!({
        "@type": "Offer", "name": kind.name, "url": url, "availability": availability,
        "price": plain_amount(kind.price.amount, kind.price.currency), "priceCurrency": kind.price.currency.code(),
        "validFrom": kind.sale_starts_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_end_the_script_element() {
        let Safe(text) = embed(&json!({"name": "</script><script>alert(1)</script><!-- & -->"}));
        assert!(!text.contains(['<', '>', '&']), "{text}");
        assert_eq!(
            serde_json::from_str::<Value>(&text).ok(),
            Some(json!({"name": "</script><script>alert(1)</script><!-- & -->"}))
        );
    }
}
