//! The rarer ways of sitting: in two adjacent rows, and on accessible seats with companions. Pure.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::best::{BestIndex, Block, Question, Wish, seats_of};
use super::hall::Hall;
use super::model::{SeatIndex, SeatStatus};
use super::packed::Packed;

/// Seats in two adjacent rows of one section: the best block of each of two stretches, over all ways to share the party among them.
pub(super) fn split_block(
    index: &mut BestIndex,
    hall: &Hall,
    statuses: &Packed,
    wish: &Wish,
) -> Option<Vec<SeatIndex>> {
    // The best block of every stretch for a part of one seat, of two, and so on.
    let mut parts: Vec<HashMap<usize, Block>> = Vec::new();
    for quantity in 1..wish.quantity {
        let question = Question { category: wish.category, quantity, is_strict: false };
        parts.push(index.blocks(hall, statuses, question).clone());
    }
    let mut best: Option<Split> = None;
    for front in parts.first().map(HashMap::keys).into_iter().flatten() {
        let row = hall.stretch(*front).and_then(|stretch| hall.rows().get(stretch.row));
        let Some(behind) = row.and_then(|row| row.behind).and_then(|behind| hall.rows().get(behind)) else { continue };
        for back in &behind.stretches {
            for (in_front, in_back) in (1..).zip((1..wish.quantity).rev()) {
                let block = |at: &usize, quantity: usize| parts.get(quantity - 1)?.get(at).copied();
                let (Some(front), Some(back)) = (block(front, in_front), block(back, in_back)) else { continue };
                let split = Split { front, back, sizes: (in_front, in_back) };
                if best.as_ref().is_none_or(|best| split.rank() < best.rank()) {
                    best = Some(split);
                }
            }
        }
    }
    best.map(|split| split.seats(hall, statuses))
}

/// A party in two rows.
struct Split {
    front: Block,
    back: Block,
    sizes: (usize, usize),
}

impl Split {
    /// Nobody alone, then the cost, then the lowest seat, then the larger part in front, then the lowest seat behind. Total: no two
    /// splits are equal, so that the order in which they are looked at does not matter.
    fn rank(&self) -> (bool, i64, SeatIndex, Reverse<usize>, SeatIndex) {
        let has_one_alone = self.sizes.0 == 1 || self.sizes.1 == 1;
        let lowest = self.front.lowest.min(self.back.lowest);
        (has_one_alone, self.front.cost + self.back.cost, lowest, Reverse(self.sizes.0), self.back.lowest)
    }

    fn seats(&self, hall: &Hall, statuses: &Packed) -> Vec<SeatIndex> {
        let mut seats = seats_of(hall, statuses, &self.front, self.sizes.0);
        seats.extend(seats_of(hall, statuses, &self.back, self.sizes.1));
        seats
    }
}

/// Accessible seats of one row or table, with the rest of the party on the seats of their companions.
pub(super) fn accessible_block(hall: &Hall, statuses: &Packed, wish: &Wish) -> Option<Vec<SeatIndex>> {
    let is_free = |seat: &SeatIndex| statuses.get(*seat) == Some(SeatStatus::Free);
    let category = hall.categories().get(wish.category)?;
    let free: Vec<SeatIndex> = category.accessible.iter().copied().filter(is_free).collect();
    let row_of = |seat: &SeatIndex| hall.seat(*seat).map(|seat| seat.row);
    let candidates = free.windows(wish.accessible).filter_map(|chosen| {
        if chosen.first().and_then(row_of) != chosen.last().and_then(row_of) {
            return None;
        }
        let row = chosen.first().and_then(row_of).and_then(|row| hall.rows().get(row))?;
        let of_row = (row.first.at()..row.first.at() + row.count).map(SeatIndex::of);
        let is_companion = |seat: &SeatIndex| {
            let seat = hall.seat(*seat).filter(|seat| seat.category == wish.category);
            seat.and_then(|seat| seat.companion_of).is_some_and(|of| chosen.contains(&of))
        };
        let companions = of_row.filter(is_free).filter(is_companion).take(wish.quantity - wish.accessible);
        let mut seats: Vec<SeatIndex> = chosen.iter().copied().chain(companions).collect();
        seats.sort_unstable();
        let cost: i64 = seats.iter().filter_map(|seat| hall.seat(*seat)).map(|seat| seat.cost).sum();
        (seats.len() == wish.quantity).then_some((cost, seats))
    });
    candidates.min().map(|(_, seats)| seats)
}
