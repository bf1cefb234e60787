//! How long it may take: a range from the fastest and the slowest that people were let in lately, or nothing at all.

use super::pace::{WINDOW_SECONDS, Window};

/// A rate is taken over so many windows: half a minute.
const WINDOWS_A_RATE: usize = 3;
/// Times are told in whole minutes, so that they do not promise what they cannot know.
const ROUNDED_TO_SECONDS: i64 = 60;
/// Beyond a day no estimate means anything.
const ESTIMATE_SECONDS_MAX: i64 = 86_400;

/// How fast people were let in, in people a thousand seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the slowest half minute of the last five.
    pub low_milli: i64,
    /// In the fastest.
    pub high_milli: i64,
}

/// How long it may take, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Estimate {
    /// At the fastest that was seen.
    pub from_seconds: i64,
    /// At the slowest that was seen; null when at times nobody was let in.
    pub to_seconds: Option<i64>,
}

/// The rates of the last windows, the newest first; the newest is still being counted and left out. `None` until half a minute was seen,
/// or while nobody was let in at all.
pub fn rate(windows: &[Window]) -> Option<Rate> {
    let whole = windows.get(1..)?;
    let sums: Vec<i64> =
        whole.windows(WINDOWS_A_RATE).map(|three| three.iter().map(|window| window.admitted).sum()).collect();
    let seconds = WINDOW_SECONDS * i64::try_from(WINDOWS_A_RATE).unwrap_or(1);
    let milli = |sum: i64| sum * 1000 / seconds;
    let (low, high) = (sums.iter().copied().min()?, sums.iter().copied().max()?);
    (high > 0).then(|| Rate { low_milli: milli(low), high_milli: milli(high) })
}

/// The estimate for someone with so many ahead.
pub fn estimate(ahead: i64, rate: Rate) -> Option<Estimate> {
    let thousands = ahead.checked_add(1)?.checked_mul(1000)?;
    let from = thousands.checked_div(rate.high_milli)?;
    if from > ESTIMATE_SECONDS_MAX {
        return None;
    }
    let to = thousands.checked_div(rate.low_milli).filter(|seconds| *seconds <= ESTIMATE_SECONDS_MAX);
    Some(Estimate {
        from_seconds: from / ROUNDED_TO_SECONDS * ROUNDED_TO_SECONDS,
        to_seconds: to.map(|seconds| (seconds / ROUNDED_TO_SECONDS + 1) * ROUNDED_TO_SECONDS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(admitted: &[i64]) -> Vec<Window> {
        admitted.iter().map(|&admitted| Window { admitted, ..Window::default() }).collect()
    }

    #[test]
    fn nothing_is_said_before_it_was_measured() {
        assert_eq!(rate(&[]), None);
        assert_eq!(rate(&windows(&[50, 50, 50])), None);
        assert_eq!(rate(&windows(&[50, 0, 0, 0])), None);
    }

    #[test]
    fn the_range_spans_the_slowest_and_the_fastest_half_minute() {
        let rate = rate(&windows(&[9, 30, 30, 30, 10, 10, 10])).unwrap();
        assert_eq!(rate, Rate { low_milli: 1000, high_milli: 3000 });
        // 900 people at 3 and at 1 a second: 300 and 900 seconds.
        assert_eq!(estimate(899, rate), Some(Estimate { from_seconds: 300, to_seconds: Some(960) }));
        assert_eq!(estimate(0, rate), Some(Estimate { from_seconds: 0, to_seconds: Some(60) }));
    }

    #[test]
    fn a_line_that_stood_still_has_no_end_that_could_be_promised() {
        let rate = rate(&windows(&[0, 0, 0, 0, 30, 30, 30])).unwrap();
        assert_eq!(estimate(59, rate), Some(Estimate { from_seconds: 0, to_seconds: None }));
        assert_eq!(estimate(10_000_000, rate), None);
    }
}
