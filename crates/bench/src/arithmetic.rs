//! Medians with their spread, and ratios that are taken within a round before their median is.

use serde::Serialize;

/// The middle of some measurements, with the least and the most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The median; of an even count the mean of the middle two.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
    /// How many there are.
    pub count: usize,
}

/// The spread of measurements; none of nothing.
pub fn spread(values: &[f64]) -> Option<Spread> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(Spread { median: f64::midpoint(lower, upper), min, max, count: sorted.len() })
}

/// Divides round by round: conditions of a machine change between rounds and are alike within one. Rounds that only one side
/// has, and divisors of nothing, are left out.
pub fn ratios(over: &[(usize, f64)], under: &[(usize, f64)]) -> Vec<f64> {
    let divide = |(round, value): &(usize, f64)| {
        let (_, divisor) = under.iter().find(|(other, _)| other == round)?;
        (*divisor > 0.0).then(|| value / divisor)
    };
    over.iter().filter_map(divide).collect()
}

/// The largest of several series in each round.
pub fn best_of(series: &[Vec<(usize, f64)>]) -> Vec<(usize, f64)> {
    let mut best: Vec<(usize, f64)> = Vec::new();
    for (round, value) in series.iter().flatten() {
        match best.iter_mut().find(|(known, _)| known == round) {
            Some((_, most)) => *most = most.max(*value),
            None => best.push((*round, *value)),
        }
    }
    best
}

/// A count as a number to calculate with; exact below 2^53.
#[expect(clippy::as_conversions, reason = "there is no other way from u64 to f64; counts here stay far below 2^53")]
pub fn float(count: u64) -> f64 {
    count as f64
}

/// The whole part of a number that is not negative.
#[expect(
    clippy::as_conversions,
    reason = "there is no other way from f64 to u64; it saturates, which is what is wanted"
)]
pub fn whole(number: f64) -> u64 {
    number.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_one_or_between_the_middle_two() {
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[3.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 3.0, count: 3 }));
        assert_eq!(spread(&[4.0, 1.0, 2.0, 9.0]), Some(Spread { median: 3.0, min: 1.0, max: 9.0, count: 4 }));
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let over = [(0, 10.0), (1, 30.0), (2, 8.0)];
        let under = [(1, 10.0), (0, 5.0), (3, 1.0), (2, 0.0)];
        assert_eq!(ratios(&over, &under), [2.0, 3.0]);
    }

    #[test]
    fn the_best_of_a_round_may_be_another_series_in_each() {
        let mut best = best_of(&[vec![(0, 1.0), (1, 5.0)], vec![(0, 2.0), (1, 4.0)], vec![(2, 7.0)]]);
        best.sort_by_key(|(round, _)| *round);
        assert_eq!(best, [(0, 2.0), (1, 5.0), (2, 7.0)]);
    }

    #[test]
    fn whole_numbers_stay_whole() {
        assert_eq!((float(12), whole(12.9), whole(-3.0), whole(f64::NAN)), (12.0, 12, 0, 0));
    }
}
