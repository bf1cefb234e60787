//! Real time: a call that was over before another began does not come after it in any pool.

use super::place::{Extremes, Places};
use crate::anomaly::Anomaly;
use crate::history::Operation;

/// Finds, for each call, one that was over before it began and stands behind it.
pub fn check(history: &[Operation], places: &Places, anomalies: &mut Vec<Anomaly>) {
    for (pool, places) in &places.0 {
        // Keyed by the negated place: the call that was over first, among those that stand further behind.
        let over_first = Extremes::new(
            places.iter().map(|place| (-place.last, (place.ended, place.operation))).collect(),
            std::cmp::min,
        );
        for later in places {
            let Some((ended, earlier)) = over_first.below(-later.first) else { continue };
            if ended >= later.invoked {
                continue;
            }
            if let (Some(earlier), Some(later)) = (history.get(earlier), history.get(later.operation)) {
                anomalies.push(Anomaly::Order { pool: *pool, earlier: earlier.clone(), later: later.clone() });
            }
        }
    }
}
