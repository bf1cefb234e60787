//! The latest versions of a seat map, for those who ask what changed since one of them. Pure.

use std::collections::{BTreeMap, VecDeque};

use super::model::{Delta, OutOfStep, SeatIndex, SeatStatus};

/// The last versions, up to a number of seats; the oldest are forgotten first.
#[derive(Debug, Clone)]
pub struct SeatHistory {
    /// The version before the first that is remembered.
    base: i64,
    deltas: VecDeque<Delta>,
    seats: usize,
    seats_max: usize,
}

impl SeatHistory {
    /// Nothing is known before this version; at most so many changed seats are remembered.
    pub fn from(version: i64, seats_max: usize) -> Self {
        Self { base: version, deltas: VecDeque::new(), seats: 0, seats_max }
    }

    /// The newest version.
    pub fn version(&self) -> i64 {
        self.deltas.back().map_or(self.base, |delta| delta.version)
    }

    /// Remembers the next version.
    pub fn push(&mut self, delta: Delta) -> Result<(), OutOfStep> {
        if delta.version != self.version() + 1 {
            return Err(OutOfStep { ours: self.version(), theirs: delta.version });
        }
        self.seats += delta.seats.len();
        self.deltas.push_back(delta);
        while self.seats > self.seats_max
            && let Some(oldest) = self.deltas.pop_front()
        {
            self.seats -= oldest.seats.len();
            self.base = oldest.version;
        }
        Ok(())
    }

    /// What changed after a version, each seat once with what it is now, by seat; `None` when that is not remembered, or not yet known.
    pub fn since(&self, version: i64) -> Option<Vec<(SeatIndex, SeatStatus)>> {
        if version < self.base || version > self.version() {
            return None;
        }
        let newer = self.deltas.iter().filter(|delta| delta.version > version);
        let seats: BTreeMap<SeatIndex, SeatStatus> = newer.flat_map(|delta| delta.seats.iter().copied()).collect();
        Some(seats.into_iter().collect())
    }
}
