//! One batch in one transaction: read and lock, decide, write.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use kernel::{HoldId, OrderId, OrganisationId, TicketId};
use platform::Locals;
use platform::random::Random;
use platform::request::RequestContext;
use platform::{Failure, Never, Tx};

use super::command::{Command, Outcome};
use super::course::{Before, Course, Overtaken};
use super::drive::about;
use super::foretold::Basis;
use super::load::{self, Locking};
use super::model::Draws;
use super::witness::Witness;
use super::{About, save};
use crate::order::model::{CODE_ALPHABET, CODE_CHARACTERS};
use crate::seat::halls::Halls;
use crate::ticket::key::Keys;

/// A batch as it is tried; cheap to clone, since a transaction may be run again.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) organisation: OrganisationId,
    pub(super) commands: Arc<Vec<(Command, RequestContext)>>,
    pub(super) halls: Arc<Halls>,
    pub(super) keys: Arc<Keys>,
    /// Who is told how it goes; only of a whole batch, not of its halves.
    pub(super) course: Option<Arc<Course>>,
    /// What it goes ahead of.
    pub(super) before: Option<Before>,
    notes: Notes,
}

/// What a transaction was about to commit, kept outside of it for the case that its answer is lost.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Option<Note>>>);

/// The witness of a batch, if it left one, and its answers.
type Note = (Option<Witness>, Done);

/// The answers of a batch, in the order of its commands.
#[derive(Clone)]
pub(super) struct Done {
    pub(super) outcomes: Arc<Vec<Outcome>>,
    pub(super) about: Arc<About>,
}

impl Attempt {
    pub(super) fn new(organisation: OrganisationId, commands: Vec<(Command, RequestContext)>, locals: &Locals) -> Self {
        let (commands, notes) = (Arc::new(commands), Notes::default());
        let (halls, keys) = (locals.get(), locals.get());
        Self { organisation, commands, halls, keys, course: None, before: None, notes }
    }

    pub(super) fn notes(&self) -> Notes {
        self.notes.clone()
    }
}

impl Notes {
    fn keep(&self, witness: Option<Witness>, done: &Done) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((witness, done.clone()));
    }

    pub(super) fn take(&self) -> Option<Note> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Done {
    /// The answers, to be handed out.
    pub(super) fn into_outcomes(self) -> Vec<Outcome> {
        Arc::unwrap_or_clone(self.outcomes)
    }
}

/// Draws from the platform's randomness, at one instant.
struct Drawn {
    random: Random,
    now: Timestamp,
    serials: Option<Serials>,
}

impl Drawn {
    fn new(random: Random, now: Timestamp) -> Self {
        Self { random, now, serials: None }
    }
}

/// The serials of a batch's tickets: they rise with time, so that the index over them grows at its end however many tickets there are, and
/// begin at a random place within their millisecond. Nothing rests on a serial being hard to guess: a code is proven by its signature.
struct Serials(i64);

impl Serials {
    /// 2^41 milliseconds since 2020 last until 2089.
    const SINCE: i64 = 1_577_836_800_000;
    const RANDOM_BITS: u32 = 22;

    fn begin(random: &Random, now: Timestamp) -> Self {
        let bits = i64::from(u32::from_be_bytes(random.bytes()) >> (u32::BITS - Self::RANDOM_BITS));
        let milliseconds = now.as_millisecond().saturating_sub(Self::SINCE);
        Self(((milliseconds << Self::RANDOM_BITS) | bits) & i64::MAX)
    }

    fn next(&mut self) -> i64 {
        self.0 = self.0.wrapping_add(1) & i64::MAX;
        self.0
    }
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
        let serials = self.serials.get_or_insert_with(|| Serials::begin(&self.random, self.now));
        (self.random.id(self.now), serials.next())
    }
}

/// Does a batch: all of it in this transaction, or nothing. One that goes ahead locks the stock last.
pub(super) async fn run(tx: &mut Tx, attempt: Attempt) -> Result<Done, Failure<Overtaken>> {
    let locking = attempt.before.as_ref().map_or(Locking::ForUpdate, |before| Locking::Ahead(&before.foretold));
    let loaded = load::load(tx, &attempt, locking).await?;
    let (mut ledger, now) = (loaded.ledger, tx.now());
    let basis = attempt.before.is_some().then(|| Basis::of(&ledger));
    let course = |tell: fn(&Course)| attempt.course.as_deref().into_iter().for_each(tell);
    if basis.is_none() {
        course(Course::locked);
    }
    let mut draws = Drawn::new(tx.random().clone(), now);
    ledger.reclaim(&loaded.expired, now);
    let commands: Vec<&Command> = attempt.commands.iter().map(|(command, _)| command).collect();
    let mut outcomes = ledger.decide_all(&commands, &mut draws, now);
    if let Some(course) = &attempt.course {
        course.foretell(&ledger, &outcomes);
    }
    let has_changed = ledger.has_changed();
    if has_changed {
        save::save_rows(tx, &attempt, &ledger, &mut outcomes).await?;
    }
    if let (Some(mut before), Some(basis)) = (attempt.before.clone(), basis) {
        before.turn().await?;
        if !basis.came_about(&load::lock_stock(tx, &attempt, &ledger).await?) {
            return Err(Overtaken.into());
        }
        course(Course::locked);
    }
    if has_changed {
        save::save_stock(tx, &attempt, &ledger).await?;
    }
    let done = Done { outcomes: Arc::new(outcomes), about: about(loaded.facts, loaded.key) };
    let first = ledger.stock.recorded().first();
    attempt.notes.keep(first.map(|line| Witness::of(attempt.organisation, line, now)), &done);
    ledger.seats.into_iter().for_each(|(event, seats)| attempt.halls.keep(event, seats.map));
    Ok(done)
}

/// Decides commands that only want places on a snapshot, each by itself, without a lock and without writing. A refusal is a true answer: the
/// snapshot was taken after the command had come. Whatever is not refused has to be done by [`run`], and so has everything while places of
/// expired holds can be had back.
pub(super) async fn look(tx: &mut Tx, attempt: Attempt) -> Result<Done, Failure<Never>> {
    let loaded = load::load(tx, &attempt, Locking::None).await?;
    let (mut ledger, now) = (loaded.ledger, tx.now());
    let mut draws = Drawn::new(tx.random().clone(), now);
    let commands = attempt.commands.iter().enumerate();
    let outcomes: Vec<Outcome> = commands
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
    Ok(Done { outcomes: Arc::new(outcomes), about: about(loaded.facts, None) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_rise_with_time_and_are_never_negative() {
        let random = Random::seeded(1);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut last = 0;
        for time in ["2026-11-26T10:00:00Z", "2026-11-26T10:00:00.001Z", "2040-01-01T00:00:00Z", "2088-12-31T00:00:00Z"]
        {
            let mut serials = Serials::begin(&random, at(time));
            let (first, second) = (serials.next(), serials.next());
            assert!(last < first && first + 1 == second, "{time}: {last} {first} {second}");
            last = second;
        }
        for time in ["0001-01-01T00:00:00Z", "1999-12-31T00:00:00Z", "9999-01-01T00:00:00Z"] {
            assert!(Serials::begin(&random, at(time)).next() >= 0, "{time}");
        }
        assert_eq!(Serials(i64::MAX).next(), 0);
    }
}
