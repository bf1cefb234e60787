//! A hold and its states. Pure.

use jiff::{SignedDuration, Timestamp};
use kernel::{EventId, HoldId, Money, PoolId, TicketTypeId};

use crate::mutant;
use crate::pool::model::{Cause, Change, NotEnough, Stock};
use crate::seat::best::Fallback;
use crate::seat::model::SeatIndex;
use crate::ticket_type::model::{EventSale, SaleState, TicketType};
use crate::waiting_room::model::gate::AdmissionRefusal;

/// The most lines one hold may have.
pub const LINES_A_HOLD_MAX: usize = 20;

/// Where a hold is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldState {
    /// The places are the buyer's, until the instant given. Past it they may be taken by anyone, even before a sweeper comes by.
    Live {
        /// Until when.
        expires_at: Timestamp,
        /// How often the buyer asked for more time.
        renewals: i16,
    },
    /// It became an order's tickets.
    Converted,
    /// The buyer let go.
    Released,
    /// Time ran out and the places went back.
    Expired,
}

/// Places put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Which one.
    pub id: HoldId,
    /// Of which event.
    pub event: EventId,
    /// Where it is in its life.
    pub state: HoldState,
    /// What it holds.
    pub lines: Vec<HoldLine>,
}

/// So many tickets of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldLine {
    /// Of which type.
    pub ticket_type: TicketTypeId,
    /// What the type is called.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// What one costs.
    pub unit_price: Money,
    /// The pools one ticket takes a place of.
    pub pools: Vec<PoolId>,
    /// The seats, one a ticket; empty when the type sells places without numbers.
    pub seats: Vec<SeatIndex>,
}

/// A hold that cannot do what was asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoldEnded {
    /// Time ran out.
    #[error("The tickets were held for you as long as promised, and have gone back on sale. Please choose again.")]
    Expired,
    /// The buyer let go of it.
    #[error("These tickets were let go. Please choose again.")]
    Released,
    /// It became an order already.
    #[error("These tickets have been ordered already.")]
    Converted,
}

impl Hold {
    /// When the hold ends, if it still lives at `now`.
    pub fn live_until(&self, now: Timestamp) -> Result<Timestamp, HoldEnded> {
        match self.state {
            HoldState::Live { expires_at, .. } if now < expires_at || mutant::is("expired_hold_lives") => {
                Ok(expires_at)
            }
            HoldState::Live { .. } | HoldState::Expired => Err(HoldEnded::Expired),
            HoldState::Released => Err(HoldEnded::Released),
            HoldState::Converted => Err(HoldEnded::Converted),
        }
    }

    /// What everything costs.
    pub fn total(&self) -> Option<Money> {
        total(&self.lines)
    }

    /// How many places of each pool the hold takes, in pool order.
    pub fn places(&self) -> Vec<(PoolId, i32)> {
        places(&self.lines)
    }

    /// Gives all places back to the stock.
    pub fn give_back(&self, stock: &mut Stock, cause: Cause) -> Result<(), NotEnough> {
        stock.apply_all(
            self.places().into_iter().map(|(pool, quantity)| (pool, Change::give_back(quantity, self.id, cause))),
        )
    }
}

/// What some lines cost together; `None` beyond every sensible sum.
pub fn total(lines: &[HoldLine]) -> Option<Money> {
    let first = lines.first()?;
    lines.iter().try_fold(Money::zero(first.unit_price.currency), |sum, line| {
        let count = u32::try_from(line.quantity).ok()?;
        sum.plus(line.unit_price.times(count).ok()?).ok()
    })
}

/// How many places of each pool some lines take, in pool order.
pub fn places(lines: &[HoldLine]) -> Vec<(PoolId, i32)> {
    let mut places = std::collections::BTreeMap::new();
    for line in lines {
        for pool in &line.pools {
            *places.entry(*pool).or_insert(0) += line.quantity;
            if mutant::is("one_pool_only") {
                break;
            }
        }
    }
    places.into_iter().collect()
}

/// What a buyer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Of which type.
    pub ticket_type: TicketTypeId,
    /// How many.
    pub quantity: i32,
    /// What the buyer offers for one, for pay-what-you-want.
    pub unit_price: Option<i64>,
    /// Which seats, where the type sells seats.
    pub seats: WantedSeats,
}

/// Which seats a buyer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedSeats {
    /// The best there are, by the rule of `seat/best.rs`. Also what stands for every place without a number.
    Best {
        /// How many of them are accessible; the others are companions' seats then.
        accessible: i32,
        /// What to do when no block leaves no single seat.
        fallback: Fallback,
    },
    /// These, by their ids: all of them or none.
    These(Vec<String>),
    /// Some by their ids and the best as well, which nobody can do; refused by [`choose`].
    Both,
}

impl Default for WantedSeats {
    fn default() -> Self {
        Self::Best { accessible: 0, fallback: Fallback::default() }
    }
}

impl WantedSeats {
    /// Whether seats are asked for in particular, which makes no sense where there are none.
    pub fn are_named(&self) -> bool {
        match self {
            Self::Best { accessible, .. } => *accessible > 0,
            Self::These(_) | Self::Both => true,
        }
    }
}

/// Why places are not put aside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TakeRefusal {
    /// The event is not there, or not public.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// Nothing was asked for.
    #[error("Choose at least one ticket.")]
    Nothing,
    /// A line asks for a type that is not this event's, or twice for one.
    #[error("One of the tickets is not on sale here.")]
    UnknownType,
    /// Fewer or more than an order may have.
    #[error("You can order {minimum} to {maximum} tickets of “{name}” at once.")]
    Quantity {
        /// The type.
        name: String,
        /// The least.
        minimum: i32,
        /// The most.
        maximum: i32,
    },
    /// The buyer's offer is too low, too high, or not asked for.
    #[error("The price of “{name}” has changed or cannot be chosen freely. Please look again.")]
    Price {
        /// The type.
        name: String,
    },
    /// The sale has not begun or is over.
    #[error("“{name}” cannot be bought at the moment.")]
    NotOnSale {
        /// The type.
        name: String,
        /// Why not.
        state: SaleState,
    },
    /// An add-on without a ticket that it goes with.
    #[error("“{name}” is sold only together with a ticket, at most one for each.")]
    AddonAlone {
        /// The type.
        name: String,
    },
    /// The sale has a waiting room, and the buyer was not let in.
    #[error(transparent)]
    Admission(#[from] AdmissionRefusal),
    /// Seats were asked for of a type that sells places without numbers.
    #[error("“{name}” has no numbered seats.")]
    WithoutSeats {
        /// The type.
        name: String,
    },
    /// Seats were named, and the best ones asked for as well.
    #[error("Name the seats of “{name}” or ask for the best ones, not both.")]
    SeatsOrBest {
        /// The type.
        name: String,
    },
    /// More accessible seats than tickets, or fewer than none.
    #[error("You can ask for 0 to {maximum} accessible seats with these tickets of “{name}”.")]
    Accessible {
        /// The type.
        name: String,
        /// How many tickets there are.
        maximum: i32,
    },
    /// Seats that are not in this hall, not of the type's category, named twice, or not one a ticket.
    #[error("Some of these seats cannot be had as “{name}”. Please choose again.")]
    UnknownSeats {
        /// The type.
        name: String,
        /// Which seats.
        seats: Vec<String>,
    },
    /// Somebody else has some of the seats.
    #[error("Some of these seats are taken. Please choose again.")]
    SeatsTaken {
        /// The type.
        name: String,
        /// Which seats.
        seats: Vec<String>,
        /// The version of the seats at which this was true.
        version: i64,
    },
    /// No seats for a party of this size.
    #[error("There are no seats of “{name}” for so many together; {free} are left.")]
    NoSeats {
        /// The type.
        name: String,
        /// How many seats of its category are free.
        free: i32,
        /// The version of the seats at which this was true.
        version: i64,
    },
    /// Too few places are left.
    #[error("“{name}” is sold out: {available} left.")]
    SoldOut {
        /// The type.
        name: String,
        /// How many can still be had.
        available: i32,
        /// The pool that decided, and its version: a history checker compares it.
        pool: PoolId,
        /// The version of the pool at which this was true.
        version: i64,
    },
}

/// What a choice is decided from.
#[derive(Debug, Clone, Copy)]
pub struct TakeState<'a> {
    /// The sale of the event.
    pub event: EventSale,
    /// Its ticket types.
    pub types: &'a [TicketType],
}

/// Checks what a buyer asks for against the rules of the sale, without looking at the stock.
pub fn choose(state: TakeState<'_>, wanted: &[Wanted], now: Timestamp) -> Result<Vec<HoldLine>, TakeRefusal> {
    let mut lines = Vec::with_capacity(wanted.len());
    let (mut tickets, mut addons) = (0, None);
    for (at, line) in wanted.iter().enumerate() {
        let is_repeated = wanted.iter().take(at).any(|other| other.ticket_type == line.ticket_type);
        let kind = state
            .types
            .iter()
            .find(|kind| kind.id == line.ticket_type && !kind.is_archived && !is_repeated)
            .ok_or(TakeRefusal::UnknownType)?;
        lines.push(choose_line(state.event, kind, line, now)?);
        if !kind.is_addon {
            tickets += line.quantity;
        } else if addons.is_none_or(|(quantity, _)| line.quantity > quantity) {
            addons = Some((line.quantity, &kind.name));
        }
    }
    match addons {
        _ if lines.is_empty() => Err(TakeRefusal::Nothing),
        Some((quantity, name)) if quantity > tickets && !mutant::is("addon_alone") => {
            Err(TakeRefusal::AddonAlone { name: name.clone() })
        }
        _ => Ok(lines),
    }
}

fn choose_line(event: EventSale, kind: &TicketType, line: &Wanted, now: Timestamp) -> Result<HoldLine, TakeRefusal> {
    let name = || kind.name.clone();
    if !(kind.minimum_per_order..=kind.maximum_per_order).contains(&line.quantity) {
        return Err(TakeRefusal::Quantity {
            name: name(),
            minimum: kind.minimum_per_order,
            maximum: kind.maximum_per_order,
        });
    }
    match kind.sale_state(event, i32::MAX, now) {
        SaleState::OnSale | SaleState::SoldOut => {}
        _ if mutant::is("closed_sale_sells") => {}
        state => return Err(TakeRefusal::NotOnSale { name: name(), state }),
    }
    match &line.seats {
        WantedSeats::These(seats) if i32::try_from(seats.len()) != Ok(line.quantity) => {
            return Err(TakeRefusal::UnknownSeats { name: name(), seats: seats.clone() });
        }
        WantedSeats::Best { accessible, .. } if !(0..=line.quantity).contains(accessible) => {
            return Err(TakeRefusal::Accessible { name: name(), maximum: line.quantity });
        }
        WantedSeats::Both => return Err(TakeRefusal::SeatsOrBest { name: name() }),
        WantedSeats::These(_) | WantedSeats::Best { .. } => {}
    }
    let unit_price = kind.unit_price(line.unit_price).ok_or_else(|| TakeRefusal::Price { name: name() })?;
    Ok(HoldLine {
        ticket_type: kind.id,
        name: name(),
        quantity: line.quantity,
        unit_price: kernel::Money { amount: unit_price, ..kind.price },
        pools: kind.pools.clone(),
        seats: Vec::new(),
    })
}

/// Takes the places of some lines out of the stock: all of them, or none. `change` says what becomes of so many places: held, or sold.
///
/// A refusal names the pool that is short, how many places it had before the lines were tried, and at which version: the state that a
/// history checker finds in the pool's journal.
pub fn reserve(lines: &[HoldLine], stock: &mut Stock, change: impl Fn(i32) -> Change) -> Result<(), TakeRefusal> {
    let mark = stock.mark();
    for line in lines {
        let changes = line.pools.iter().map(|pool| (*pool, change(line.quantity)));
        if let Err(short) = stock.apply_all(changes) {
            stock.undo(mark);
            let (available, version) =
                stock.pool(short.pool).map_or((0, 0), |pool| (pool.available().max(0), pool.version));
            let version = if mutant::is("stale_version_told") { version - 1 } else { version };
            return Err(TakeRefusal::SoldOut { name: line.name.clone(), available, pool: short.pool, version });
        }
    }
    Ok(())
}

/// Asks for as much time again as a hold gets at first.
pub fn renew(hold: &Hold, ttl: SignedDuration, renewals_max: u32, now: Timestamp) -> Result<HoldState, RenewRefusal> {
    hold.live_until(now)?;
    let HoldState::Live { renewals, .. } = hold.state else { return Err(HoldEnded::Expired.into()) };
    if u32::try_from(renewals).unwrap_or(u32::MAX) >= renewals_max && !mutant::is("renewed_for_ever") {
        return Err(RenewRefusal::TooOften);
    }
    let expires_at = now.checked_add(ttl).map_err(|_| HoldEnded::Expired)?;
    Ok(HoldState::Live { expires_at, renewals: renewals.saturating_add(1) })
}

/// Why a hold does not last longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenewRefusal {
    /// It has ended.
    #[error(transparent)]
    Ended(#[from] HoldEnded),
    /// It was renewed as often as is fair to others.
    #[error("The time cannot be extended again. Please finish your order before it runs out.")]
    TooOften,
}

#[cfg(test)]
mod tests;
