//! Refusing with one look and no lock what can only take places, as `lane::drive::refuse` and `lane::batch::look` do.

use boxoffice::lane::command::Outcome;
use boxoffice::lane::model::Ledger;
use boxoffice::mutant;
use jiff::Timestamp;

use super::{Envelope, Reply, Task};
use crate::scene;
use crate::situation::Situation;
use crate::world::{Counted, World};

/// A look: first at what has expired, then at the stock.
#[derive(Debug)]
pub(super) struct Looking {
    takers: Vec<Envelope>,
    /// The instant of the look, and whether there was something expired; none before the first statement.
    found: Option<(Timestamp, bool)>,
}

impl Looking {
    pub(super) fn into_takers(self) -> Vec<Envelope> {
        self.takers
    }
}

impl Task {
    /// Sets those apart who can be refused by a look.
    pub(super) fn look(&mut self) {
        let all = std::mem::take(&mut self.rest);
        let (takers, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|envelope| envelope.command.only_takes());
        self.rest = others;
        if !takers.is_empty() {
            self.looking = Some(Looking { takers, found: None });
        }
    }
}

impl World {
    pub(super) fn look(&mut self, node: usize, task: &mut Task, looking: Looking) {
        let Some((now, has_expired)) = looking.found else {
            let now = self.now(node);
            let events = task.events.iter().map(|event| scene::number(event.uuid()));
            let has_expired = events.into_iter().any(|event| self.store.expired(event, now).next().is_some());
            task.looking = Some(Looking { found: Some((now, has_expired)), ..looking });
            return;
        };
        if has_expired && !mutant::is("look_ignores_expired") {
            self.seen.note(Situation::LookedWithExpired);
            task.rest.extend(looking.takers);
            return;
        }
        let mut ledger = Ledger::of(self.known_events(node, &looking.takers));
        ledger.stock = self.stock_of(&ledger);
        ledger.owned = self.owned_by(&looking.takers, &ledger);
        let mut draws = Counted::default();
        for (at, envelope) in looking.takers.into_iter().enumerate() {
            let mark = ledger.stock.mark();
            let outcome = ledger.decide(at, &envelope.command, &mut draws, now);
            ledger.stock.undo(mark);
            if outcome.is_sold_out() {
                if has_expired {
                    self.fail("a refusal is true", || "sold out was said while an expired hold had places".to_owned());
                }
                self.seen.note(Situation::SoldOutLooked);
                self.check_sold_out(&envelope, &outcome, &[]);
                task.note_sold_out(&envelope, &outcome);
                self.answer(&envelope, Reply::Outcome(outcome));
            } else {
                task.rest.push(envelope);
            }
        }
        for (event, known) in ledger.events {
            self.nodes[node].known[scene::number(event.uuid())] = known;
        }
    }
}

impl Task {
    pub(super) fn note_sold_out(&mut self, envelope: &Envelope, outcome: &Outcome) {
        let (_, event) = envelope.command.event();
        if outcome.is_sold_out() && !self.sold_out.contains(&event) {
            self.sold_out.push(event);
        }
    }
}
