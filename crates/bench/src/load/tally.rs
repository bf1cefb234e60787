//! What the connections of one thread count.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;

use super::spec::{Latency, Report};
use crate::arithmetic::float;

/// The longest latency that is told apart, microseconds.
const LATENCY_MAX_US: u64 = 120_000_000;
/// Three digits: a p99 of 20 ms is known to 20 us.
const DIGITS: u8 = 3;

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what was asked.
    Done,
    /// No places were left.
    Refused,
    /// Something else.
    Failed,
}

/// Counts of one thread.
#[derive(Debug)]
pub struct Tally {
    histogram: Histogram<u64>,
    counts: Report,
}

impl Tally {
    /// All zero.
    ///
    /// # Errors
    /// Never with these bounds; the library's own check.
    pub fn new() -> Result<Self> {
        Ok(Self { histogram: Histogram::new_with_bounds(1, LATENCY_MAX_US, DIGITS)?, counts: Report::default() })
    }

    /// An answer; counted when it is measured.
    pub fn answered(&mut self, status: u16, bytes: usize, is_measured: bool) {
        if is_measured {
            *self.counts.statuses.entry(status).or_default() += 1;
            self.counts.bytes += u64::try_from(bytes).unwrap_or_default();
        }
    }

    /// The end of an operation.
    pub fn ended(&mut self, outcome: Outcome, is_measured: bool) {
        if outcome == Outcome::Done {
            self.counts.done_in_all += 1;
        }
        if is_measured {
            match outcome {
                Outcome::Done => self.counts.done += 1,
                Outcome::Refused => self.counts.refused += 1,
                Outcome::Failed => self.counts.failed += 1,
            }
        }
    }

    /// How long an operation took.
    pub fn took(&mut self, latency: Duration) {
        self.took_each(latency, 1);
    }

    /// So many operations took at least as long.
    pub fn took_each(&mut self, latency: Duration, count: u64) {
        // The histogram would take the latency of none for its longest.
        if count == 0 {
            return;
        }
        let us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).clamp(1, LATENCY_MAX_US);
        self.histogram.saturating_record_n(us, count);
    }

    /// A connection broke; whether the operation happened is not known.
    pub fn broke(&mut self, is_measured: bool) {
        self.counts.unknown_in_all += 1;
        if is_measured {
            self.counts.errors += 1;
        }
    }

    /// Operations that were cut off.
    pub fn cut_off(&mut self, count: u64) {
        self.counts.unknown_in_all += count;
    }

    /// There was nothing left to ask for.
    pub fn ran_out(&mut self) {
        self.counts.ran_out = true;
    }

    /// How many latencies were kept.
    pub fn recorded(&self) -> u64 {
        self.histogram.len()
    }

    /// Adds what another thread counted.
    ///
    /// # Errors
    /// When the histograms do not fit together, which those of one program do.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.histogram.add(&other.histogram)?;
        let (ours, theirs) = (&mut self.counts, &other.counts);
        for (status, count) in &theirs.statuses {
            *ours.statuses.entry(*status).or_default() += count;
        }
        ours.done += theirs.done;
        ours.refused += theirs.refused;
        ours.failed += theirs.failed;
        ours.errors += theirs.errors;
        ours.bytes += theirs.bytes;
        ours.done_in_all += theirs.done_in_all;
        ours.unknown_in_all += theirs.unknown_in_all;
        ours.ran_out |= theirs.ran_out;
        Ok(())
    }

    /// The counts with the percentiles.
    pub fn report(&self) -> Report {
        Report {
            latency: latency_of(&self.histogram),
            statuses: BTreeMap::clone(&self.counts.statuses),
            ..self.counts.clone()
        }
    }
}

fn latency_of(histogram: &Histogram<u64>) -> Latency {
    let at = |quantile: f64| float(histogram.value_at_quantile(quantile)) / 1000.0;
    Latency { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: float(histogram.max()) / 1000.0 }
}

/// Percentiles of latencies in microseconds, by the same histogram.
///
/// # Errors
/// As [`Tally::new`].
pub fn percentiles(latencies_us: impl Iterator<Item = u64>) -> Result<Latency> {
    let mut tally = Tally::new()?;
    for latency in latencies_us {
        tally.took(Duration::from_micros(latency));
    }
    Ok(latency_of(&tally.histogram))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_values() {
        let found = percentiles((1..=1000).map(|ms| ms * 1000)).unwrap();
        let near = |found: f64, wanted: f64| (found - wanted).abs() <= wanted / 1000.0;
        assert!(near(found.p50, 500.0) && near(found.p90, 900.0), "{found:?}");
        assert!(near(found.p99, 990.0) && near(found.p999, 999.0) && near(found.max, 1000.0), "{found:?}");
    }

    #[test]
    fn what_lies_outside_the_window_is_not_counted() {
        let mut tally = Tally::new().unwrap();
        tally.answered(201, 900, false);
        tally.ended(Outcome::Done, false);
        tally.answered(201, 900, true);
        tally.ended(Outcome::Done, true);
        tally.answered(409, 300, true);
        tally.ended(Outcome::Refused, true);
        tally.broke(true);
        let report = tally.report();
        assert_eq!((report.done, report.refused, report.failed, report.errors), (1, 1, 0, 1));
        assert_eq!((report.done_in_all, report.unknown_in_all, report.bytes), (2, 1, 1200));
        assert_eq!(report.statuses, BTreeMap::from([(201, 1), (409, 1)]));
    }

    #[test]
    fn threads_add_up() {
        let (mut one, mut two) = (Tally::new().unwrap(), Tally::new().unwrap());
        one.took(Duration::from_millis(1));
        two.took_each(Duration::from_millis(9), 3);
        two.ended(Outcome::Done, true);
        two.ran_out();
        one.merge(&two).unwrap();
        let report = one.report();
        assert_eq!((one.recorded(), report.done, report.ran_out), (4, 1, true));
        assert!((report.latency.p50 - 9.0).abs() < 0.01);
    }

    #[test]
    fn the_latency_of_none_is_not_the_longest() {
        let mut tally = Tally::new().unwrap();
        tally.took(Duration::from_millis(2));
        tally.took_each(Duration::from_secs(10), 0);
        assert!(tally.report().latency.max < 3.0);
    }

    #[test]
    fn a_latency_beyond_the_bounds_is_kept_as_the_longest() {
        let mut tally = Tally::new().unwrap();
        tally.took(Duration::from_secs(1000));
        assert!(tally.report().latency.max >= 119_000.0);
    }
}
