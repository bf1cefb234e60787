//! One batch ahead, as `lane::course` and `lane::batch::run` do it.

use boxoffice::lane::foretold::{Basis, Foretold};
use kernel::EventId;

use super::{Attempt, LIMITS, Phase, Progress, Task};
use crate::scene;
use crate::situation::Situation;
use crate::store::Row;
use crate::world::World;

/// What a batch goes ahead of.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// The number of the batch before, in its node.
    pub of: usize,
    foretold: Foretold,
}

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Coming,
    Locked,
    Fallen,
}

/// The course of one batch.
#[derive(Debug)]
pub struct Course {
    pub(super) number: usize,
    /// Whether what its transaction leaves behind is what the batch does.
    pub(super) is_whole: bool,
    /// What its first transaction goes ahead of.
    pub(super) ahead: Option<Ahead>,
    pub(super) was_overtaken: bool,
    stage: Stage,
    /// The batch whose end it waits for.
    waits_for: Option<usize>,
}

impl Course {
    pub(super) fn new(number: usize, is_whole: bool, ahead: Option<Ahead>) -> Self {
        Self { number, is_whole, ahead, was_overtaken: false, stage: Stage::Coming, waits_for: None }
    }
}

impl World {
    /// Gives a batch that goes ahead the stock that was foretold.
    pub(super) fn take_foretold(&mut self, attempt: &mut Attempt) {
        let Some(ahead) = &attempt.ahead else { return };
        ahead.foretold.give(&mut attempt.ledger);
        attempt.ledger.owned = self.owned_by(&attempt.envelopes, &attempt.ledger);
        attempt.basis = Some(Basis::of(&attempt.ledger));
        self.seen.note(Situation::WentAhead);
    }

    /// Everything is decided: the next batch may go ahead.
    pub(super) fn foretell(&mut self, node: usize, task: &mut Task, attempt: &Attempt) {
        if attempt.ahead.is_none() {
            task.course.stage = Stage::Locked;
        }
        if !std::mem::take(&mut task.course.is_whole) || !self.mood.goes_ahead {
            return;
        }
        let (Some(foretold), [event]) = (Foretold::by(&attempt.ledger, &attempt.outcomes), task.events.as_slice())
        else {
            return;
        };
        let (lane, ahead) = ((scene::organisation(), *event), Ahead { of: task.course.number, foretold });
        self.nodes[node].queues.open(lane, ahead, LIMITS);
        self.nodes[node].has_opened = true;
    }

    /// Locks the stock once the batch before has it or is through, and compares it with what was foretold.
    pub(super) fn compare(&mut self, node: usize, task: &mut Task, mut attempt: Box<Attempt>) -> Progress {
        let Some(of) = attempt.ahead.as_ref().map(|ahead| ahead.of) else { return Progress::Going };
        match self.stage_of(node, of) {
            Some(Stage::Coming) => {
                task.attempt = Some(attempt);
                return Progress::Blocked;
            }
            Some(Stage::Fallen) => {
                self.seen.note(Situation::AheadOfFallen);
                self.give_way(node, task, attempt);
                return Progress::Going;
            }
            Some(Stage::Locked) | None => {}
        }
        attempt.wanted = super::load::pools_of(&attempt.ledger).map(Row::Pool).collect();
        if !self.lock_wanted(node, &mut attempt) {
            task.attempt = Some(attempt);
            return Progress::Blocked;
        }
        let found = self.found(&attempt);
        let is_for_person =
            attempt.basis.as_ref().is_some_and(|basis| basis.pools == found.pools && basis.owned != found.owned);
        self.seen.note_if(is_for_person, Situation::OvertakenByPerson);
        if !attempt.basis.take().is_some_and(|basis| basis.came_about(&found)) {
            self.seen.note(Situation::Overtaken);
            self.give_way(node, task, attempt);
            return Progress::Going;
        }
        task.course.stage = Stage::Locked;
        if let Some(truth) = attempt.truth.take() {
            truth.check(self, &attempt);
        }
        if let Some(Err(broken)) = attempt.changes.as_ref().map(|changes| changes.check(&self.store)) {
            self.fail("no statement breaks a constraint", || broken.0.to_owned());
        }
        attempt.phase = Phase::Commit;
        task.attempt = Some(attempt);
        Progress::Going
    }

    /// What a batch that went ahead should have been decided from.
    fn found(&self, attempt: &Attempt) -> Basis {
        let seats = attempt.ledger.seats.keys();
        let row = |event: &EventId| &self.store.seats[scene::number(event.uuid())];
        let seats = seats.map(|event| (*event, (row(event).version, row(event).statuses.clone())));
        Basis {
            pools: self.stock_of(&attempt.ledger).pools().cloned().collect(),
            seats: seats.collect(),
            owned: self.owned_by(&attempt.envelopes, &attempt.ledger),
        }
    }

    /// Undoes a batch that went ahead in vain; it is done again in its turn.
    pub(super) fn give_way(&mut self, node: usize, task: &mut Task, mut attempt: Box<Attempt>) {
        self.log(|| format!("node {node}: transaction {} went ahead in vain", attempt.tx));
        self.end(node, &mut attempt);
        task.course.stage = Stage::Fallen;
        task.course.was_overtaken = true;
        task.course.waits_for = attempt.ahead.take().map(|ahead| ahead.of);
        task.halves.push(attempt.envelopes);
    }

    /// Whether a batch has to wait until the one before has ended.
    pub(super) fn must_wait(&self, node: usize, task: &Task) -> bool {
        task.course.waits_for.is_some_and(|of| self.stage_of(node, of).is_some())
    }

    /// How a batch stands; none when it has ended.
    fn stage_of(&self, node: usize, number: usize) -> Option<Stage> {
        let mut courses = self.nodes[node].tasks.iter().map(|task| &task.course);
        courses.find(|course| course.number == number).map(|course| course.stage)
    }
}
