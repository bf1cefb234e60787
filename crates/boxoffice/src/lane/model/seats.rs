//! What a batch decides about seats.

use std::collections::BTreeMap;

use kernel::{EventId, HoldId, OrderId, TicketTypeId};

use super::Ledger;
use crate::hold::model::{Hold, HoldLine, TakeRefusal, Wanted, WantedSeats};
use crate::mutant;
use crate::order::model::OrderLine;
use crate::seat::best::Wish;
use crate::seat::block::{Block, BlockRefusal};
use crate::seat::map::SeatMap;
use crate::seat::model::{SeatCause, SeatChange, SeatIndex, SeatRefusal, SeatStatus};
use crate::ticket::model::TicketSeat;
use crate::ticket_type::model::TicketType;

/// The seats of an event as a batch knows them.
#[derive(Debug, Clone)]
pub struct KnownSeats {
    /// Where every seat is in its sale.
    pub map: SeatMap,
    /// The category whose seats a type sells, as a place in the hall's list.
    pub sells: BTreeMap<TicketTypeId, usize>,
    /// What this batch changed, in order.
    pub changes: Vec<SeatChange>,
}

impl KnownSeats {
    /// The seats as they were stored, and which of their categories some types sell.
    pub fn new(map: SeatMap, types: &[TicketType]) -> Self {
        let categories = map.hall().categories();
        let sells = types.iter().filter_map(|kind| {
            let key = kind.seat_category.as_deref()?;
            Some((kind.id, categories.iter().position(|category| *category.key == *key)?))
        });
        Self { sells: sells.collect(), map, changes: Vec::new() }
    }

    fn apply(
        &mut self,
        change: impl FnOnce(&mut SeatMap) -> Result<SeatChange, SeatRefusal>,
    ) -> Result<(), SeatRefusal> {
        let change = change(&mut self.map)?;
        self.changes.push(change);
        Ok(())
    }

    /// Takes back what was changed since there were so many changes.
    fn undo_to(&mut self, mark: usize) {
        while self.changes.len() > mark
            && let Some(change) = self.changes.pop()
        {
            // The last change always follows from the map as it is.
            let _ = self.map.undo(&change);
        }
    }

    fn ids(&self, seats: &[SeatIndex]) -> Vec<String> {
        seats.iter().filter_map(|seat| self.map.hall().seat(*seat)).map(|seat| seat.id.to_string()).collect()
    }

    /// Gives a line its seats, if its type sells any.
    fn seat(&mut self, line: &mut HoldLine, wanted: &Wanted, claim: Claim) -> Result<(), Unseated> {
        let Some(category) = self.sells.get(&line.ticket_type).copied() else {
            return if wanted.seats.are_named() { Err(Unseated::Without) } else { Ok(()) };
        };
        let seats = self.choose(line, wanted, category)?;
        let taken = match claim {
            _ if mutant::is("seat_not_taken") => Ok(()),
            Claim::Hold(hold) => self.apply(|map| map.hold(&seats, hold)),
            Claim::Sell(order) => self.apply(|map| map.retake(&seats, order)),
        };
        taken.map_err(Unseated::Not)?;
        line.seats = seats;
        Ok(())
    }

    /// The seats that a line asks for, of the category that its type sells.
    fn choose(&mut self, line: &HoldLine, wanted: &Wanted, category: usize) -> Result<Vec<SeatIndex>, Unseated> {
        match &wanted.seats {
            WantedSeats::These(ids) => self.named(ids, category),
            WantedSeats::Both => Err(Unseated::Both),
            WantedSeats::Best { accessible, fallback } => {
                let count = |number: i32| usize::try_from(number).unwrap_or(0);
                let (quantity, accessible) = (count(line.quantity), count(*accessible));
                let wish = Wish { category, quantity, accessible, fallback: *fallback };
                self.map.best_available(&wish).map(|pick| pick.seats).ok_or(Unseated::NoBlock { category })
            }
        }
    }

    fn named(&self, ids: &[String], category: usize) -> Result<Vec<SeatIndex>, Unseated> {
        let hall = self.map.hall();
        let found =
            |id: &String| hall.find(id).filter(|seat| hall.seat(*seat).is_some_and(|it| it.category == category));
        let unknown: Vec<String> = ids.iter().filter(|id| found(id).is_none()).cloned().collect();
        if !unknown.is_empty() {
            return Err(Unseated::Unknown(unknown));
        }
        Ok(ids.iter().filter_map(found).collect())
    }

    /// The refusal as of the seats before the command: whatever the command took itself is nobody else's.
    fn refusal(&self, name: String, unseated: Unseated) -> TakeRefusal {
        match unseated {
            Unseated::Without => TakeRefusal::WithoutSeats { name },
            Unseated::Both => TakeRefusal::SeatsOrBest { name },
            Unseated::Unknown(seats) => TakeRefusal::UnknownSeats { name, seats },
            Unseated::NoBlock { category } => {
                TakeRefusal::NoSeats { name, free: self.map.counts(category).free, version: self.map.version() }
            }
            Unseated::Not(SeatRefusal::Gone { seats }) => {
                let is_gone = |seat: &SeatIndex| self.map.status(*seat) != Some(SeatStatus::Free);
                let gone: Vec<SeatIndex> = seats.iter().copied().filter(is_gone).collect();
                if gone.is_empty() {
                    // Two lines named the same seat.
                    return TakeRefusal::UnknownSeats { name, seats: self.ids(&seats) };
                }
                TakeRefusal::SeatsTaken { name, seats: self.ids(&gone), version: self.map.version() }
            }
            Unseated::Not(SeatRefusal::Repeated { seat } | SeatRefusal::Unknown { seat }) => {
                TakeRefusal::UnknownSeats { name, seats: self.ids(&[seat]) }
            }
        }
    }
}

/// Why a line gets no seats.
enum Unseated {
    /// Its type sells none.
    Without,
    /// Seats were named and the best asked for as well.
    Both,
    /// There are no such seats in the category.
    Unknown(Vec<String>),
    /// There is no block for it.
    NoBlock {
        /// Of this category.
        category: usize,
    },
    /// The seats cannot be taken.
    Not(SeatRefusal),
}

/// What becomes of the seats that are taken.
#[derive(Debug, Clone, Copy)]
pub(super) enum Claim {
    /// They are put aside.
    Hold(HoldId),
    /// They are sold at once.
    Sell(OrderId),
}

impl Ledger {
    /// Gives the lines their seats: all of them, or none.
    pub(super) fn seat(
        &mut self,
        event: EventId,
        lines: &mut [HoldLine],
        wanted: &[Wanted],
        claim: Claim,
    ) -> Result<(), TakeRefusal> {
        let Some(known) = self.seats.get_mut(&event) else {
            return match lines.iter().zip(wanted).find(|(_, wanted)| wanted.seats.are_named()) {
                Some((line, _)) => Err(TakeRefusal::WithoutSeats { name: line.name.clone() }),
                None => Ok(()),
            };
        };
        let mark = known.changes.len();
        let unseated = lines.iter_mut().zip(wanted).find_map(|(line, wanted)| {
            let unseated = known.seat(line, wanted, claim).err()?;
            Some((line.name.clone(), unseated))
        });
        let Some((name, unseated)) = unseated else { return Ok(()) };
        if mutant::is("undone_version_told") {
            let refusal = known.refusal(name, unseated);
            known.undo_to(mark);
            return Err(refusal);
        }
        if !mutant::is("seats_half_taken") {
            known.undo_to(mark);
        }
        Err(known.refusal(name, unseated))
    }

    /// Puts the seats of a hold on sale again; false when they are not held, and then nothing is touched.
    pub(super) fn free_seats(&mut self, hold: &Hold, cause: SeatCause) -> bool {
        let seats = seats_of(&hold.lines);
        let Some(known) = self.seats.get_mut(&hold.event).filter(|_| !seats.is_empty()) else { return true };
        if mutant::is("seats_stay_held") {
            return true;
        }
        known.apply(|map| map.release(&seats, hold.id, cause)).is_ok()
    }

    /// Takes back the last change of an event's seats.
    pub(super) fn undo_seats(&mut self, event: EventId, mark: usize) {
        if let Some(known) = self.seats.get_mut(&event) {
            known.undo_to(mark);
        }
    }

    /// How many changes there are of an event's seats.
    pub(super) fn seat_mark(&self, event: EventId) -> usize {
        self.seats.get(&event).map_or(0, |known| known.changes.len())
    }

    /// Turns the held seats of a hold into sold ones; false when they are not held.
    pub(super) fn convert_seats(&mut self, hold: &Hold, order: OrderId) -> bool {
        let seats = seats_of(&hold.lines);
        let Some(known) = self.seats.get_mut(&hold.event).filter(|_| !seats.is_empty()) else { return true };
        known.apply(|map| map.convert(&seats, hold.id, order)).is_ok()
    }

    /// Takes the seats of an ended hold again; false when somebody else has one.
    pub(super) fn retake_seats(&mut self, hold: &Hold, order: OrderId) -> bool {
        let seats = seats_of(&hold.lines);
        let Some(known) = self.seats.get_mut(&hold.event).filter(|_| !seats.is_empty()) else { return true };
        known.apply(|map| map.retake(&seats, order)).is_ok()
    }

    /// Puts the sold seats of an order on sale again; false when they are not sold.
    pub(super) fn cancel_seats(&mut self, event: EventId, lines: &[OrderLine], order: OrderId) -> bool {
        let seats: Vec<SeatIndex> = lines.iter().flat_map(|line| line.seats.iter().copied()).collect();
        let Some(known) = self.seats.get_mut(&event).filter(|_| !seats.is_empty()) else { return true };
        known.apply(|map| map.cancel(&seats, order)).is_ok()
    }

    /// What people read of a seat.
    pub(super) fn name_of(&self, event: EventId, seat: SeatIndex) -> Option<TicketSeat> {
        let hall = self.seats.get(&event)?.map.hall();
        let facts = hall.seat(seat)?;
        let row = hall.rows().get(facts.row)?;
        Some(TicketSeat {
            seat,
            section: row.section.to_string(),
            row: row.label.to_string(),
            is_table: row.is_table,
            label: facts.label.to_string(),
        })
    }

    /// Takes seats off sale, or puts them on sale again.
    pub(super) fn block(&mut self, command: &Block) -> Result<i64, BlockRefusal> {
        let known = self.seats.get_mut(&command.event).ok_or(BlockRefusal::NotFound)?;
        let hall = known.map.hall();
        let unknown: Vec<String> = command.seats.iter().filter(|id| hall.find(id).is_none()).cloned().collect();
        if !unknown.is_empty() {
            return Err(BlockRefusal::Unknown { seats: unknown });
        }
        let seats: Vec<SeatIndex> = command.seats.iter().filter_map(|id| hall.find(id)).collect();
        let done = known.apply(|map| if command.is_blocked { map.block(&seats) } else { map.unblock(&seats) });
        match done {
            Ok(()) => Ok(known.map.version()),
            Err(SeatRefusal::Gone { seats }) => Err(BlockRefusal::InUse { seats: known.ids(&seats) }),
            Err(SeatRefusal::Repeated { seat } | SeatRefusal::Unknown { seat }) => {
                Err(BlockRefusal::Unknown { seats: known.ids(&[seat]) })
            }
        }
    }
}

fn seats_of(lines: &[HoldLine]) -> Vec<SeatIndex> {
    lines.iter().flat_map(|line| line.seats.iter().copied()).collect()
}
