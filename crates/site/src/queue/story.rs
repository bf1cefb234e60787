//! What a place in the waiting room means, in words. `web/src/site/queue.ts` says the same for as long as someone waits.

use boxoffice::waiting_room::model::estimate::Estimate;
use boxoffice::waiting_room::place::PlaceView;
use kernel::ZoneName;

use crate::words::instant_line;

/// The words at the top of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Story {
    pub icon: &'static str,
    pub tick: &'static str,
    pub heading: String,
    pub text: String,
    pub note: String,
}

fn story_of(icon: &'static str, tick: &'static str, heading: &str, text: &str) -> Story {
    Story { icon, tick, heading: heading.to_owned(), text: text.to_owned(), note: String::new() }
}

/// Tells a place.
pub(super) fn tell(place: &PlaceView, zone: &ZoneName) -> Story {
    match place.state.as_str() {
        "admitted" => {
            story_of("ticket", "", "It is your turn", "Choose your tickets now. Your turn works in this browser only.")
        }
        "bought" => story_of(
            "check",
            "",
            "You had your turn",
            "Your order is placed. The mail we sent you leads to your tickets.",
        ),
        "lapsed" => story_of(
            "clock",
            "tick-wait",
            "Your turn is over",
            "The time ran out before you ordered. You can join again, behind everyone who waits.",
        ),
        "left" => story_of(
            "clock",
            "tick-wait",
            "You left the line",
            "Your place was given up, or you were away for more than a minute. You can join again.",
        ),
        _ => waiting(place, zone),
    }
}

fn waiting(place: &PlaceView, zone: &ZoneName) -> Story {
    let (heading, text) = match place.ahead {
        _ if place.is_sold_out => (
            "Sold out".to_owned(),
            "Every place is sold. You may stay: when places come back, you are let in in turn.".to_owned(),
        ),
        None => (
            "You are in the waiting room".to_owned(),
            format!(
                "The sale starts on {}. Then everyone who is here gets a place by lot; coming early gives no advantage.",
                instant_line(place.opens_at, zone)
            ),
        ),
        Some(ahead) => (ahead_words(ahead), progress(place)),
    };
    let note = if place.may_run_out && !place.is_sold_out {
        "Those ahead of you may take everything that is left.".to_owned()
    } else {
        format!("{} waiting in all.", people(i64::try_from(place.waiting).unwrap_or(i64::MAX)))
    };
    Story { icon: "users", tick: "tick-wait", heading, text, note }
}

fn progress(place: &PlaceView) -> String {
    match (place.room.as_str(), place.estimate) {
        ("paused" | "stopped", _) => "The organiser has paused the sale. Your place is kept.".to_owned(),
        (_, Some(estimate)) => estimate_words(estimate),
        (_, None) => "How long it takes cannot be said yet.".to_owned(),
    }
}

/// `Nobody is ahead of you`, `1 person is ahead of you`, `1,234 people are ahead of you`.
fn ahead_words(ahead: i64) -> String {
    match ahead {
        0 => "You are next".to_owned(),
        1 => "1 person is ahead of you".to_owned(),
        more => format!("{} people are ahead of you", grouped(more)),
    }
}

fn people(count: i64) -> String {
    if count == 1 { "1 person is".to_owned() } else { format!("{} people are", grouped(count)) }
}

/// `About 2 to 5 minutes`, as fast as people were let in lately.
fn estimate_words(estimate: Estimate) -> String {
    let from = estimate.from_seconds / 60;
    match estimate.to_seconds.map(|seconds| seconds / 60) {
        Some(to) if to <= 1 => "Less than a minute, as people were let in lately.".to_owned(),
        Some(to) if from == 0 => format!("Up to {to} minutes, as people were let in lately."),
        Some(to) => format!("About {from} to {to} minutes, as people were let in lately."),
        None if from == 0 => "How long it takes cannot be said: at times nobody was let in.".to_owned(),
        None => {
            format!("At least {from} {}, as people were let in lately.", if from == 1 { "minute" } else { "minutes" })
        }
    }
}

/// `12,345`.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_like_words() {
        assert_eq!([grouped(7), grouped(1234), grouped(1_234_567)], ["7", "1,234", "1,234,567"]);
        assert_eq!([ahead_words(0), ahead_words(1)], ["You are next", "1 person is ahead of you"]);
        let words = |from_seconds, to_seconds| estimate_words(Estimate { from_seconds, to_seconds });
        assert_eq!(words(0, Some(60)), "Less than a minute, as people were let in lately.");
        assert_eq!(words(0, Some(180)), "Up to 3 minutes, as people were let in lately.");
        assert_eq!(words(120, Some(300)), "About 2 to 5 minutes, as people were let in lately.");
        assert_eq!(words(60, None), "At least 1 minute, as people were let in lately.");
    }
}
