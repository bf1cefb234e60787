//! Who is next: the queues of all lanes of a node. No clock, no task, no database, so that fairness can be tested by itself.
//!
//! A lane is the queue of one event. At most one batch of an event runs at a time in a node, so an event's commands are decided in the order
//! they came. Lanes exist only while something waits or runs.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use kernel::{EventId, OrganisationId};

/// The event of a lane, with its tenant.
pub type LaneId = (OrganisationId, EventId);

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
}

/// What one transaction takes on: commands of some events of one tenant, each event's in their order.
#[derive(Debug)]
pub struct Batch<T> {
    /// Whose.
    pub organisation: OrganisationId,
    /// The events.
    pub events: Vec<EventId>,
    /// The commands.
    pub commands: Vec<T>,
    /// Whether the event had nothing left when it was looked at last.
    pub was_sold_out: bool,
}

#[derive(Debug)]
struct Lane<T> {
    waiting: VecDeque<T>,
    is_running: bool,
    was_sold_out: bool,
}

/// All lanes of a node.
#[derive(Debug)]
pub struct Queues<T> {
    lanes: HashMap<LaneId, Lane<T>>,
    /// Lanes with something to do and no batch running, the longest waiting first.
    ready: VecDeque<LaneId>,
    running: HashMap<OrganisationId, usize>,
    batches: usize,
}

impl<T> Default for Queues<T> {
    fn default() -> Self {
        Self { lanes: HashMap::new(), ready: VecDeque::new(), running: HashMap::new(), batches: 0 }
    }
}

impl<T> Queues<T> {
    /// Puts a command at the end of its lane; gives it back when the lane is full.
    pub fn push(&mut self, id: LaneId, command: T, limits: Limits) -> Result<(), T> {
        let lane = self.lanes.entry(id).or_insert_with(|| Lane {
            waiting: VecDeque::new(),
            is_running: false,
            was_sold_out: false,
        });
        if lane.waiting.len() >= limits.lane_max {
            return Err(command);
        }
        lane.waiting.push_back(command);
        if !lane.is_running && lane.waiting.len() == 1 {
            self.ready.push_back(id);
        }
        Ok(())
    }

    /// The next batch, if there is something to do and a transaction free to do it. The lane that has waited longest goes first; short lanes
    /// of the same tenant ride with it while there is room.
    pub fn next(&mut self, limits: Limits) -> Option<Batch<T>> {
        if self.batches >= limits.batches_max {
            return None;
        }
        let is_free =
            |tenant: &OrganisationId| self.running.get(tenant).copied().unwrap_or(0) < limits.batches_a_tenant_max;
        let place = self.ready.iter().position(|(tenant, _)| is_free(tenant))?;
        let first = self.ready.remove(place)?;
        let mut batch = Batch { organisation: first.0, events: Vec::new(), commands: Vec::new(), was_sold_out: false };
        self.board(first, &mut batch, limits);
        if !batch.was_sold_out && batch.commands.len() <= limits.together_max {
            self.board_others(&mut batch, limits);
        }
        self.batches += 1;
        *self.running.entry(batch.organisation).or_insert(0) += 1;
        Some(batch)
    }

    fn board(&mut self, id: LaneId, batch: &mut Batch<T>, limits: Limits) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.is_running = true;
        batch.was_sold_out |= lane.was_sold_out;
        let room = if lane.was_sold_out { limits.refusals_max } else { limits.batch_max };
        let count = room.saturating_sub(batch.commands.len()).min(lane.waiting.len());
        batch.commands.extend(lane.waiting.drain(..count));
        batch.events.push(id.1);
    }

    fn board_others(&mut self, batch: &mut Batch<T>, limits: Limits) {
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

    /// A batch has ended. Its lanes may go on; those with nothing to do are retired. `sold_out` are the events that had nothing left for
    /// someone in the batch.
    pub fn done(&mut self, organisation: OrganisationId, events: &[EventId], sold_out: &[EventId]) {
        self.batches = self.batches.saturating_sub(1);
        if let Entry::Occupied(mut running) = self.running.entry(organisation) {
            *running.get_mut() -= 1;
            if *running.get() == 0 {
                running.remove();
            }
        }
        for event in events {
            let id = (organisation, *event);
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            lane.is_running = false;
            lane.was_sold_out = sold_out.contains(event);
            if lane.waiting.is_empty() {
                self.lanes.remove(&id);
            } else {
                self.ready.push_back(id);
            }
        }
    }

    /// How many commands wait, and how many lanes there are.
    #[cfg(test)]
    fn len(&self) -> (usize, usize) {
        (self.lanes.values().map(|lane| lane.waiting.len()).sum(), self.lanes.len())
    }
}

#[cfg(test)]
mod tests;
