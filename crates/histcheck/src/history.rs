//! What clients saw: each call with the instants of its invocation and of its completion.

use std::fmt;

use kernel::{HoldId, PoolId};

/// One call of one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Who called.
    pub client: u32,
    /// Which server node was called.
    pub node: u32,
    /// When the client began to send. Nanoseconds since the run began.
    pub invoked: u64,
    /// When the client had the whole answer; none when it never came. Nanoseconds since the run began.
    pub completed: Option<u64>,
    /// What was asked.
    pub call: Call,
    /// What was answered.
    pub answer: Answer,
}

/// So many places of one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Draw {
    /// Of which pool.
    pub pool: PoolId,
    /// How many, at least 1.
    pub quantity: i32,
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Put places aside. One draw a pool, in pool order.
    Hold(Vec<Draw>),
    /// Buy places in one call, without a hold. One draw a pool, in pool order.
    Buy(Vec<Draw>),
    /// Let go of a hold.
    Release {
        /// Which one.
        hold: HoldId,
        /// What it drew.
        draws: Vec<Draw>,
    },
    /// Turn a hold into tickets.
    Confirm {
        /// Which one.
        hold: HoldId,
        /// What it drew.
        draws: Vec<Draw>,
    },
    /// Give a pool another capacity.
    Resize {
        /// Which one.
        pool: PoolId,
        /// Places in all.
        capacity: i32,
    },
    /// Look at the stock.
    Look,
}

/// What a client was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done {
        /// The hold that was made, for `Hold`.
        hold: Option<HoldId>,
        /// The version that the change made in each pool: none when the answer does not tell, empty when it tells that nothing changed.
        versions: Option<Vec<(PoolId, i64)>>,
    },
    /// There are too few places.
    SoldOut {
        /// The pool that decided.
        pool: PoolId,
        /// The version at which this was true, when told.
        version: Option<i64>,
        /// How many places there were.
        available: i32,
    },
    /// The capacity would be below what is sold and held.
    BelowSold {
        /// Places sold.
        sold: i32,
        /// Places held.
        held: i32,
    },
    /// The hold had ended. Ends by the clock leave no version, so this says nothing about the stock.
    Ended,
    /// The server was too busy and did nothing.
    TurnedAway,
    /// The numbers of some pools, all of one instant.
    Saw(Vec<Sight>),
    /// No answer, or one that does not say whether it was done.
    Unknown,
}

/// What an answer shows of one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Which pool.
    pub pool: PoolId,
    /// At which version.
    pub version: i64,
    /// Places left, when shown.
    pub available: Option<i32>,
    /// Capacity, held and sold, when shown.
    pub stock: Option<(i32, i32, i32)>,
}

impl Operation {
    /// When it was over, as far as anyone knows: an unknown outcome may still happen at any time.
    pub fn ended(&self) -> u64 {
        match self.answer {
            Answer::Unknown => u64::MAX,
            _ => self.completed.unwrap_or(u64::MAX),
        }
    }

    /// The pools it names, in no order.
    pub fn pools(&self) -> Vec<PoolId> {
        match (&self.call, &self.answer) {
            (Call::Hold(draws) | Call::Buy(draws) | Call::Release { draws, .. } | Call::Confirm { draws, .. }, _) => {
                draws.iter().map(|draw| draw.pool).collect()
            }
            (Call::Resize { pool, .. }, _) => vec![*pool],
            (Call::Look, Answer::Saw(sights)) => sights.iter().map(|sight| sight.pool).collect(),
            (Call::Look, _) => Vec::new(),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client {} on node {} [{} us .. ", self.client, self.node, self.invoked / 1000)?;
        match self.completed {
            Some(completed) => write!(f, "{} us]", completed / 1000)?,
            None => write!(f, "?]")?,
        }
        write!(f, " {} -> {}", self.call, self.answer)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hold(draws) => write!(f, "hold {}", Draws(draws)),
            Self::Buy(draws) => write!(f, "buy {}", Draws(draws)),
            Self::Release { hold, draws } => write!(f, "release {hold} ({})", Draws(draws)),
            Self::Confirm { hold, draws } => write!(f, "confirm {hold} ({})", Draws(draws)),
            Self::Resize { pool, capacity } => write!(f, "resize {pool} to {capacity}"),
            Self::Look => write!(f, "look"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done { hold, versions } => {
                write!(f, "done")?;
                if let Some(hold) = hold {
                    write!(f, " as {hold}")?;
                }
                versions.iter().flatten().try_for_each(|(pool, version)| write!(f, " {pool}@{version}"))
            }
            Self::SoldOut { pool, version: Some(version), available } => {
                write!(f, "sold out: {available} left in {pool}@{version}")
            }
            Self::SoldOut { pool, version: None, available } => write!(f, "sold out: {available} left in {pool}"),
            Self::BelowSold { sold, held } => write!(f, "refused: {sold} sold and {held} held"),
            Self::Ended => write!(f, "the hold has ended"),
            Self::TurnedAway => write!(f, "turned away"),
            Self::Saw(sights) => {
                write!(f, "saw")?;
                sights.iter().try_for_each(|sight| write!(f, " {sight}"))
            }
            Self::Unknown => write!(f, "unknown"),
        }
    }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.pool, self.version)?;
        if let Some(available) = self.available {
            write!(f, " with {available} left")?;
        }
        if let Some((capacity, held, sold)) = self.stock {
            write!(f, " with {held} held and {sold} sold of {capacity}")?;
        }
        Ok(())
    }
}

struct Draws<'a>(&'a [Draw]);

impl fmt::Display for Draws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, draw) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { " + " };
            write!(f, "{between}{} of {}", draw.quantity, draw.pool)?;
        }
        Ok(())
    }
}
