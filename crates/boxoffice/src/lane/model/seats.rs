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
use crate::seat::model::{SeatCause, SeatChange, SeatIndex, SeatRefusal};
use crate::ticket::model::TicketSeat;

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
    /// The seats as they were stored.
    pub fn new(map: SeatMap, sells: BTreeMap<TicketTypeId, usize>) -> Self {
        Self { map, sells, changes: Vec::new() }
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

    /// The seats that a line asks for, of the category that its type sells.
    fn choose(&mut self, line: &HoldLine, wanted: &Wanted, category: usize) -> Result<Vec<SeatIndex>, TakeRefusal> {
        match &wanted.seats {
            WantedSeats::These(ids) => self.named(line, ids, category),
            WantedSeats::Both => Err(TakeRefusal::SeatsOrBest { name: line.name.clone() }),
            WantedSeats::Best { accessible, fallback } => {
                let count = |number: i32| usize::try_from(number).unwrap_or(0);
                let (quantity, accessible) = (count(line.quantity), count(*accessible));
                let wish = Wish { category, quantity, accessible, fallback: *fallback };
                let pick = self.map.best_available(&wish);
                pick.map(|pick| pick.seats).ok_or_else(|| TakeRefusal::NoSeats {
                    name: line.name.clone(),
                    free: self.map.counts(category).free,
                    version: self.map.version(),
                })
            }
        }
    }

    fn named(&self, line: &HoldLine, ids: &[String], category: usize) -> Result<Vec<SeatIndex>, TakeRefusal> {
        let hall = self.map.hall();
        let found =
            |id: &String| hall.find(id).filter(|seat| hall.seat(*seat).is_some_and(|it| it.category == category));
        let unknown: Vec<String> = ids.iter().filter(|id| found(id).is_none()).cloned().collect();
        if !unknown.is_empty() {
            return Err(TakeRefusal::UnknownSeats { name: line.name.clone(), seats: unknown });
        }
        Ok(ids.iter().filter_map(found).collect())
    }

    fn refusal(&self, line: &HoldLine, refusal: SeatRefusal) -> TakeRefusal {
        let name = line.name.clone();
        match refusal {
            SeatRefusal::Gone { seats } => {
                TakeRefusal::SeatsTaken { name, seats: self.ids(&seats), version: self.map.version() }
            }
            SeatRefusal::Repeated { seat } | SeatRefusal::Unknown { seat } => {
                TakeRefusal::UnknownSeats { name, seats: self.ids(&[seat]) }
            }
        }
    }
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
        let seated = lines.iter_mut().zip(wanted).try_for_each(|(line, wanted)| {
            let Some(category) = known.sells.get(&line.ticket_type).copied() else {
                let is_wrong = wanted.seats.are_named();
                return if is_wrong { Err(TakeRefusal::WithoutSeats { name: line.name.clone() }) } else { Ok(()) };
            };
            let seats = known.choose(line, wanted, category)?;
            let change = match claim {
                _ if mutant::is("seat_not_taken") => Ok(()),
                Claim::Hold(hold) => known.apply(|map| map.hold(&seats, hold)),
                Claim::Sell(order) => known.apply(|map| map.retake(&seats, order)),
            };
            change.map_err(|refusal| known.refusal(line, refusal))?;
            line.seats = seats;
            Ok(())
        });
        if seated.is_err() && !mutant::is("seats_half_taken") {
            known.undo_to(mark);
        }
        seated
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
