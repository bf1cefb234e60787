//! The test provider's checkout: what each button does, and what the provider says of it afterwards.

use jiff::{SignedDuration, Timestamp};
use kernel::{Money, PaymentId};
use serde::Deserialize;

use super::wire::WireState;

/// The longest time that a late payment may be on its way.
pub(super) const LATE_SECONDS_MAX: i64 = 86_400;
/// How long after the checkout closed the money of `after_expiry` arrives.
const AFTER_EXPIRY_SECONDS: i64 = 5;

/// A checkout as the test provider keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TestCheckout {
    pub id: String,
    pub idempotency_key: String,
    pub amount: Money,
    pub description: String,
    pub payment: PaymentId,
    pub return_url: String,
    pub webhook_url: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub state: TestState,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TestState {
    /// The buyer has not decided, or has left for good.
    Open,
    /// The buyer paid; the money is there from that instant on.
    Paid { settles_at: Timestamp },
    /// The buyer chose to be refused.
    Declined,
}

impl TestState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid { .. } => "paid",
            Self::Declined => "declined",
        }
    }
}

/// The buttons of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Button {
    Pay,
    Decline,
    PayLate,
    PayTwice,
    NeverAnswer,
}

/// How late a late payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delay {
    Seconds(i64),
    AfterExpiry,
}

/// A notice to be sent: which one of those that this press causes, and when. Two deliveries of one notice carry the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delivery {
    pub notice: usize,
    pub at: Timestamp,
}

impl TestCheckout {
    /// What the provider says of it.
    pub(super) fn standing(&self, now: Timestamp) -> WireState {
        match self.state {
            TestState::Open if now >= self.expires_at => WireState::Expired,
            TestState::Open => WireState::Open,
            TestState::Paid { settles_at } if now < settles_at => WireState::Processing,
            TestState::Paid { .. } => WireState::Paid,
            TestState::Declined => WireState::Declined,
        }
    }

    /// Presses a button. A checkout that is decided or closed stays as it is, so that a second press does nothing.
    pub(super) fn press(self, button: Button, delay: Delay, now: Timestamp) -> (Self, Vec<Delivery>) {
        if self.standing(now) != WireState::Open {
            return (self, Vec::new());
        }
        let once = vec![Delivery { notice: 0, at: now }];
        let (state, deliveries) = match button {
            Button::NeverAnswer => (TestState::Open, Vec::new()),
            Button::Decline => (TestState::Declined, once),
            Button::Pay => (TestState::Paid { settles_at: now }, once),
            Button::PayTwice => {
                let deliveries = [0, 0, 1].map(|notice| Delivery { notice, at: now }).to_vec();
                (TestState::Paid { settles_at: now }, deliveries)
            }
            Button::PayLate => {
                let at = self.late(delay, now);
                (TestState::Paid { settles_at: at }, vec![Delivery { notice: 0, at }])
            }
        };
        (Self { state, ..self }, deliveries)
    }

    fn late(&self, delay: Delay, now: Timestamp) -> Timestamp {
        match delay {
            Delay::Seconds(seconds) => now + SignedDuration::from_secs(seconds.clamp(0, LATE_SECONDS_MAX)),
            Delay::AfterExpiry => self.expires_at.max(now) + SignedDuration::from_secs(AFTER_EXPIRY_SECONDS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Currency;
    use uuid::Uuid;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn checkout() -> TestCheckout {
        TestCheckout {
            id: "tco_1".to_owned(),
            idempotency_key: "pay_1".to_owned(),
            amount: Money::new(3_800, Currency::parse("EUR").unwrap()),
            description: "Jazz".to_owned(),
            payment: PaymentId::from(Uuid::from_u128(1)),
            return_url: "https://example.org/o".to_owned(),
            webhook_url: "https://example.org/webhooks/test".to_owned(),
            created_at: at(0),
            expires_at: at(600),
            state: TestState::Open,
        }
    }

    fn press(button: Button, delay: Delay) -> (TestCheckout, Vec<(usize, i64)>) {
        let (after, deliveries) = checkout().press(button, delay, at(10));
        (after, deliveries.into_iter().map(|delivery| (delivery.notice, delivery.at.as_second())).collect())
    }

    #[test]
    fn each_button_does_what_it_says() {
        let any = Delay::Seconds(0);
        let (paid, deliveries) = press(Button::Pay, any);
        assert_eq!((paid.standing(at(10)), deliveries), (WireState::Paid, vec![(0, 10)]));
        let (declined, deliveries) = press(Button::Decline, any);
        assert_eq!((declined.standing(at(10)), deliveries), (WireState::Declined, vec![(0, 10)]));
        let (twice, deliveries) = press(Button::PayTwice, any);
        assert_eq!((twice.standing(at(10)), deliveries), (WireState::Paid, vec![(0, 10), (0, 10), (1, 10)]));
        let (silent, deliveries) = press(Button::NeverAnswer, any);
        assert_eq!((silent.standing(at(10)), deliveries), (WireState::Open, vec![]));
        assert_eq!(silent.standing(at(600)), WireState::Expired);
    }

    #[test]
    fn late_money_is_on_its_way_until_it_arrives_even_after_the_page_closed() {
        let (late, deliveries) = press(Button::PayLate, Delay::AfterExpiry);
        assert_eq!(deliveries, [(0, 605)]);
        assert_eq!(
            [10, 600, 604, 605].map(|second| late.standing(at(second))),
            [WireState::Processing, WireState::Processing, WireState::Processing, WireState::Paid]
        );
        assert_eq!(press(Button::PayLate, Delay::Seconds(15)).1, [(0, 25)]);
        assert_eq!(press(Button::PayLate, Delay::Seconds(i64::MAX)).1, [(0, 10 + LATE_SECONDS_MAX)]);
    }

    #[test]
    fn a_second_press_does_nothing() {
        for first in [Button::Pay, Button::Decline, Button::PayLate] {
            let (decided, _) = press(first, Delay::Seconds(60));
            assert_eq!(decided.clone().press(Button::Pay, Delay::Seconds(0), at(11)), (decided, Vec::new()));
        }
        assert_eq!(
            checkout().press(Button::Pay, Delay::Seconds(0), at(600)),
            (checkout(), Vec::new()),
            "the page is closed"
        );
    }
}
