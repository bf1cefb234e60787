//! Who is next: the queues of all lanes of a node. No clock, no task, no database, so that fairness can be tested by itself.
//!
//! A lane is the queue of one event. An event's commands are decided in the order they came: its next batch runs when the one before has ended,
//! or, one batch ahead, when that one has decided and says what it will leave behind ([`Queues::open`]). Lanes exist only while something waits
//! or runs.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use kernel::{EventId, OrganisationId};

use crate::mutant;

/// The event of a lane, with its tenant.
pub type LaneId = (OrganisationId, EventId);

/// What waits in a lane.
pub trait Waiting {
    /// Whether it may be decided before the batch in front of it is committed.
    fn may_go_ahead(&self) -> bool;
}

/// How much is done at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most commands of one transaction.
    pub batch_max: usize,
    /// The most commands that wait in one lane.
    pub lane_max: usize,
    /// The most commands that are refused together, when nothing is left.
    pub refusals_max: usize,
    /// The most batches that run in this node.
    pub batches_max: usize,
    /// The most batches that run for one tenant: one for a hot event, one for the others.
    pub batches_a_tenant_max: usize,
    /// A lane with no more than so many commands rides with others of its tenant; a longer one rides alone, and is not waited for.
    pub together_max: usize,
    /// The fewest commands that are worth a batch of their own ahead of the end of the one before; it is no smaller than that one either.
    pub ahead_min: usize,
    /// For how many batches a lane sends none ahead after one that was overtaken: some other node sells the same event.
    pub pause: u32,
}

/// What one transaction takes on: commands of some events of one tenant, each event's in their order.
#[derive(Debug)]
pub struct Batch<T, F> {
    /// Whose.
    pub organisation: OrganisationId,
    /// The events.
    pub events: Vec<EventId>,
    /// The commands.
    pub commands: Vec<T>,
    /// Whether the event had nothing left when it was looked at last.
    pub was_sold_out: bool,
    /// What the batch before will leave behind, when that one still runs.
    pub ahead_of: Option<F>,
}

/// How a batch ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// Whose.
    pub organisation: OrganisationId,
    /// Its events.
    pub events: &'a [EventId],
    /// Those that had nothing left for someone in it.
    pub sold_out: &'a [EventId],
    /// Whether it went ahead and what it was decided from did not come about.
    pub was_overtaken: bool,
}

#[derive(Debug)]
struct Lane<T, F> {
    waiting: VecDeque<T>,
    /// Batches that run: the front one, and one ahead of its end at most.
    batches: usize,
    /// How many commands the last batch took.
    last: usize,
    /// What the last batch will leave behind, once it has said so and until the next one has taken it.
    open: Option<F>,
    /// Whether it is in the list of lanes that may send a batch ahead.
    is_listed: bool,
    /// For how many more batches none goes ahead.
    pause: u32,
    was_sold_out: bool,
}

impl<T, F> Lane<T, F> {
    /// How many commands are worth a batch ahead: as many as the last batch took, so that batches do not become ever smaller, each with its
    /// own costs.
    fn worth_it(&self, limits: Limits) -> usize {
        self.last.clamp(limits.ahead_min, limits.batch_max.max(limits.ahead_min))
    }
}

impl<T, F> Default for Lane<T, F> {
    fn default() -> Self {
        let waiting = VecDeque::new();
        Self { waiting, batches: 0, last: 0, open: None, is_listed: false, pause: 0, was_sold_out: false }
    }
}

/// All lanes of a node. `F` is what a batch says it will leave behind.
#[derive(Debug)]
pub struct Queues<T, F> {
    lanes: HashMap<LaneId, Lane<T, F>>,
    /// Lanes with something to do and no batch running, the longest waiting first.
    ready: VecDeque<LaneId>,
    /// Lanes with enough to do for a batch ahead.
    ahead: VecDeque<LaneId>,
    running: HashMap<OrganisationId, usize>,
    batches: usize,
}

impl<T, F> Default for Queues<T, F> {
    fn default() -> Self {
        let (ready, ahead) = (VecDeque::new(), VecDeque::new());
        Self { lanes: HashMap::new(), ready, ahead, running: HashMap::new(), batches: 0 }
    }
}

impl<T: Waiting, F> Queues<T, F> {
    /// Puts a command at the end of its lane; gives it back when the lane is full.
    pub fn push(&mut self, id: LaneId, command: T, limits: Limits) -> Result<(), T> {
        let lane = self.lanes.entry(id).or_default();
        if lane.waiting.len() >= limits.lane_max {
            return Err(command);
        }
        lane.waiting.push_back(command);
        if lane.batches > 0 {
            self.list(id, limits);
        } else if lane.waiting.len() == 1 {
            self.ready.push_back(id);
        }
        Ok(())
    }

    /// A batch that rides alone has decided, and says what it will leave behind: the next batch of its event may be decided from that while
    /// this one is still written and committed. It must check, under the locks, that it came true.
    pub fn open(&mut self, id: LaneId, leaves: F, limits: Limits) {
        if let Some(lane) = self.lanes.get_mut(&id).filter(|lane| lane.pause == 0 && !lane.was_sold_out) {
            lane.open = Some(leaves);
            self.list(id, limits);
        }
    }

    /// Lists a lane that may send a batch ahead.
    fn list(&mut self, id: LaneId, limits: Limits) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let is_open = lane.batches == 1 && lane.open.is_some() && !lane.is_listed;
        if is_open && lane.waiting.len() >= lane.worth_it(limits) {
            lane.is_listed = true;
            self.ahead.push_back(id);
        }
    }

    /// The next batch, if there is something to do and a transaction free to do it. The lane that has waited longest goes first; short lanes
    /// of the same tenant ride with it while there is room. When no lane waits for its turn, one may send a batch ahead.
    pub fn next(&mut self, limits: Limits) -> Option<Batch<T, F>> {
        if self.batches >= limits.batches_max {
            return None;
        }
        let batch = self.next_ready(limits).or_else(|| self.next_ahead(limits))?;
        self.batches += 1;
        Some(batch)
    }

    fn next_ready(&mut self, limits: Limits) -> Option<Batch<T, F>> {
        let is_free =
            |tenant: &OrganisationId| self.running.get(tenant).copied().unwrap_or(0) < limits.batches_a_tenant_max;
        let place = self.ready.iter().position(|(tenant, _)| is_free(tenant))?;
        let first = self.ready.remove(place)?;
        let mut batch = Batch::of(first.0);
        self.board(first, &mut batch, limits);
        if !batch.was_sold_out && batch.commands.len() <= limits.together_max {
            self.board_others(&mut batch, limits);
        }
        *self.running.entry(batch.organisation).or_insert(0) += 1;
        Some(batch)
    }

    /// A batch ahead counts as part of the one before: it goes on in its tenant's place.
    fn next_ahead(&mut self, limits: Limits) -> Option<Batch<T, F>> {
        while let Some(id) = self.ahead.pop_front() {
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            lane.is_listed = false;
            let count = lane.waiting.iter().take(limits.batch_max).take_while(|it| it.may_go_ahead()).count();
            if lane.batches != 1 || count < lane.worth_it(limits) {
                continue;
            }
            let Some(leaves) = lane.open.take() else { continue };
            let mut batch = Batch { ahead_of: Some(leaves), ..Batch::of(id.0) };
            self.take(id, &mut batch, count);
            return Some(batch);
        }
        None
    }

    fn board(&mut self, id: LaneId, batch: &mut Batch<T, F>, limits: Limits) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        batch.was_sold_out |= lane.was_sold_out;
        let room = if lane.was_sold_out { limits.refusals_max } else { limits.batch_max };
        let count = room.saturating_sub(batch.commands.len());
        self.take(id, batch, count);
    }

    fn take(&mut self, id: LaneId, batch: &mut Batch<T, F>, count: usize) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if !mutant::is("lane_runs_twice") {
            lane.batches += 1;
        }
        let count = count.min(lane.waiting.len());
        lane.last = count;
        batch.commands.extend(lane.waiting.drain(..count));
        batch.events.push(id.1);
    }

    fn board_others(&mut self, batch: &mut Batch<T, F>, limits: Limits) {
        let mut left = VecDeque::with_capacity(self.ready.len());
        while let Some(id) = self.ready.pop_front() {
            let room = limits.batch_max.saturating_sub(batch.commands.len());
            let fits = self
                .lanes
                .get(&id)
                .is_some_and(|lane| !lane.was_sold_out && lane.waiting.len() <= limits.together_max.min(room));
            if id.0 == batch.organisation && fits {
                self.board(id, batch, limits);
            } else {
                left.push_back(id);
            }
        }
        self.ready = left;
    }

    /// A batch has ended. Its lanes may go on; those with nothing to do are retired.
    pub fn done(&mut self, ended: Ended<'_>, limits: Limits) {
        self.batches = self.batches.saturating_sub(1);
        let mut is_last = true;
        for event in ended.events {
            let id = (ended.organisation, *event);
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            lane.batches = lane.batches.saturating_sub(1);
            lane.was_sold_out = ended.sold_out.contains(event);
            lane.pause = if ended.was_overtaken { limits.pause } else { lane.pause.saturating_sub(1) };
            if lane.batches > 0 {
                // The one that went ahead is the front now.
                is_last = false;
                self.list(id, limits);
                continue;
            }
            lane.open = None;
            if lane.waiting.is_empty() {
                self.lanes.remove(&id);
            } else if !mutant::is("lane_forgotten") {
                self.ready.push_back(id);
            }
        }
        if is_last {
            self.free(ended.organisation);
        }
    }

    fn free(&mut self, organisation: OrganisationId) {
        if let Entry::Occupied(mut running) = self.running.entry(organisation) {
            *running.get_mut() -= 1;
            if *running.get() == 0 {
                running.remove();
            }
        }
    }

    /// How many commands wait, and how many lanes there are.
    #[cfg(test)]
    fn len(&self) -> (usize, usize) {
        (self.lanes.values().map(|lane| lane.waiting.len()).sum(), self.lanes.len())
    }
}

impl<T, F> Batch<T, F> {
    fn of(organisation: OrganisationId) -> Self {
        let (events, commands) = (Vec::new(), Vec::new());
        Self { organisation, events, commands, was_sold_out: false, ahead_of: None }
    }
}

#[cfg(test)]
mod tests;
