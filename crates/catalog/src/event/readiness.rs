//! What an event needs before people may see it. The gate of publication and the organiser's list come from this one function.

use super::model::{Attendance, EventFacts};

/// One point of the list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ReadinessItem {
    /// A stable word: `place`, `online_url`.
    pub code: String,
    /// Whether it is in order.
    pub ok: bool,
    /// A sentence for the organiser.
    pub text: String,
}

/// The points that apply to an event: a place for those who come, a link for those who do not.
pub fn readiness(event: &EventFacts) -> Vec<ReadinessItem> {
    readiness_of(event.attendance, &event.venue_name, &event.address, &event.online_url)
}

pub(crate) fn readiness_of(
    attendance: Attendance,
    venue_name: &str,
    address: &str,
    online_url: &str,
) -> Vec<ReadinessItem> {
    let mut items = Vec::new();
    if attendance.has_place() {
        let ok = !venue_name.is_empty() || !address.is_empty();
        items.push(item(
            "place",
            ok,
            "It says where to go.",
            "Add a venue or an address, so that people know where to go.",
        ));
    }
    if attendance.has_link() {
        let ok = !online_url.is_empty();
        items.push(item(
            "online_url",
            ok,
            "It has a link to join online.",
            "Add the link to join online; only ticket holders get it.",
        ));
    }
    items
}

fn item(code: &str, ok: bool, done: &str, missing: &str) -> ReadinessItem {
    ReadinessItem { code: code.to_owned(), ok, text: if ok { done } else { missing }.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(attendance: Attendance, venue: &str, address: &str, link: &str) -> Vec<String> {
        readiness_of(attendance, venue, address, link)
            .into_iter()
            .filter(|item| !item.ok)
            .map(|item| item.code)
            .collect()
    }

    #[test]
    fn people_must_know_where_to_go() {
        assert_eq!(missing(Attendance::InPerson, "", "", "https://example.org"), ["place"]);
        assert!(missing(Attendance::InPerson, "Pakhuis 14", "", "").is_empty());
        assert!(missing(Attendance::InPerson, "", "Rijnhaven 14", "").is_empty());
        assert_eq!(missing(Attendance::Online, "Pakhuis 14", "", ""), ["online_url"]);
        assert!(missing(Attendance::Online, "", "", "https://example.org").is_empty());
        assert_eq!(missing(Attendance::Hybrid, "", "", ""), ["place", "online_url"]);
    }
}
