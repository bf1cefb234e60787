//! When each operation of an open loop is due.
//!
//! A closed loop waits for an answer before it asks again, so a server that stalls is asked less while it stalls, and most of the
//! waiting is never measured: coordinated omission (Gil Tene, "How NOT to Measure Latency"; wrk2 corrects it in this way). Here
//! operations are due at a constant rate whatever the server does, and each is measured from when it was due, not from when a
//! connection was free to send it.

use std::time::{Duration, Instant};

/// A constant rate from an instant on.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    start: Instant,
    per_second: f64,
}

impl Pace {
    /// So many operations a second; the first is due at once.
    pub fn new(start: Instant, per_second: f64) -> Self {
        Self { start, per_second }
    }

    /// When the operation with this index, from 0, is due. Computed from the start, so that no error adds up.
    pub fn due(&self, index: u64) -> Instant {
        self.start + Duration::from_secs_f64(crate::arithmetic::float(index) / self.per_second)
    }

    /// How many are due in a span that begins so long after the start.
    pub fn count_within(&self, from: Duration, span: Duration) -> u64 {
        let before = |time: Duration| crate::arithmetic::whole((time.as_secs_f64() * self.per_second).ceil());
        before(from + span) - before(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_due_evenly_and_without_drift() {
        let start = Instant::now();
        let pace = Pace::new(start, 3.0);
        assert_eq!(pace.due(0), start);
        let after = |index| pace.due(index).duration_since(start).as_nanos();
        assert_eq!((after(1), after(2), after(3)), (333_333_333, 666_666_667, 1_000_000_000));
        assert_eq!(after(3_000_000), 1_000_000 * 1_000_000_000);
    }

    #[test]
    fn a_span_has_as_many_as_fall_due_in_it() {
        let pace = Pace::new(Instant::now(), 10.0);
        let ms = Duration::from_millis;
        assert_eq!(pace.count_within(ms(0), ms(1000)), 10);
        assert_eq!(pace.count_within(ms(1000), ms(250)), 3);
        assert_eq!(pace.count_within(ms(1250), ms(750)), 7);
    }
}
