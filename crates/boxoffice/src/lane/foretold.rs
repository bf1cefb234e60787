//! One batch ahead. A batch that has decided knows what stock it will leave behind. The next batch of its event can be decided from that and
//! written while the one before is still on its way to the disk; before it commits, it locks the stock and compares. When what was foretold
//! did not come about (the batch before fell, or another node was faster), it is undone and done again in its turn. Pure.

use std::collections::BTreeMap;

use kernel::{EventId, TicketTypeId};

use super::command::Outcome;
use super::model::{KnownSeats, Ledger};
use crate::mutant;
use crate::pool::model::{Pool, Stock};
use crate::seat::map::SeatMap;
use crate::seat::packed::Packed;

/// What a batch leaves behind if it is committed.
#[derive(Debug, Clone, Default)]
pub struct Foretold {
    pools: Vec<Pool>,
    seats: BTreeMap<EventId, SeatMap>,
}

impl Foretold {
    /// What a ledger leaves behind, once everything was decided; none when nothing should go ahead of it: it is about several events, or
    /// had nothing left for someone, so that those who come next can be refused by one look.
    pub fn by(ledger: &Ledger, outcomes: &[Outcome]) -> Option<Self> {
        if ledger.events.len() != 1 || outcomes.iter().any(Outcome::is_sold_out) {
            return None;
        }
        let seats = ledger.seats.iter().map(|(event, seats)| (*event, seats.map.clone()));
        Some(Self { pools: ledger.stock.pools().cloned().collect(), seats: seats.collect() })
    }

    /// Gives a ledger, which knows its events, the stock that was foretold.
    pub fn give(&self, ledger: &mut Ledger) {
        ledger.stock = Stock::new(self.pools.iter().cloned());
        for (event, known) in ledger.events.iter().filter(|(_, known)| known.has_seats()) {
            if let Some(map) = self.seats.get(event) {
                ledger.seats.insert(*event, KnownSeats::new(map.clone(), &known.types));
            }
        }
    }
}

/// The stock that a batch is decided from: whoever locks it and finds the same has decided what is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Every pool.
    pub pools: Vec<Pool>,
    /// The seats of each event that has any, seat by seat: another node may have made the same version with other seats.
    pub seats: BTreeMap<EventId, (i64, Packed)>,
    /// How many tickets people have already, where a type limits that.
    pub owned: BTreeMap<(TicketTypeId, String), i32>,
}

impl Basis {
    /// What a ledger is decided from; to be asked before anything is.
    pub fn of(ledger: &Ledger) -> Self {
        let seats =
            ledger.seats.iter().map(|(event, seats)| (*event, (seats.map.version(), seats.map.packed().clone())));
        Self { pools: ledger.stock.pools().cloned().collect(), seats: seats.collect(), owned: ledger.owned.clone() }
    }

    /// Whether it came about: what was found under the locks is the same.
    pub fn came_about(&self, found: &Self) -> bool {
        mutant::is("foretold_not_compared")
            || self.pools == found.pools
                && (self.seats == found.seats || (mutant::is("foretold_version_only") && is_version(self, found)))
                && (self.owned == found.owned || mutant::is("person_limit_forgets_ahead"))
    }
}

/// Whether the seats have the versions that were foretold, whatever they are.
fn is_version(one: &Basis, other: &Basis) -> bool {
    let versions =
        |basis: &Basis| basis.seats.iter().map(|(event, (version, _))| (*event, *version)).collect::<Vec<_>>();
    versions(one) == versions(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::model::{SeatIndex, SeatStatus};
    use kernel::PoolId;
    use uuid::Uuid;

    fn pool(sold: i32, version: i64) -> Pool {
        Pool { id: PoolId::from(Uuid::from_u128(1)), capacity: 9, held: 0, sold, version }
    }

    fn basis(pools: Vec<Pool>) -> Basis {
        Basis { pools, seats: BTreeMap::new(), owned: BTreeMap::new() }
    }

    #[test]
    fn only_the_very_same_stock_is_what_was_foretold() {
        let assumed = basis(vec![pool(2, 7)]);
        assert!(assumed.came_about(&basis(vec![pool(2, 7)])));
        for other in [vec![pool(2, 8)], vec![pool(3, 7)], vec![], vec![pool(2, 7), pool(0, 1)]] {
            assert!(!assumed.came_about(&basis(other)));
        }
        let seated = |version: i64, taken: u32| {
            let mut statuses = Packed::free(4);
            statuses.set(SeatIndex(taken), SeatStatus::Sold);
            Basis { seats: BTreeMap::from([(EventId::from(Uuid::from_u128(5)), (version, statuses))]), ..basis(vec![]) }
        };
        assert!(!basis(vec![]).came_about(&seated(3, 0)), "seats that were not there");
        assert!(seated(3, 0).came_about(&seated(3, 0)));
        assert!(!seated(3, 0).came_about(&seated(4, 0)) && !seated(3, 0).came_about(&seated(3, 1)));
        let person = BTreeMap::from([((TicketTypeId::from(Uuid::from_u128(6)), "a@example.org".to_owned()), 1)]);
        assert!(!assumed.came_about(&Basis { owned: person, ..basis(vec![pool(2, 7)]) }), "someone has bought since");
    }

    #[test]
    fn a_batch_of_several_events_or_with_refusals_foretells_nothing() {
        assert!(Foretold::by(&Ledger::default(), &[]).is_none());
    }
}
