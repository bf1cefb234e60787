//! The only source of the present time. Everything else is told what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// A clock: the machine's, or one that tests set by hand.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    Machine,
    ByHand(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn machine() -> Self {
        Self(Source::Machine)
    }

    /// A clock that stands still until it is moved.
    pub fn by_hand(now: Timestamp) -> Self {
        Self(Source::ByHand(Arc::new(AtomicI64::new(now.as_microsecond()))))
    }

    /// The present instant, in whole microseconds as PostgreSQL keeps them.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine for the time")]
    pub fn now(&self) -> Timestamp {
        let microseconds = match &self.0 {
            Source::Machine => Timestamp::now().as_microsecond(),
            Source::ByHand(now) => now.load(Ordering::SeqCst),
        };
        Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Moves a clock that is set by hand; the machine's clock is not moved.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::ByHand(now) = &self.0 {
            let microseconds = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            now.fetch_add(microseconds, Ordering::SeqCst);
        }
    }
}
