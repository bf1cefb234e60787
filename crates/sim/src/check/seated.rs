//! What is told and written about seats.

use boxoffice::hold::model::{TakeRefusal, Wanted, WantedSeats};
use boxoffice::lane::command::Outcome;
use boxoffice::order::buy::BuyRefusal;
use boxoffice::order::model::Settlement;
use boxoffice::seat::block::BlockRefusal;
use boxoffice::seat::hall::HallSeat;
use boxoffice::seat::model::{SeatCause, SeatChange, SeatIndex, SeatStatus};
use boxoffice::seat::packed::Packed;

use super::decided::wanted_of;
use crate::node::{Attempt, Envelope};
use crate::scene;
use crate::situation::Situation;
use crate::store::{Changes, OrderRow};
use crate::world::World;

/// How far back the history of a seat is looked at.
const CHANGES_BACK: usize = 30;

impl World {
    /// A refusal for the sake of seats was true at its version, which is that of the batch.
    pub(super) fn check_seat_refusal(&mut self, attempt: &Attempt, envelope: &Envelope, outcome: &Outcome) {
        let (Outcome::Taken(Err(refusal)) | Outcome::Bought(Err(BuyRefusal::Take(refusal)))) = outcome else { return };
        let event = scene::number(envelope.command.event().1.uuid());
        let (TakeRefusal::SeatsTaken { version, .. } | TakeRefusal::NoSeats { version, .. }) = refusal else { return };
        let Some(statuses) = self.seats_at(attempt, event, *version) else {
            return self.fail("a refusal is true", || format!("version {version} of the seats of event {event}"));
        };
        let hall = scene::hall();
        let is_free = |seat: SeatIndex| statuses.get(seat) == Some(SeatStatus::Free);
        let is_true = match refusal {
            TakeRefusal::SeatsTaken { seats, .. } => {
                !seats.is_empty() && seats.iter().all(|id| hall.find(id).is_some_and(|seat| !is_free(seat)))
            }
            TakeRefusal::NoSeats { name, free, .. } => {
                let wish = wanted_of(&envelope.command).iter().find(|wish| is_named(wish, name));
                let category = if name == "T6" { 0 } else { 1 };
                let of_category: Vec<(SeatIndex, &HallSeat)> = (0..hall.len())
                    .map(SeatIndex::of)
                    .filter_map(|seat| Some((seat, hall.seat(seat)?)))
                    .filter(|(seat, facts)| facts.category == category && is_free(*seat))
                    .collect();
                // One person who takes any seat is refused only when there is none.
                let is_easy = wish.is_some_and(|wish| wish.quantity == 1 && wish.seats == WantedSeats::default());
                let is_empty = of_category.iter().all(|(_, facts)| facts.stretch.is_none());
                usize::try_from(*free) == Ok(of_category.len()) && (!is_easy || is_empty)
            }
            _ => true,
        };
        if !is_true {
            self.fail("a refusal is true", || format!("{refusal:?}, and the seats were {statuses:?}"));
        }
        let is_own = *version > self.store.seats[event].version;
        let is_taken = matches!(refusal, TakeRefusal::SeatsTaken { .. });
        self.seen.note_if(is_own && is_taken, Situation::SeatsTakenInBatch);
    }

    /// The seats as a batch had them at a version; none for one that is older than the batch.
    fn seats_at(&self, attempt: &Attempt, event: usize, version: i64) -> Option<Packed> {
        let row = &self.store.seats[event];
        let mut statuses = row.statuses.clone();
        let changes = attempt.ledger.seats.get(&scene::event(event))?.changes.iter();
        let mut at = row.version;
        for change in changes.take_while(|change| change.version <= version) {
            apply(&mut statuses, change);
            at = change.version;
        }
        (at == version).then_some(statuses)
    }

    /// Notes what a commit does with seats.
    pub(super) fn note_seat_changes(&mut self, changes: &Changes) {
        for (_, changes) in &changes.seats {
            for (at, change) in changes.iter().enumerate() {
                self.seen.note_if(change.cause == SeatCause::Converted, Situation::SeatsConverted);
                self.seen.note_if(change.cause == SeatCause::Cancelled, Situation::SeatsCancelled);
                self.seen.note_if(change.cause == SeatCause::Blocked, Situation::SeatsBlocked);
                self.seen.note_if(change.cause == SeatCause::Unblocked, Situation::SeatsUnblocked);
                let is_again = |later: &SeatChange| later.seats.iter().any(|seat| change.seats.contains(seat));
                let is_resold = change.cause == SeatCause::Cancelled && changes.iter().skip(at + 1).any(is_again);
                self.seen.note_if(is_resold, Situation::SeatsResold);
            }
        }
    }

    /// Notes the seats that somebody was given, and checks that they are what was asked for.
    pub(super) fn note_seated<'a>(
        &mut self,
        envelope: &Envelope,
        lines: impl Iterator<Item = (&'a str, &'a [SeatIndex])> + Clone,
    ) {
        let hall = scene::hall();
        for (name, seats) in lines.clone().filter(|(_, seats)| !seats.is_empty()) {
            let Some(wish) = wanted_of(&envelope.command).iter().find(|wish| is_named(wish, name)) else { continue };
            let facts: Vec<&HallSeat> = seats.iter().filter_map(|seat| hall.seat(*seat)).collect();
            let is_in_one_row = facts.windows(2).all(|pair| pair.first().map(|a| a.row) == pair.last().map(|b| b.row));
            let is_good = match &wish.seats {
                WantedSeats::These(ids) => {
                    self.seen.note(Situation::SeatsNamed);
                    facts.iter().map(|facts| &*facts.id).eq(ids.iter().map(String::as_str))
                }
                WantedSeats::Best { accessible, .. } if *accessible > 0 => {
                    self.seen.note(Situation::SeatsAccessible);
                    facts.iter().any(|facts| facts.is_accessible)
                }
                WantedSeats::Best { .. } => {
                    self.seen.note(if is_in_one_row { Situation::SeatsBest } else { Situation::SeatsSplit });
                    facts.iter().all(|facts| facts.stretch.is_some())
                }
                WantedSeats::Both => false,
            };
            let category = if name == "T6" { 0 } else { 1 };
            let is_whole = usize::try_from(wish.quantity) == Ok(facts.len());
            if !is_good || !is_whole || facts.iter().any(|facts| facts.category != category) {
                self.fail("what is wanted is given", || format!("{wish:?} got {seats:?}"));
            }
        }
        let has = |has_seats: bool| lines.clone().any(|(_, seats)| seats.is_empty() != has_seats);
        self.seen.note_if(has(true) && has(false), Situation::SeatsMixed);
        let event = scene::number(envelope.command.event().1.uuid());
        let given: Vec<SeatIndex> = lines.flat_map(|(_, seats)| seats).copied().collect();
        let before = self.store.seats[event].changes.iter().rev().take(CHANGES_BACK);
        let mut before = before.filter(|change| change.seats.iter().any(|seat| given.contains(seat)));
        let is_reclaimed = before.nth(1).is_some_and(|change| change.cause == SeatCause::Expired);
        self.seen.note_if(is_reclaimed, Situation::SeatsReclaimed);
    }

    /// Notes a refusal for the sake of seats.
    pub(super) fn note_seat_refusal(&mut self, envelope: &Envelope, refusal: &TakeRefusal) {
        let situation = match refusal {
            TakeRefusal::SeatsTaken { .. } => Situation::SeatsTaken,
            TakeRefusal::NoSeats { .. } => Situation::SeatsNone,
            TakeRefusal::UnknownSeats { .. } => Situation::SeatsUnknown,
            TakeRefusal::WithoutSeats { .. } => Situation::SeatsWithout,
            _ => return,
        };
        self.seen.note(situation);
        let is_late = matches!(refusal, TakeRefusal::SeatsTaken { .. } | TakeRefusal::NoSeats { .. });
        self.seen.note_if(is_late && wanted_of(&envelope.command).len() > 1, Situation::SeatsUndone);
    }

    /// Notes what late money found of its seats.
    pub(super) fn note_settled_seats(&mut self, order: usize, settlement: Settlement) {
        let Some(row) = self.store.order(order) else { return };
        let seats = seats_of(row);
        let event = scene::number(row.known.order.event.uuid());
        let statuses = &self.store.seats[event].statuses;
        let is_gone = seats.iter().any(|seat| statuses.get(*seat) != Some(SeatStatus::Free));
        self.seen.note_if(settlement == Settlement::Retake && !seats.is_empty(), Situation::SeatsRetaken);
        self.seen.note_if(settlement == Settlement::Unfulfil && is_gone, Situation::SeatsGone);
    }

    /// Notes what came of keeping seats back.
    pub(super) fn note_blocked(&mut self, refusal: Option<&BlockRefusal>) {
        self.seen.note_if(matches!(refusal, Some(BlockRefusal::InUse { .. })), Situation::SeatsInUse);
    }
}

fn seats_of(row: &OrderRow) -> Vec<SeatIndex> {
    row.known.lines.iter().flat_map(|line| line.seats.iter().copied()).collect()
}

fn is_named(wish: &Wanted, name: &str) -> bool {
    name.strip_prefix('T') == Some(&(scene::number(wish.ticket_type.uuid()) % scene::TYPES_AN_EVENT).to_string())
}

fn apply(statuses: &mut Packed, change: &SeatChange) {
    let (_, to) = change.cause.step();
    change.seats.iter().for_each(|seat| statuses.set(*seat, to));
}
