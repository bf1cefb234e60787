//! Deciding a batch with the real ledger, and writing what comes of it.

use boxoffice::mutant;

use super::{Attempt, Phase, Progress, Reply, Task};
use crate::check::decided;
use crate::situation::Situation;
use crate::store::Changes;
use crate::world::{Counted, World};

/// How often one transaction is run again after a serialization failure or a deadlock, as `platform::db` does.
const RETRIES_MAX: u32 = 4;

impl World {
    pub(super) fn decide(&mut self, node: usize, task: &mut Task, mut attempt: Box<Attempt>) -> Progress {
        let (now, expired) = (attempt.now, std::mem::take(&mut attempt.expired));
        let ended = attempt.ledger.reclaim(&expired, now);
        self.note_reclaimed(&attempt, ended);
        let truth = decided::Truth::of(self, &attempt);
        let commands: Vec<_> = attempt.envelopes.iter().map(|envelope| &envelope.command).collect();
        let mut draws = self.draws();
        attempt.outcomes = attempt.ledger.decide_all(&commands, &mut draws, now);
        self.keep_draws(&draws);
        self.foretell(node, task, &attempt);
        if attempt.ahead.is_some() {
            attempt.truth = Some(truth);
        } else {
            truth.check(self, &attempt);
        }
        if self.violation.is_some() {
            task.attempt = Some(attempt);
            return Progress::Going;
        }
        self.write(node, task, attempt)
    }

    fn write(&mut self, node: usize, task: &mut Task, mut attempt: Box<Attempt>) -> Progress {
        let (envelopes, ledger) = (&attempt.envelopes, &attempt.ledger);
        let changes = Changes::of(ledger, (attempt.now, node), envelopes, &mut attempt.outcomes, &mut self.store);
        let spoiled = attempt.envelopes.iter().zip(&attempt.outcomes);
        let spoiled = spoiled.filter(|(envelope, outcome)| envelope.is_poisoned && outcome.has_effect()).count();
        if spoiled > 0 {
            self.seen.note_if(spoiled == 2, Situation::PoisonedTwo);
            if attempt.ahead.is_some() {
                self.give_way(node, task, attempt);
                return Progress::Going;
            }
            self.end(node, &mut attempt);
            self.halve(task, attempt.envelopes);
            return Progress::Going;
        }
        let is_ahead = attempt.ahead.is_some();
        if !is_ahead && let Err(broken) = changes.check(&self.store) {
            self.fail("no statement breaks a constraint", || broken.0.to_owned());
            return Progress::Going;
        }
        if mutant::is("reply_before_commit") {
            for (envelope, outcome) in attempt.envelopes.iter().zip(attempt.outcomes.clone()) {
                self.answer(envelope, Reply::Outcome(outcome));
            }
        }
        attempt.witness = changes.witness().map(|line| (line.clone(), attempt.now));
        attempt.changes = Some(changes);
        attempt.phase = if is_ahead { Phase::Compare } else { Phase::Commit };
        task.attempt = Some(attempt);
        Progress::Going
    }

    /// Looks for the command that spoils a batch.
    fn halve(&mut self, task: &mut Task, envelopes: Vec<super::Envelope>) {
        if envelopes.len() == 1 {
            self.seen.note(Situation::PoisonedAlone);
            self.tell_all(envelopes, &Reply::Failed);
            return;
        }
        self.seen.note(Situation::Poisoned);
        self.log(|| format!("a batch of {} is run in halves", envelopes.len()));
        task.halves.extend(boxoffice::lane::rule::halves(envelopes).into_iter().rev());
    }

    /// Runs a transaction again whose commit was refused, or tells everyone when that was tried often enough.
    pub(super) fn run_again(&mut self, node: usize, task: &mut Task, mut attempt: Box<Attempt>) {
        self.end(node, &mut attempt);
        if attempt.retries < RETRIES_MAX {
            self.seen.note(Situation::CommitRefused);
            let (retries, repeats, ahead) = (attempt.retries + 1, attempt.repeats, attempt.ahead.take());
            task.attempt = Some(Box::new(Attempt { ahead, ..self.begin(node, attempt.envelopes, retries, repeats) }));
        } else if attempt.ahead.is_some() {
            self.give_way(node, task, attempt);
        } else {
            self.seen.note(Situation::CommitRefusedTooOften);
            self.tell_all(attempt.envelopes, &Reply::Failed);
        }
    }

    /// The ids that are drawn next.
    fn draws(&self) -> Counted {
        self.counted
    }

    fn keep_draws(&mut self, draws: &Counted) {
        self.counted = *draws;
    }
}
