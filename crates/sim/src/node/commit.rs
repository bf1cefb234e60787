//! The commit and its three outcomes: done, not done, and nobody knows.

use boxoffice::lane::rule::{self, AfterLoss};
use boxoffice::mutant;
use boxoffice::pool::model::Recorded;
use jiff::Timestamp;

use super::{Attempt, Phase, Progress, Reply, Task};
use crate::scene;
use crate::situation::Situation;
use crate::store::{Changes, Row, TxId};
use crate::world::World;

/// How often the database is asked for a witness before the outcome stays unknown.
const LOOKS_MAX: u32 = 20;

/// What a commit meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is refused: nothing happened, and the database says so.
    Refused,
    /// The connection breaks before it: nothing happens, and the node does not know.
    Before,
    /// The connection breaks after it: it happened, and the node does not know.
    After,
    /// The connection breaks while the database still works on it: it will happen.
    LaterDone,
    /// The same, and it will not happen.
    LaterNot,
    /// The node dies right after it.
    Crash,
    /// The database does not answer when a witness is looked for.
    Silent,
}

/// A transaction whose node has lost it, and that has not ended yet.
#[derive(Debug)]
pub struct Lost {
    pub(crate) changes: Option<Changes>,
    tx: TxId,
    locked: Vec<Row>,
    commits: bool,
}

impl World {
    pub(super) fn commit(&mut self, node: usize, task: &mut Task, mut attempt: Box<Attempt>) -> Progress {
        let fault = self.take_fault(|fault| fault != Fault::Silent);
        self.tally.commits += 1;
        if let Some(fault) = fault {
            self.tally.faults += 1;
            self.log(|| format!("node {node}: the commit of transaction {} meets: {fault:?}", attempt.tx));
        }
        match fault {
            None | Some(Fault::Silent) => {
                self.apply(&mut attempt);
                self.end(node, &mut attempt);
                self.answer_all(task, *attempt);
                return Progress::Going;
            }
            Some(Fault::Crash) => {
                self.apply(&mut attempt);
                self.end(node, &mut attempt);
                self.seen.note(Situation::KilledAfterCommit);
                self.kill(node);
                task.attempt = Some(attempt);
                return Progress::Killed;
            }
            Some(Fault::Refused) => {
                self.run_again(node, task, attempt);
                return Progress::Going;
            }
            Some(Fault::Before) => attempt.changes = None,
            Some(Fault::After) => self.apply(&mut attempt),
            Some(later @ (Fault::LaterDone | Fault::LaterNot)) => {
                let locked = std::mem::take(&mut attempt.locked);
                let (tx, changes) = (attempt.tx, attempt.changes.take());
                self.lost.push(Lost { changes, tx, locked, commits: later == Fault::LaterDone });
            }
        }
        self.end(node, &mut attempt);
        attempt.phase = Phase::Witness;
        (attempt.tx, attempt.looks) = (self.store.begin(), 0);
        task.attempt = Some(attempt);
        Progress::Going
    }

    fn apply(&mut self, attempt: &mut Attempt) {
        if let Some(changes) = attempt.changes.take() {
            self.apply_changes(changes);
        }
    }

    /// Makes a transaction's changes true, and looks at what can be checked at once.
    pub(crate) fn apply_changes(&mut self, changes: Changes) {
        self.check_changes(&changes);
        changes.apply(&mut self.store);
    }

    fn answer_all(&mut self, task: &mut Task, attempt: Attempt) {
        if mutant::is("reply_before_commit") {
            return;
        }
        for (envelope, outcome) in attempt.envelopes.into_iter().zip(attempt.outcomes) {
            task.note_sold_out(&envelope, &outcome);
            self.seen.note_if(self.calls[envelope.call].is_gone, Situation::LeftDuringTurn);
            self.answer(&envelope, Reply::Outcome(outcome));
        }
    }

    /// Looks for the witness of a commit whose answer was lost.
    pub(super) fn witness(&mut self, node: usize, task: &mut Task, mut attempt: Box<Attempt>) -> Progress {
        let has_committed = match attempt.witness.clone() {
            None => {
                self.seen.note(Situation::LostNoWitness);
                None
            }
            Some(_) if attempt.looks >= LOOKS_MAX => None,
            Some((line, at)) => {
                attempt.looks += 1;
                if self.take_fault(|fault| fault == Fault::Silent).is_some() {
                    self.tally.faults += 1;
                    self.seen.note(Situation::WitnessSilent);
                    task.attempt = Some(attempt);
                    return Progress::Blocked;
                }
                let row = Row::Pool(scene::number(line.pool.uuid()));
                if !mutant::is("witness_without_lock") && !self.store.lock(row, attempt.tx) {
                    self.note_waiting(&mut attempt, row);
                    task.attempt = Some(attempt);
                    return Progress::Blocked;
                }
                self.store.unlock(&[row], attempt.tx);
                Some(self.is_witnessed(&line, at))
            }
        };
        attempt.blocked = None;
        self.log(|| format!("node {node}: the witness of the lost commit says {has_committed:?}"));
        match rule::after_lost_answer(has_committed, attempt.repeats) {
            AfterLoss::Answer => {
                self.seen.note(Situation::LostFound);
                self.answer_all(task, *attempt);
            }
            AfterLoss::Repeat => {
                self.seen.note(Situation::LostRepeated);
                let repeats = attempt.repeats + 1;
                task.attempt = Some(Box::new(self.begin(node, attempt.envelopes, 0, repeats)));
            }
            AfterLoss::Unknown => {
                self.seen.note_if(attempt.repeats >= rule::REPEATS_MAX, Situation::LostTooOften);
                self.tell_all(attempt.envelopes, &Reply::Unknown);
            }
        }
        Progress::Going
    }

    fn note_waiting(&mut self, attempt: &mut Attempt, row: Row) {
        let holder = self.store.holder(row);
        if self.lost.iter().any(|lost| Some(lost.tx) == holder) {
            self.seen.note(Situation::LostWaited);
        }
        attempt.blocked = Some(row);
        attempt.looks -= 1;
    }

    fn is_witnessed(&self, line: &Recorded, at: Timestamp) -> bool {
        let pool = &self.store.pools[scene::number(line.pool.uuid())];
        let change = |line: &Recorded| (line.change.hold, line.change.order);
        pool.line(line.version).is_some_and(|found| found.at == at && change(&found.recorded) == change(line))
    }

    /// Lets a lost transaction end as it was to end.
    pub(crate) fn end_lost(&mut self, at: usize) {
        let lost = self.lost.swap_remove(at);
        self.log(|| format!("lost transaction {} ends, committed: {}", lost.tx, lost.commits));
        self.seen.note(if lost.commits { Situation::LostLate } else { Situation::LostNever });
        if let Some(changes) = lost.changes.filter(|_| lost.commits) {
            self.apply_changes(changes);
        }
        self.store.unlock(&lost.locked, lost.tx);
    }

    /// Ends lost transactions that have an idempotency key's row locked: whoever works with that row waits for them.
    pub(crate) fn await_key(&mut self, key: usize) {
        let marks = |lost: &Lost| lost.changes.as_ref().is_some_and(|changes| changes.marks(key));
        while let Some(at) = self.lost.iter().position(marks) {
            self.end_lost(at);
        }
    }
}
