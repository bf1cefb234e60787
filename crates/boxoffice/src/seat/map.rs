//! The seat map of an event: the status of every seat, its version, and the changes that make versions. Pure.

use std::sync::Arc;

use kernel::{HoldId, OrderId};

use super::best::{self, BestIndex, Pick, Wish};
use super::hall::Hall;
use super::model::{Delta, OutOfStep, SeatCause, SeatChange, SeatIndex, SeatRefusal, SeatStatus};
use super::packed::{NotPacked, Packed};

/// How many seats of a category are in each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeatCounts {
    /// Seats anyone can have.
    pub free: i32,
    /// Seats put aside.
    pub held: i32,
    /// Seats with a valid ticket.
    pub sold: i32,
    /// Seats not on sale.
    pub blocked: i32,
}

impl SeatCounts {
    fn of(&mut self, status: SeatStatus) -> &mut i32 {
        match status {
            SeatStatus::Free => &mut self.free,
            SeatStatus::Held => &mut self.held,
            SeatStatus::Sold => &mut self.sold,
            SeatStatus::Blocked => &mut self.blocked,
        }
    }
}

/// The seats of an event. Every change is all or nothing and raises the version by one; a refused change leaves no trace.
#[derive(Debug, Clone)]
pub struct SeatMap {
    hall: Arc<Hall>,
    statuses: Packed,
    version: i64,
    counts: Vec<SeatCounts>,
    index: BestIndex,
}

impl SeatMap {
    /// A hall whose seats are all free, at version 0.
    pub fn new(hall: Arc<Hall>) -> Self {
        let counts = hall.categories().iter().map(|category| SeatCounts {
            free: i32::try_from(category.seats).unwrap_or(i32::MAX),
            ..SeatCounts::default()
        });
        let (counts, statuses) = (counts.collect(), Packed::free(hall.len()));
        Self { hall, statuses, version: 0, counts, index: BestIndex::default() }
    }

    /// A hall as it was stored at a version.
    pub fn at(hall: Arc<Hall>, version: i64, statuses: Packed) -> Result<Self, NotPacked> {
        if statuses.len() != hall.len() {
            return Err(NotPacked { seats: hall.len() });
        }
        let mut counts = vec![SeatCounts::default(); hall.categories().len()];
        for (seat, status) in hall.seats().iter().zip(statuses.iter()) {
            if let Some(counts) = counts.get_mut(seat.category) {
                *counts.of(status) += 1;
            }
        }
        Ok(Self { hall, statuses, version, counts, index: BestIndex::default() })
    }

    /// Becomes what was stored at a version, whatever it was before. Only the seats that differ cost anything beyond the comparison, and what
    /// is known of the best seats elsewhere stays known.
    pub fn catch_up(&mut self, version: i64, statuses: &Packed) -> Result<(), NotPacked> {
        if statuses.len() != self.hall.len() {
            return Err(NotPacked { seats: self.hall.len() });
        }
        for seat in self.statuses.differing(statuses) {
            if let Some(status) = statuses.get(seat) {
                self.set(seat, status);
            }
        }
        self.version = version;
        Ok(())
    }

    /// What never changes about the seats.
    pub fn hall(&self) -> &Arc<Hall> {
        &self.hall
    }

    /// How often the seats changed.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The status of a seat.
    pub fn status(&self, seat: SeatIndex) -> Option<SeatStatus> {
        self.statuses.get(seat)
    }

    /// The status of every seat.
    pub fn packed(&self) -> &Packed {
        &self.statuses
    }

    /// How many seats of a category are in each status.
    pub fn counts(&self, category: usize) -> SeatCounts {
        self.counts.get(category).copied().unwrap_or_default()
    }

    /// Seats for a party by the rule of `best.rs`; none when there are none. Nothing is changed: hold them next.
    pub fn best_available(&mut self, wish: &Wish) -> Option<Pick> {
        let free = usize::try_from(self.counts(wish.category).free).unwrap_or(0);
        if free < wish.quantity {
            return None;
        }
        best::pick(&mut self.index, &self.hall, &self.statuses, wish)
    }

    /// Puts free seats aside for a hold: all of them, or a refusal that names those that are gone.
    pub fn hold(&mut self, seats: &[SeatIndex], hold: HoldId) -> Result<SeatChange, SeatRefusal> {
        self.change(SeatCause::Held, Some(hold), None, seats)
    }

    /// Gives held seats of a hold back; `cause` is [`SeatCause::Released`] or [`SeatCause::Expired`].
    pub fn release(&mut self, seats: &[SeatIndex], hold: HoldId, cause: SeatCause) -> Result<SeatChange, SeatRefusal> {
        let cause = if cause == SeatCause::Expired { cause } else { SeatCause::Released };
        self.change(cause, Some(hold), None, seats)
    }

    /// Turns the held seats of a hold into sold ones of its order.
    pub fn convert(&mut self, seats: &[SeatIndex], hold: HoldId, order: OrderId) -> Result<SeatChange, SeatRefusal> {
        self.change(SeatCause::Converted, Some(hold), Some(order), seats)
    }

    /// Sells free seats to an order whose hold is gone, or that never had one.
    pub fn retake(&mut self, seats: &[SeatIndex], order: OrderId) -> Result<SeatChange, SeatRefusal> {
        self.change(SeatCause::Retaken, None, Some(order), seats)
    }

    /// Puts the sold seats of a cancelled order on sale again.
    pub fn cancel(&mut self, seats: &[SeatIndex], order: OrderId) -> Result<SeatChange, SeatRefusal> {
        self.change(SeatCause::Cancelled, None, Some(order), seats)
    }

    /// Takes free seats off sale.
    pub fn block(&mut self, seats: &[SeatIndex]) -> Result<SeatChange, SeatRefusal> {
        self.change(SeatCause::Blocked, None, None, seats)
    }

    /// Puts blocked seats on sale.
    pub fn unblock(&mut self, seats: &[SeatIndex]) -> Result<SeatChange, SeatRefusal> {
        self.change(SeatCause::Unblocked, None, None, seats)
    }

    /// Repeats a change that was made elsewhere, on another copy of the map.
    pub fn apply(&mut self, change: &SeatChange) -> Result<(), OutOfStep> {
        self.follow(&change.delta())
    }

    /// Follows a version that was made elsewhere.
    pub fn follow(&mut self, delta: &Delta) -> Result<(), OutOfStep> {
        if delta.version != self.version + 1 {
            return Err(OutOfStep { ours: self.version, theirs: delta.version });
        }
        for (seat, status) in &delta.seats {
            self.set(*seat, *status);
        }
        self.version = delta.version;
        Ok(())
    }

    /// Takes the last change back, for a transaction that fell. Several are undone from the last to the first.
    pub fn undo(&mut self, change: &SeatChange) -> Result<(), OutOfStep> {
        if change.version != self.version {
            return Err(OutOfStep { ours: self.version, theirs: change.version });
        }
        let (from, _) = change.cause.step();
        for seat in &change.seats {
            self.set(*seat, from);
        }
        self.version -= 1;
        Ok(())
    }

    fn change(
        &mut self,
        cause: SeatCause,
        hold: Option<HoldId>,
        order: Option<OrderId>,
        seats: &[SeatIndex],
    ) -> Result<SeatChange, SeatRefusal> {
        let (from, to) = cause.step();
        let mut sorted = seats.to_vec();
        sorted.sort_unstable();
        let is_pair = |pair: &&[SeatIndex]| pair.first() == pair.last();
        if let Some(seat) = sorted.windows(2).find(is_pair).and_then(<[SeatIndex]>::first) {
            return Err(SeatRefusal::Repeated { seat: *seat });
        }
        let mut gone = Vec::new();
        for seat in seats {
            match self.statuses.get(*seat) {
                None => return Err(SeatRefusal::Unknown { seat: *seat }),
                Some(status) if status != from => gone.push(*seat),
                Some(_) => {}
            }
        }
        if !gone.is_empty() {
            return Err(SeatRefusal::Gone { seats: gone });
        }
        for seat in seats {
            self.set(*seat, to);
        }
        self.version += 1;
        Ok(SeatChange { version: self.version, cause, hold, order, seats: seats.to_vec() })
    }

    fn set(&mut self, seat: SeatIndex, to: SeatStatus) {
        let (Some(from), Some(facts)) = (self.statuses.get(seat), self.hall.seat(seat)) else { return };
        if let Some(counts) = self.counts.get_mut(facts.category) {
            *counts.of(from) -= 1;
            *counts.of(to) += 1;
        }
        if let Some(stretch) = facts.stretch {
            self.index.touch(stretch);
        }
        self.statuses.set(seat, to);
    }
}

#[cfg(test)]
mod tests;
