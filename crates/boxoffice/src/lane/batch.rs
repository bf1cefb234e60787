//! One batch in one transaction: read and lock, decide, write.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use kernel::{HoldId, OrderId, OrganisationId, TicketId};
use platform::random::Random;
use platform::request::RequestContext;
use platform::{Failure, Never, Tx};

use super::command::{Command, Outcome};
use super::drive::about;
use super::load::{self, Locking};
use super::model::Draws;
use super::witness::Witness;
use super::{About, save};
use crate::order::model::{CODE_ALPHABET, CODE_CHARACTERS};

/// A batch as it is tried; cheap to clone, since a transaction may be run again.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) organisation: OrganisationId,
    pub(super) commands: Arc<Vec<(Command, RequestContext)>>,
    notes: Notes,
}

/// What a transaction was about to commit, kept outside of it for the case that its answer is lost.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Option<(Option<Witness>, Done)>>>);

/// The answers of a batch, in the order of its commands.
#[derive(Clone)]
pub(super) struct Done {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) about: Arc<About>,
}

impl Attempt {
    pub(super) fn new(organisation: OrganisationId, commands: Vec<(Command, RequestContext)>) -> Self {
        Self { organisation, commands: Arc::new(commands), notes: Notes::default() }
    }

    pub(super) fn notes(&self) -> Notes {
        self.notes.clone()
    }
}

impl Notes {
    fn keep(&self, witness: Option<Witness>, done: &Done) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((witness, done.clone()));
    }

    pub(super) fn take(&self) -> Option<(Option<Witness>, Done)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Draws from the platform's randomness, at one instant.
struct Drawn {
    random: Random,
    now: Timestamp,
}

impl Draws for Drawn {
    fn hold(&mut self) -> HoldId {
        self.random.id(self.now)
    }

    fn order(&mut self) -> (OrderId, String) {
        let bytes: [u8; CODE_CHARACTERS] = self.random.bytes();
        // The alphabet has 32 characters, so that five bits of each byte choose one without bias.
        let code = bytes.iter().filter_map(|byte| CODE_ALPHABET.get(usize::from(byte & 31))).copied().map(char::from);
        (self.random.id(self.now), code.collect())
    }

    fn ticket(&mut self) -> (TicketId, i64) {
        (self.random.id(self.now), i64::from_be_bytes(self.random.bytes()) & i64::MAX)
    }
}

/// Does a batch: all of it in this transaction, or nothing.
pub(super) async fn run(tx: &mut Tx, attempt: Attempt) -> Result<Done, Failure<Never>> {
    let loaded = load::load(tx, &attempt, Locking::ForUpdate).await?;
    let (mut ledger, now) = (loaded.ledger, tx.now());
    let mut draws = Drawn { random: tx.random().clone(), now };
    ledger.reclaim(&loaded.expired, now);
    let commands = attempt.commands.iter().enumerate();
    let mut outcomes: Vec<Outcome> =
        commands.map(|(at, (command, _))| ledger.decide(at, command, &mut draws, now)).collect();
    if ledger.has_changed() {
        save::save(tx, &attempt, &ledger, &mut outcomes).await?;
    }
    let done = Done { outcomes, about: about(loaded.facts, loaded.key) };
    let first = ledger.stock.recorded().first();
    attempt.notes.keep(first.map(|line| Witness::of(attempt.organisation, line, now)), &done);
    Ok(done)
}

/// Decides commands that only want places on a snapshot, each by itself, without a lock and without writing. A refusal is a true answer: the
/// snapshot was taken after the command had come. Whatever is not refused has to be done by [`run`], and so has everything while places of
/// expired holds can be had back.
pub(super) async fn look(tx: &mut Tx, attempt: Attempt) -> Result<Done, Failure<Never>> {
    let loaded = load::load(tx, &attempt, Locking::None).await?;
    let (mut ledger, now) = (loaded.ledger, tx.now());
    let mut draws = Drawn { random: tx.random().clone(), now };
    let commands = attempt.commands.iter().enumerate();
    let outcomes = commands
        .map(|(at, (command, _))| {
            if !loaded.expired.is_empty() {
                return Outcome::Swept;
            }
            let mark = ledger.stock.mark();
            let outcome = ledger.decide(at, command, &mut draws, now);
            ledger.stock.undo(mark);
            outcome
        })
        .collect();
    Ok(Done { outcomes, about: about(loaded.facts, None) })
}
