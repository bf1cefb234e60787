//! What a history can be guilty of, each with the calls that contradict each other.

use std::fmt;

use kernel::{HoldId, PoolId};

use crate::history::Operation;
use crate::journal::{Change, Numbers};

/// A contradiction. Its text names the calls and the versions, so that a person can find them in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Anomaly {
    /// The versions of a pool are not 1, 2, 3...
    #[error("the journal of {pool} goes on with version {found} where {expected} should be")]
    Gap {
        /// Which pool.
        pool: PoolId,
        /// The version that should come.
        expected: i64,
        /// The one that comes.
        found: i64,
    },
    /// More is sold and held than there is, or less than nothing.
    #[error("impossible stock: {pool}@{version} has {state}")]
    Impossible {
        /// Which pool.
        pool: PoolId,
        /// After which version.
        version: i64,
        /// What it had.
        state: Numbers,
    },
    /// The numbers of a change do not go with its cause.
    #[error("a change that its cause cannot make: {change}")]
    StrangeChange {
        /// The change.
        change: Change,
    },
    /// A hold ends twice, before it began, or with other places than it took.
    #[error("a strange end of {hold}: {end}; {}", begin.as_ref().map_or_else(|| "it never began".to_owned(), |begin| format!("it began as: {begin}")))]
    StrangeEnd {
        /// Which hold.
        hold: HoldId,
        /// How it began.
        begin: Option<Change>,
        /// How it ended.
        end: Change,
    },
    /// The client was told it was done, and the journal knows nothing of it.
    #[error("acknowledged and lost: {operation}")]
    Lost {
        /// The call.
        operation: Operation,
    },
    /// The answer differs from what was done.
    #[error("the answer differs from the journal:\n  {operation}\n  {change}")]
    Differs {
        /// The call.
        operation: Operation,
        /// What the journal says of the version that the answer names.
        change: Change,
    },
    /// Two calls are told that they made the same change.
    #[error("one change, two owners:\n  {first}\n  {second}\n  {change}")]
    Twice {
        /// The one.
        first: Operation,
        /// The other.
        second: Operation,
        /// What was done once.
        change: Change,
    },
    /// A change that nobody asked for.
    #[error("nobody asked for this change at a time at which it can have happened: {change}")]
    Phantom {
        /// The change.
        change: Change,
    },
    /// A call was over before another began, and comes after it.
    #[error(
        "out of order in {pool}: the first call was over before the second began, and comes after it\n  {earlier}\n  {later}"
    )]
    Order {
        /// In which pool.
        pool: PoolId,
        /// Over before the other began.
        earlier: Operation,
        /// Began after the other was over.
        later: Operation,
    },
    /// An answer that was not true at the version it names.
    #[error("untrue: {operation}\n  {pool}@{version} had {}", state.map_or_else(|| "not come yet".to_owned(), |state| state.to_string()))]
    Untrue {
        /// The call.
        operation: Operation,
        /// About which pool.
        pool: PoolId,
        /// At which version.
        version: i64,
        /// What the pool had; none when the version never came.
        state: Option<Numbers>,
    },
    /// An answer without a version that was true at no version it may be about.
    #[error("never true while it was asked: {operation}\n  {pool} between version {from} and {to}")]
    NeverTrue {
        /// The call.
        operation: Operation,
        /// About which pool.
        pool: PoolId,
        /// The first version it may be about.
        from: i64,
        /// The last one.
        to: i64,
    },
    /// Every pool alone is in order, but together they are not: a change of several pools was seen half done.
    #[error(
        "no order of these satisfies all pools at once; each must come before the next, and the last before the first:{}",
        List(steps)
    )]
    Cycle {
        /// The steps of the circle.
        steps: Vec<Step>,
    },
}

/// One step of a circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A call.
    Operation(Operation),
    /// A change without a recorded call.
    Change(Change),
}

struct List<'a>(&'a [Step]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| match step {
            Step::Operation(operation) => write!(f, "\n  {operation}"),
            Step::Change(change) => write!(f, "\n  {change}"),
        })
    }
}
