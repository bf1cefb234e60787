//! What a lane can be asked, and what it answers: one variant for each operation that touches an event's stock.

use kernel::{EventId, HoldId, OrderId, OrganisationId};
use platform::Refusal;

use crate::hold::model::{Hold, RenewRefusal, TakeRefusal};
use crate::hold::release::{Release, Released};
use crate::hold::renew::Renew;
use crate::hold::sweep::Sweep;
use crate::hold::take::{Take, Taken};
use crate::order::buy::{Buy, BuyRefusal};
use crate::order::cancel::{Cancel, CancelRefusal};
use crate::order::model::{Buyer, Settlement};
use crate::order::place::{Confirmed, Place, PlaceRefusal, Placed};
use crate::order::settle::{Settle, SettleRefusal};
use crate::pool::edit::{EditRefusal, Resize};
use crate::seat::block::{Block, BlockRefusal};

/// One thing to do with the stock of one event.
#[derive(Debug, Clone)]
pub enum Command {
    /// Put places aside.
    Take(Take),
    /// Keep them longer.
    Renew(Renew),
    /// Let go of them.
    Release(Release),
    /// Buy in one step.
    Buy(Buy),
    /// Order what is held.
    Place(Place),
    /// Money has come.
    Settle(Settle),
    /// Call an order off.
    Cancel(Cancel),
    /// Make a pool larger or smaller.
    Resize(Resize),
    /// Take seats off sale, or put them on sale again.
    Block(Block),
    /// Clear expired holds away.
    Sweep(Sweep),
}

/// The answer to a command.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// To [`Command::Take`].
    Taken(Result<Taken, TakeRefusal>),
    /// To [`Command::Renew`].
    Renewed(Result<Hold, RenewRefusal>),
    /// To [`Command::Release`].
    Released(Released),
    /// To [`Command::Buy`].
    Bought(Result<Confirmed, BuyRefusal>),
    /// To [`Command::Place`].
    Placed(Result<Placed, PlaceRefusal>),
    /// To [`Command::Settle`].
    Settled(Result<Settlement, SettleRefusal>),
    /// To [`Command::Cancel`].
    Cancelled(Result<(), CancelRefusal>),
    /// To [`Command::Resize`].
    Resized(Result<(), EditRefusal>),
    /// To [`Command::Block`]: the version of the seats.
    Blocked(Result<i64, BlockRefusal>),
    /// To [`Command::Sweep`].
    Swept,
}

impl Command {
    /// The tenant and the event whose stock it is about.
    pub fn event(&self) -> (OrganisationId, EventId) {
        match self {
            Self::Take(it) => (it.organisation, it.event),
            Self::Renew(it) => (it.organisation, it.event),
            Self::Release(it) => (it.organisation, it.event),
            Self::Buy(it) => (it.organisation, it.event),
            Self::Place(it) => (it.organisation, it.event),
            Self::Settle(it) => (it.organisation, it.event),
            Self::Cancel(it) => (it.organisation, it.event),
            Self::Resize(it) => (it.organisation, it.event),
            Self::Block(it) => (it.organisation, it.event),
            Self::Sweep(it) => (it.organisation, it.event),
        }
    }

    /// The hold it names.
    pub fn hold(&self) -> Option<HoldId> {
        match self {
            Self::Renew(it) => Some(it.hold),
            Self::Release(it) => Some(it.hold),
            Self::Place(it) => Some(it.hold),
            _ => None,
        }
    }

    /// The order it names.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Settle(it) => Some(it.order),
            Self::Cancel(it) => Some(it.order),
            _ => None,
        }
    }

    /// Who buys with it.
    pub fn buyer(&self) -> Option<&Buyer> {
        match self {
            Self::Buy(it) => Some(&it.buyer),
            Self::Place(it) => Some(&it.buyer),
            _ => None,
        }
    }

    /// Whether tickets may come of it.
    pub fn may_issue(&self) -> bool {
        matches!(self, Self::Buy(_) | Self::Place(_) | Self::Settle(_))
    }

    /// Whether it may be decided from a stock that is only foretold. Money that has come, cancellations and changes of the stock's size touch
    /// rows of others, under which two batches of one event would wait for each other.
    pub fn may_go_ahead(&self) -> bool {
        matches!(self, Self::Take(_) | Self::Renew(_) | Self::Release(_) | Self::Buy(_) | Self::Place(_))
    }

    /// Whether all it can do is to take places that are free: then a state without any is answer enough.
    pub fn only_takes(&self) -> bool {
        matches!(self, Self::Take(_) | Self::Buy(_))
    }
}

impl Outcome {
    /// Whether something was done, so that a repeated request must get this answer and not be done again.
    pub fn has_effect(&self) -> bool {
        match self {
            Self::Taken(result) => result.is_ok(),
            Self::Renewed(result) => result.is_ok(),
            Self::Bought(result) => result.is_ok(),
            Self::Placed(result) => result.is_ok(),
            Self::Settled(result) => result.is_ok(),
            Self::Cancelled(result) => result.is_ok(),
            Self::Resized(result) => result.is_ok(),
            Self::Blocked(result) => result.is_ok(),
            Self::Released(_) | Self::Swept => true,
        }
    }

    /// Whether it is a "no" for want of places.
    pub fn is_sold_out(&self) -> bool {
        matches!(
            self,
            Self::Taken(Err(TakeRefusal::SoldOut { .. }))
                | Self::Bought(Err(BuyRefusal::Take(TakeRefusal::SoldOut { .. })))
        )
    }
}

/// A command with the types of its answer.
pub trait Ask: Into<Command> {
    /// What comes of it.
    type Answer;
    /// Why it is refused.
    type Refusal: Refusal;
    /// Reads the answer; none when it is the answer to something else, which a lane never gives.
    fn read(outcome: Outcome) -> Option<Result<Self::Answer, Self::Refusal>>;
}

macro_rules! asks {
    ($($command:ident => $outcome:ident($answer:ty, $refusal:ty),)*) => {$(
        impl From<$command> for Command {
            fn from(command: $command) -> Self { Self::$command(command) }
        }
        impl Ask for $command {
            type Answer = $answer;
            type Refusal = $refusal;
            fn read(outcome: Outcome) -> Option<Result<$answer, $refusal>> {
                if let Outcome::$outcome(result) = outcome { Some(result) } else { None }
            }
        }
    )*};
}
asks! {
    Take => Taken(Taken, TakeRefusal),
    Renew => Renewed(Hold, RenewRefusal),
    Buy => Bought(Confirmed, BuyRefusal),
    Place => Placed(Placed, PlaceRefusal),
    Settle => Settled(Settlement, SettleRefusal),
    Cancel => Cancelled((), CancelRefusal),
    Resize => Resized((), EditRefusal),
    Block => Blocked(i64, BlockRefusal),
}

impl From<Release> for Command {
    fn from(command: Release) -> Self {
        Self::Release(command)
    }
}
impl Ask for Release {
    type Answer = Released;
    type Refusal = platform::Never;
    fn read(outcome: Outcome) -> Option<Result<Released, platform::Never>> {
        if let Outcome::Released(released) = outcome { Some(Ok(released)) } else { None }
    }
}

impl From<Sweep> for Command {
    fn from(command: Sweep) -> Self {
        Self::Sweep(command)
    }
}
impl Ask for Sweep {
    type Answer = ();
    type Refusal = platform::Never;
    fn read(outcome: Outcome) -> Option<Result<(), platform::Never>> {
        matches!(outcome, Outcome::Swept).then_some(Ok(()))
    }
}
