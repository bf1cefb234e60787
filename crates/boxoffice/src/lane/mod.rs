//! Lanes: every write of an event's stock goes through the lane of its event, which does what waits in one transaction.
//!
//! A caller puts a command into the queue of its event and waits for the answer. As soon as no batch of that event runs, a task takes what
//! waits (it never waits for more), locks the stock of the batch's events once, decides command after command by the pure [`model`], writes
//! what was decided with a few statements, commits, and then answers everyone. One commit serves hundreds of buyers, and one buyer alone gets
//! the same path without a wait. Nothing depends on there being one lane: other nodes take turns at the row locks.
//!
//! - While a batch is written and committed, the next one may be decided from what it will leave behind ([`foretold`]).
//! - A refused command leaves no trace in its batch; a poisoned one, whose statements fail, is found by halving, and only it fails.
//! - A commit without an answer is looked up by its witness ([`witness`]), not guessed and not repeated.
//! - A full queue answers "not now" at once.

mod batch;
pub mod command;
mod course;
mod drive;
pub mod foretold;
mod load;
pub mod model;
pub mod queue;
pub mod rule;
mod save;
mod store;
mod witness;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::EventId;
use platform::request::RequestContext;
use platform::{Failure, Fault, Platform};
use tokio::sync::oneshot;

use crate::order::present::OrderEvent;
use crate::ticket::key::TicketKey;
use command::{Ask, Command, Outcome};
use course::Before;
use queue::{Limits, Queues, Waiting};

/// The most commands that are refused together when nothing is left: one look at the stock answers all of them.
const REFUSALS_TOGETHER_MAX: usize = 4_096;
/// The most batches that run at once in a node. Each needs a connection; what bounds them is the processor, not the disk.
const BATCHES_MAX: usize = 6;
/// The most batches that run at once for one tenant: a hot event's, and one for all the others.
const BATCHES_A_TENANT_MAX: usize = 2;
/// Lanes with no more commands than this ride with others.
const TOGETHER_COMMANDS_MAX: usize = 32;

/// For how many batches none goes ahead after one did in vain.
const PAUSE_BATCHES: u32 = 64;

/// What a batch knew when it decided: enough to show an answer without asking the database again.
#[derive(Default)]
pub struct About {
    /// The events.
    pub events: BTreeMap<EventId, OrderEvent>,
    /// The key that signs the tickets it issued.
    pub key: Option<Arc<TicketKey>>,
}

/// An answer, with what it was decided from.
#[derive(Clone)]
pub struct Answered<T> {
    /// The answer.
    pub answer: T,
    /// What was known.
    pub about: Arc<About>,
}

/// A command on its way, with whom to answer.
struct Envelope {
    command: Command,
    request: RequestContext,
    reply: oneshot::Sender<Reply>,
}

impl Waiting for Envelope {
    fn may_go_ahead(&self) -> bool {
        self.command.may_go_ahead()
    }
}

type Reply = Result<(Outcome, Arc<About>), Fault>;

/// The lanes of one node.
#[derive(Default)]
struct Lanes {
    queues: Mutex<Queues<Envelope, Before>>,
}

impl Lanes {
    fn queues(&self) -> MutexGuard<'_, Queues<Envelope, Before>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn limits(platform: &Platform) -> Limits {
    let settings = &platform.config.boxoffice;
    Limits {
        batch_max: settings.batch_max.get(),
        lane_max: settings.queue_max.get(),
        refusals_max: REFUSALS_TOGETHER_MAX,
        batches_max: BATCHES_MAX,
        batches_a_tenant_max: BATCHES_A_TENANT_MAX,
        together_max: TOGETHER_COMMANDS_MAX.min(settings.batch_max.get()),
        ahead_min: settings.ahead_min.get(),
        pause: PAUSE_BATCHES,
    }
}

/// Has a command done by the lane of its event. When the caller goes away before its turn, it is not done at all; after that, it is.
///
/// Fails with [`Fault::Busy`] when the lane is full, with [`Fault::Unknown`] when the database could not be asked whether a commit happened.
pub async fn ask<C: Ask>(platform: &Platform, command: C) -> Result<Answered<C::Answer>, Failure<C::Refusal>> {
    let (reply, answer) = oneshot::channel();
    drive::submit(platform, Envelope { command: command.into(), request: RequestContext::current(), reply })?;
    let interrupted = || Fault::Interrupted("the lane's task ended without an answer".to_owned());
    let (outcome, about) = answer.await.map_err(|_| interrupted())??;
    match C::read(outcome) {
        Some(Ok(answer)) => Ok(Answered { answer, about }),
        Some(Err(refusal)) => Err(refusal.into()),
        None => Err(Fault::corrupt("the answer to another command").into()),
    }
}
