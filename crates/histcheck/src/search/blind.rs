//! A box office that counts and knows no versions.

use std::collections::BTreeMap;

use kernel::{HoldId, PoolId};

use super::Model;
use crate::history::{Answer, Call, Draw, Operation};
use crate::journal::{Cause, Entry};

/// Pools of these capacities, and holds that may expire.
pub struct Counter {
    opened: BTreeMap<PoolId, Stock>,
    may_expire: Vec<HoldId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Stock {
    capacity: i64,
    held: i64,
    sold: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pools: BTreeMap<PoolId, Stock>,
    /// A hold by its id, or by the call that made it when nobody was told the id.
    holds: BTreeMap<Result<HoldId, usize>, (Vec<Draw>, Life)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Life {
    Live,
    Converted,
    Over,
}

impl Counter {
    pub fn new(journal: &[Entry]) -> Self {
        let opened = journal.iter().filter(|entry| entry.cause == Cause::Opened);
        let expired = journal.iter().filter(|entry| entry.cause == Cause::Expired);
        Self {
            opened: opened
                .map(|entry| (entry.pool, Stock { capacity: entry.delta.capacity, held: 0, sold: 0 }))
                .collect(),
            may_expire: expired.filter_map(|entry| entry.hold).collect(),
        }
    }
}

impl State {
    fn add(&mut self, draws: &[Draw], held: i64, sold: i64) -> Option<()> {
        for draw in draws {
            let stock = self.pools.get_mut(&draw.pool)?;
            stock.held += held * i64::from(draw.quantity);
            stock.sold += sold * i64::from(draw.quantity);
            if stock.held + stock.sold > stock.capacity {
                return None;
            }
        }
        Some(())
    }

    fn end(&mut self, id: Result<HoldId, usize>, life: Life) -> Option<()> {
        let (draws, was) = self.holds.get_mut(&id)?;
        if *was != Life::Live {
            return None;
        }
        *was = life;
        let draws = draws.clone();
        self.add(&draws, -1, i64::from(life == Life::Converted))
    }

    fn life(&self, id: HoldId) -> Option<Life> {
        self.holds.get(&Ok(id)).map(|(_, life)| *life)
    }

    /// The call takes effect.
    fn run(mut self, at: usize, call: &Operation) -> Option<Self> {
        let told = match &call.answer {
            Answer::Done { hold, .. } => *hold,
            _ => None,
        };
        match &call.call {
            Call::Hold(draws) => {
                self.add(draws, 1, 0)?;
                let fresh = self.holds.insert(told.ok_or(at), (draws.clone(), Life::Live));
                return fresh.is_none().then_some(self);
            }
            Call::Buy(draws) => self.add(draws, 0, 1)?,
            Call::Release { hold, .. } => match self.life(*hold)? {
                Life::Live => self.end(Ok(*hold), Life::Over)?,
                Life::Converted | Life::Over => {}
            },
            Call::Confirm { hold, .. } => match self.life(*hold)? {
                Life::Live => self.end(Ok(*hold), Life::Converted)?,
                Life::Converted => {}
                Life::Over => return None,
            },
            Call::Resize { pool, capacity } => {
                let stock = self.pools.get_mut(pool)?;
                stock.capacity = i64::from(*capacity);
                if stock.held + stock.sold > stock.capacity {
                    return None;
                }
            }
            Call::Look => {}
        }
        Some(self)
    }

    fn is_short(&self, call: &Operation, pool: PoolId, available: i32) -> bool {
        let (Call::Hold(draws) | Call::Buy(draws)) = &call.call else { return false };
        let left = self.pools.get(&pool).map(|stock| stock.capacity - stock.held - stock.sold);
        let wanted = draws.iter().find(|draw| draw.pool == pool).map(|draw| draw.quantity);
        left == Some(i64::from(available)) && wanted.is_some_and(|wanted| available < wanted)
    }
}

impl Model for Counter {
    type State = State;

    fn beginning(&self) -> State {
        State { pools: self.opened.clone(), holds: BTreeMap::new() }
    }

    fn after(&self, state: &State, at: usize, call: &Operation) -> Vec<State> {
        let is_true = match &call.answer {
            Answer::Done { .. } | Answer::Unknown => return state.clone().run(at, call).into_iter().collect(),
            Answer::Ended | Answer::TurnedAway => true,
            Answer::SoldOut { pool, available, .. } => state.is_short(call, *pool, *available),
            Answer::BelowSold { sold, held } => {
                let Call::Resize { pool, capacity } = call.call else { return Vec::new() };
                let (held, sold) = (i64::from(*held), i64::from(*sold));
                let is_so = state.pools.get(&pool).is_some_and(|stock| (stock.held, stock.sold) == (held, sold));
                is_so && i64::from(capacity) < held + sold
            }
            Answer::Saw(sights) => sights.iter().all(|sight| {
                state.pools.get(&sight.pool).is_some_and(|stock| {
                    let left = stock.capacity - stock.held - stock.sold;
                    sight.available.is_none_or(|available| i64::from(available) == left)
                        && sight.stock.is_none_or(|(capacity, held, sold)| {
                            (capacity.into(), held.into(), sold.into()) == (stock.capacity, stock.held, stock.sold)
                        })
                })
            }),
        };
        if is_true { vec![state.clone()] } else { Vec::new() }
    }

    fn by_itself(&self, state: &State) -> Vec<State> {
        let expire = |hold: &Result<HoldId, usize>| {
            let mut next = state.clone();
            next.end(*hold, Life::Over).map(|()| next)
        };
        // A hold that nobody was told of may be any of those that expired.
        let may_expire = |hold: &&Result<HoldId, usize>| match hold {
            Ok(hold) => self.may_expire.contains(hold),
            Err(_) => !self.may_expire.is_empty(),
        };
        state.holds.keys().filter(may_expire).filter_map(expire).collect()
    }

    fn may_end(&self, _: &State) -> bool {
        true
    }
}
