//! Best available: the rule by which a party is given its seats, and the index that makes it fast. Pure.
//!
//! A *stretch* is what one party can sit on: seats of one row and one category, without an aisle, an accessible place or another category
//! in between; or the ordinary seats of one category at a table. A *run* is as many free seats as lie side by side in a stretch of a row;
//! at a table, all its free seats.
//!
//! 1. **Together.** The party takes a block: seats side by side in one run, or, at a table, seats that follow each other among the free
//!    ones, round the table. No block may leave a run of exactly one seat at either side (at a table: exactly one free seat).
//! 2. **The best block** is the one with the lowest cost: the sum over its seats of the squared distance to where one sits best in their
//!    section. Ties go to the block with the lowest seat, which is the one that comes first in the layout's document.
//! 3. When there is no such block, [`Fallback::LeaveSingle`] takes the best block that leaves single seats.
//! 4. When there is none either, [`Fallback::Split`] sits the party in two adjacent rows of one section: side by side in each. Splits where
//!    nobody sits alone come first, then the lowest cost, then the lowest seat, then the larger part in front.
//! 5. Else the party is refused.
//!
//! Accessible seats are never given unless asked for, and neither are their companions' seats. A party that asks for accessible seats gets
//! them in one row, with the rest of the party on the companions' seats of those; the lowest cost, then the lowest seat, decides.

use std::collections::{BTreeSet, HashMap};

use super::hall::{Hall, Stretch};
use super::model::{SeatIndex, SeatStatus};
use super::packed::Packed;
use super::split::{accessible_block, split_block};

/// So many kinds of questions are kept ready; beyond that, all are forgotten. A finder holds only stretches with room for its party, so
/// that all of them together hold at most twice as many blocks as there are seats.
const FINDERS_MAX: usize = 1_000;
/// So many touched stretches are remembered for finders that have not been asked since.
const TOUCHED_MAX: usize = 16_384;

/// What to do when there is no block that leaves no single seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fallback {
    /// Refuse.
    Refuse,
    /// Take a block that leaves single seats; else refuse.
    #[default]
    LeaveSingle,
    /// The same, else sit in two adjacent rows; else refuse.
    Split,
}

/// What a party asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Of which category, as a place in the hall's list.
    pub category: usize,
    /// How many seats.
    pub quantity: usize,
    /// How many of them accessible; the others are companions' seats then.
    pub accessible: usize,
    /// What to do when there is no good block.
    pub fallback: Fallback,
}

/// How a party sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seating {
    /// In one block that leaves no single seat.
    Together,
    /// In one block that leaves single seats.
    LeavingSingle,
    /// In two adjacent rows.
    Split,
    /// On accessible seats with companions.
    Accessible,
}

/// Seats for a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// Which, in ascending order; round a table in the order of the block.
    pub seats: Vec<SeatIndex>,
    /// How it sits.
    pub seating: Seating,
}

/// A block within a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    /// The sum of its seats' costs.
    pub cost: i64,
    /// Its lowest seat.
    pub lowest: SeatIndex,
    /// In which stretch.
    pub stretch: usize,
    /// Where it begins: in the stretch, or, at a table, among the free seats.
    pub offset: usize,
}

/// A kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// Seats of which category.
    pub category: usize,
    /// How many.
    pub quantity: usize,
    /// Whether no single seat may be left.
    pub is_strict: bool,
}

/// The best block of each stretch for one kind of question, in order.
#[derive(Debug, Clone, Default)]
struct Finder {
    best: HashMap<usize, Block>,
    ranked: BTreeSet<Block>,
    /// How many touches it has seen.
    seen: u64,
}

/// The best blocks of every stretch for the questions that were asked. A change touches the stretches of its seats; a finder looks again
/// only at those touched since it was asked last.
#[derive(Debug, Clone, Default)]
pub(super) struct BestIndex {
    finders: HashMap<Question, Finder>,
    touched: Vec<usize>,
    /// Touches that were forgotten.
    forgotten: u64,
}

impl BestIndex {
    /// Seats of a stretch changed.
    pub fn touch(&mut self, stretch: usize) {
        if self.finders.is_empty() {
            return;
        }
        if self.touched.len() >= TOUCHED_MAX {
            self.forgotten = self.now();
            self.touched.clear();
        }
        self.touched.push(stretch);
    }

    fn now(&self) -> u64 {
        self.forgotten + u64::try_from(self.touched.len()).unwrap_or(u64::MAX)
    }

    /// Forgets all questions when there are too many.
    fn tidy(&mut self) {
        if self.finders.len() >= FINDERS_MAX {
            self.finders.clear();
        }
    }

    /// The best block of each stretch for a question, as things are now.
    pub fn blocks(&mut self, hall: &Hall, statuses: &Packed, question: Question) -> &HashMap<usize, Block> {
        &self.finder(hall, statuses, question).best
    }

    fn finder(&mut self, hall: &Hall, statuses: &Packed, question: Question) -> &Finder {
        let now = self.now();
        let is_known = self.finders.get(&question).is_some_and(|finder| finder.seen >= self.forgotten);
        let stretches: &[usize] = if is_known {
            let seen = self.finders.get(&question).map_or(0, |finder| finder.seen - self.forgotten);
            self.touched.get(usize::try_from(seen).unwrap_or(usize::MAX)..).unwrap_or_default()
        } else {
            self.finders.insert(question, Finder::default());
            hall.categories().get(question.category).map(|category| category.stretches.as_slice()).unwrap_or_default()
        };
        let finder = self.finders.entry(question).or_default();
        for at in stretches {
            finder.look_again(hall, statuses, question, *at);
        }
        finder.seen = now;
        finder
    }
}

impl Finder {
    fn look_again(&mut self, hall: &Hall, statuses: &Packed, question: Question, at: usize) {
        let Some(stretch) = hall.stretch(at).filter(|stretch| stretch.category == question.category) else { return };
        if let Some(before) = self.best.remove(&at) {
            self.ranked.remove(&before);
        }
        if let Some(block) = best_in(hall, statuses, at, stretch, question.quantity, question.is_strict) {
            self.best.insert(at, block);
            self.ranked.insert(block);
        }
    }
}

/// Seats for a party by the rule above; `None` when it is refused.
pub(super) fn pick(index: &mut BestIndex, hall: &Hall, statuses: &Packed, wish: &Wish) -> Option<Pick> {
    if wish.quantity == 0 || wish.accessible > wish.quantity {
        return None;
    }
    if wish.accessible > 0 {
        let seats = accessible_block(hall, statuses, wish)?;
        return Some(Pick { seats, seating: Seating::Accessible });
    }
    index.tidy();
    let mut block = |is_strict| {
        let question = Question { category: wish.category, quantity: wish.quantity, is_strict };
        let block = index.finder(hall, statuses, question).ranked.first().copied()?;
        Some(seats_of(hall, statuses, &block, wish.quantity))
    };
    if let Some(seats) = block(true) {
        return Some(Pick { seats, seating: Seating::Together });
    }
    if wish.fallback == Fallback::Refuse {
        return None;
    }
    if let Some(seats) = block(false) {
        return Some(Pick { seats, seating: Seating::LeavingSingle });
    }
    let seats = (wish.fallback == Fallback::Split).then(|| split_block(index, hall, statuses, wish))??;
    Some(Pick { seats, seating: Seating::Split })
}

/// The best block of one stretch.
pub(super) fn best_in(
    hall: &Hall,
    statuses: &Packed,
    at: usize,
    stretch: &Stretch,
    quantity: usize,
    is_strict: bool,
) -> Option<Block> {
    if stretch.is_table {
        return best_at_table(hall, statuses, at, stretch, quantity, is_strict);
    }
    let mut best = None;
    let mut begins = 0;
    for (offset, seat) in stretch.seats.iter().enumerate() {
        if statuses.get(*seat) != Some(SeatStatus::Free) {
            best = better(best, best_in_run(hall, stretch, at, (begins, offset), quantity, is_strict));
            begins = offset + 1;
        }
    }
    better(best, best_in_run(hall, stretch, at, (begins, stretch.seats.len()), quantity, is_strict))
}

fn better(one: Option<Block>, other: Option<Block>) -> Option<Block> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The best block of the run from one place of the stretch up to, and without, another.
fn best_in_run(
    hall: &Hall,
    stretch: &Stretch,
    at: usize,
    (begins, ends): (usize, usize),
    quantity: usize,
    is_strict: bool,
) -> Option<Block> {
    let run = stretch.seats.get(begins..ends).filter(|run| run.len() >= quantity)?;
    let cost_at = |place: usize| run.get(place).and_then(|seat| hall.seat(*seat)).map_or(0, |seat| seat.cost);
    let mut cost: i64 = (0..quantity).map(cost_at).sum();
    let mut best: Option<Block> = None;
    for (left, seat) in run.iter().enumerate().take(run.len() - quantity + 1) {
        if left > 0 {
            cost += cost_at(left + quantity - 1) - cost_at(left - 1);
        }
        let right = run.len() - quantity - left;
        let leaves_single = left == 1 || right == 1;
        if !(is_strict && leaves_single) {
            best = better(best, Some(Block { cost, lowest: *seat, stretch: at, offset: begins + left }));
        }
    }
    best
}

fn best_at_table(
    hall: &Hall,
    statuses: &Packed,
    at: usize,
    stretch: &Stretch,
    quantity: usize,
    is_strict: bool,
) -> Option<Block> {
    let free: Vec<SeatIndex> = free_seats(statuses, stretch).collect();
    let left = free.len().checked_sub(quantity)?;
    if is_strict && left == 1 {
        return None;
    }
    let blocks = (0..if left == 0 { 1 } else { free.len() }).map(|offset| {
        let seats = || free.iter().cycle().skip(offset).take(quantity);
        let cost = seats().filter_map(|seat| hall.seat(*seat)).map(|seat| seat.cost).sum();
        let lowest = seats().min().copied().unwrap_or(SeatIndex(u32::MAX));
        Block { cost, lowest, stretch: at, offset }
    });
    blocks.min()
}

fn free_seats<'a>(statuses: &'a Packed, stretch: &'a Stretch) -> impl Iterator<Item = SeatIndex> + 'a {
    stretch.seats.iter().copied().filter(|seat| statuses.get(*seat) == Some(SeatStatus::Free))
}

/// The seats of a block.
pub(super) fn seats_of(hall: &Hall, statuses: &Packed, block: &Block, quantity: usize) -> Vec<SeatIndex> {
    let Some(stretch) = hall.stretch(block.stretch) else { return Vec::new() };
    if stretch.is_table {
        let free: Vec<SeatIndex> = free_seats(statuses, stretch).collect();
        return free.iter().cycle().skip(block.offset).take(quantity.min(free.len())).copied().collect();
    }
    stretch.seats.iter().skip(block.offset).take(quantity).copied().collect()
}
