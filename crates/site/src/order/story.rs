//! What has become of an order, in plain words, and of the money.

use boxoffice::order::present::OrderView;
use catalog::api::{EventFacts, EventStatus};
use jiff::Timestamp;

use crate::words::{counted, instant_line, time_line};

/// How the top of the page looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Story {
    /// `tick-wait`, `tick-bad` or nothing.
    pub tick: &'static str,
    pub icon: &'static str,
    pub heading: &'static str,
    pub text: String,
    /// The page looks again by itself.
    pub is_pending: bool,
    /// There is something to pay, and time to.
    pub can_pay: bool,
    /// The tickets may be looked for again.
    pub can_choose_again: bool,
    pub steps: Vec<Step>,
}

/// A step of the order's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// `is-done`, `is-failed` or nothing.
    pub class: &'static str,
    pub text: &'static str,
    pub time: String,
}

impl Story {
    /// The story of an order as of `now`.
    pub(super) fn of(order: &OrderView, event: &EventFacts, now: Timestamp) -> Self {
        let mut story = match order.state.as_str() {
            "paid" => paid(order, event, now),
            "awaiting_payment" => awaiting(order, event, now),
            "unfulfilled" => unfulfilled(order),
            "cancelled" => cancelled(order),
            _ => expired(order),
        };
        let placed = Step { class: "is-done", text: "Ordered", time: instant_line(order.created_at, &event.zone) };
        story.steps.insert(0, placed);
        story
    }
}

fn step(class: &'static str, text: &'static str) -> Vec<Step> {
    vec![Step { class, text, time: String::new() }]
}

fn paid(order: &OrderView, event: &EventFacts, now: Timestamp) -> Story {
    let valid = order.tickets.iter().filter(|ticket| ticket.state == "valid").count();
    let count = counted(i64::try_from(valid).unwrap_or(i64::MAX), "ticket");
    let word = if order.total.is_zero() { "Confirmed" } else { "Paid" };
    let time = order.paid_at.map(|at| instant_line(at, &event.zone)).unwrap_or_default();
    let story = Story {
        tick: "",
        icon: "check",
        heading: "You’re going",
        text: format!("{count} for {}. We have sent them to {} as well.", event.title, order.buyer.email),
        is_pending: false,
        can_pay: false,
        can_choose_again: false,
        steps: vec![Step { class: "is-done", text: word, time }],
    };
    if event.status == EventStatus::Cancelled {
        let text = format!("{} does not take place.{}", event.title, money_back(order));
        return Story { tick: "tick-bad", icon: "circle-x", heading: "The event was cancelled", text, ..story };
    }
    if now >= event.ends_at {
        return Story { heading: "Thank you for coming", text: format!("{} is over.", event.title), ..story };
    }
    story
}

fn awaiting(order: &OrderView, event: &EventFacts, now: Timestamp) -> Story {
    let until = order.expires_at.unwrap_or(now);
    let has_failed =
        order.payment.as_ref().is_some_and(|payment| matches!(payment.state.as_str(), "failed" | "cancelled"));
    let story = Story {
        tick: "tick-wait",
        icon: "clock",
        heading: "Waiting for your payment",
        text: format!(
            "Your tickets are held for you until {}. If you have paid already, this page changes by itself in a moment.",
            time_line(until, &event.zone)
        ),
        is_pending: true,
        can_pay: true,
        can_choose_again: false,
        steps: step("", "Payment"),
    };
    if now >= until {
        let text = "Nothing was paid in time, so the tickets go back on sale. If you did pay, wait a moment: this page changes by itself, and money that comes too late goes back to you.";
        return Story {
            heading: "The time to pay is over",
            text: text.to_owned(),
            can_pay: false,
            can_choose_again: true,
            ..story
        };
    }
    if has_failed {
        let text = format!(
            "Nothing was charged. Your tickets are still held until {}: try again.",
            time_line(until, &event.zone)
        );
        return Story {
            tick: "tick-bad",
            icon: "circle-alert",
            heading: "The payment did not go through",
            text,
            steps: step("is-failed", "Payment"),
            ..story
        };
    }
    story
}

fn expired(order: &OrderView) -> Story {
    ended(
        "tick-bad",
        "This order has expired",
        format!("It was not paid in time, so its tickets went back on sale. Nothing is owed.{}", money_back(order)),
        "Not paid in time",
    )
}

fn unfulfilled(order: &OrderView) -> Story {
    let text = format!(
        "Your payment came after your time was over, and somebody else had the tickets by then. We are sorry.{}",
        money_back(order)
    );
    ended("tick-bad", "The tickets were gone", text, "Paid too late")
}

fn cancelled(order: &OrderView) -> Story {
    ended(
        "tick-bad",
        "This order was cancelled",
        format!("Its tickets are not valid any more.{}", money_back(order)),
        "Cancelled",
    )
}

fn ended(tick: &'static str, heading: &'static str, text: String, last: &'static str) -> Story {
    let steps = step("is-failed", last);
    Story { tick, icon: "circle-x", heading, text, is_pending: false, can_pay: false, can_choose_again: true, steps }
}

/// What happens with the money, when there is any to tell of.
fn money_back(order: &OrderView) -> String {
    let Some(payment) = order.payment.as_ref().filter(|payment| payment.state == "succeeded") else {
        return String::new();
    };
    if payment.refunded.is_zero() {
        " Questions about your money go to the organiser.".to_owned()
    } else {
        format!(" {} goes back to you the way you paid; banks take up to five days.", payment.refunded)
    }
}
