//! A node: its lanes, and the batches that run. It follows `boxoffice::lane::drive` step by step; each step is a point at which other nodes
//! may go on, the clock may move, or something may break.

mod ahead;
mod commit;
mod decide;
mod load;
mod look;

pub use ahead::Ahead;
pub use commit::{Fault, Lost};

use std::collections::VecDeque;

use boxoffice::lane::command::{Command, Outcome};
use boxoffice::lane::foretold::Basis;
use boxoffice::lane::model::{KnownEvent, Ledger};
use boxoffice::lane::queue::{Batch, Ended, LaneId, Limits, Queues, Waiting};
use boxoffice::mutant;
use boxoffice::pool::model::Recorded;
use boxoffice::seat::halls::Halls;
use jiff::Timestamp;
use kernel::{EventId, HoldId};

use crate::check::decided::Truth;
use crate::dice::Dice;
use crate::scene;
use crate::situation::Situation;
use crate::store::{Changes, Row, TxId};
use crate::world::World;

/// The limits of a node's lanes: small, so that each is met all the time.
pub const LIMITS: Limits = Limits {
    batch_max: 8,
    lane_max: 24,
    refusals_max: 16,
    batches_max: 3,
    batches_a_tenant_max: 2,
    together_max: 4,
    ahead_min: 1,
    pause: 1,
};

/// A command on its way, with whom to answer.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// What to do.
    pub command: Command,
    /// Who asked.
    pub call: usize,
    /// Under which key.
    pub key: Option<usize>,
    /// Whether its statements fail.
    pub is_poisoned: bool,
}

impl Waiting for Envelope {
    fn may_go_ahead(&self) -> bool {
        self.command.may_go_ahead()
    }
}

/// What comes back.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "almost every reply is the large one; a box would only cost")]
pub enum Reply {
    /// The answer.
    Outcome(Outcome),
    /// It broke, and nothing was done.
    Failed,
    /// Nobody knows.
    Unknown,
}

/// A node.
#[derive(Debug)]
pub struct Node {
    queues: Queues<Envelope, Ahead>,
    /// What is in the queues, to tell when the node is killed.
    waiting: VecDeque<(usize, Option<usize>)>,
    /// Batches that run.
    pub tasks: Vec<Task>,
    /// By how much its clock is ahead, in microseconds.
    pub skew: i64,
    known: Vec<KnownEvent>,
    /// How many batches it has begun, and whether a lane was opened for one more.
    begun: usize,
    has_opened: bool,
    /// What it remembers of seats.
    pub(crate) halls: Halls,
}

/// A batch that runs, as `lane::drive::work` does it.
#[derive(Debug)]
pub struct Task {
    events: Vec<EventId>,
    /// How it goes, for the batch that goes ahead of its end.
    course: ahead::Course,
    /// Commands to be refused with one look, if they can be.
    looking: Option<look::Looking>,
    /// What is left after the part that runs.
    rest: Vec<Envelope>,
    /// The part that runs, in halves when a command spoils it.
    halves: Vec<Vec<Envelope>>,
    /// The transaction that runs.
    pub(crate) attempt: Option<Box<Attempt>>,
    sold_out: Vec<EventId>,
}

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Locks the holds that are named.
    Holds,
    /// Locks their orders.
    Orders,
    /// Locks what has expired.
    Expired,
    /// Locks the orders of that.
    ExpiredOrders,
    /// Locks the pools.
    Pools,
    /// Decides and writes.
    Decide,
    /// Locks the pools it went ahead of, and compares.
    Compare,
    /// Commits.
    Commit,
    /// Looks for the witness of a commit without an answer.
    Witness,
}

/// A transaction that runs, or whose answer was lost.
#[derive(Debug)]
pub struct Attempt {
    pub(crate) envelopes: Vec<Envelope>,
    pub(crate) tx: TxId,
    pub(crate) now: Timestamp,
    pub(crate) phase: Phase,
    pub(crate) ledger: Ledger,
    pub(crate) locked: Vec<Row>,
    pub(crate) blocked: Option<Row>,
    wanted: Vec<Row>,
    expired: Vec<HoldId>,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) changes: Option<Changes>,
    witness: Option<(Recorded, Timestamp)>,
    retries: u32,
    repeats: u32,
    looks: u32,
    /// What it goes ahead of, what it was decided from, and what is to be checked of that.
    ahead: Option<Ahead>,
    basis: Option<Basis>,
    truth: Option<Truth>,
}

/// Whether a task goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It does.
    Going,
    /// It waits for a row.
    Blocked,
    /// It has ended.
    Ended,
    /// Its node was killed.
    Killed,
}

impl Node {
    /// A node that knows the events' terms.
    pub fn new(known: Vec<KnownEvent>, skew: i64) -> Self {
        let (queues, halls) = (Queues::default(), Halls::default());
        let (waiting, tasks) = (VecDeque::new(), Vec::new());
        Self { queues, waiting, tasks, skew, known, begun: 0, has_opened: false, halls }
    }
}

impl World {
    /// Puts a command into its lane and starts what can start; false when the lane is full.
    pub(crate) fn submit(&mut self, node: usize, envelope: Envelope) -> bool {
        let lane: LaneId = envelope.command.event();
        let (call, key) = (envelope.call, envelope.key);
        if self.nodes[node].queues.push(lane, envelope, LIMITS).is_err() {
            self.seen.note(Situation::LaneFull);
            return false;
        }
        self.nodes[node].waiting.push_back((call, key));
        self.seen.note_if(self.nodes[node].waiting.len() > LIMITS.batch_max, Situation::LongLane);
        self.start(node);
        true
    }

    /// Starts every batch that can run.
    fn start(&mut self, node: usize) {
        while let Some(batch) = self.nodes[node].queues.next(LIMITS) {
            let all = &self.nodes[node].tasks;
            let same = all.iter().filter(|task| batch.events.iter().any(|event| task.events.contains(event)));
            // One that went ahead can end first, when the one before fell and had changed no stock.
            let (running, allowed) = (same.count(), usize::from(batch.ahead_of.is_some()));
            if running > allowed {
                let text = format!("{running} batches of an event run in one node when another begins");
                self.fail("one batch an event, and one ahead", || text);
                return;
            }
            let task = self.task(node, batch);
            self.nodes[node].tasks.push(task);
        }
    }

    fn task(&mut self, node: usize, batch: Batch<Envelope, Ahead>) -> Task {
        let Batch { events, mut commands, was_sold_out, ahead_of, .. } = batch;
        let waiting = &mut self.nodes[node].waiting;
        waiting.retain(|(call, _)| !commands.iter().any(|envelope| envelope.call == *call));
        let before = commands.len();
        commands.retain(|envelope| !(self.calls[envelope.call].is_gone && envelope.key.is_none()));
        self.seen.note_if(commands.len() < before, Situation::LeftBeforeTurn);
        self.seen.note_if(commands.len() > 1, Situation::Batched);
        self.seen.note_if(events.len() > 1, Situation::RodeTogether);
        self.nodes[node].begun += 1;
        let course = ahead::Course::new(self.nodes[node].begun, events.len() == 1, ahead_of);
        let (halves, sold_out) = (Vec::new(), Vec::new());
        let mut task = Task { events, course, looking: None, rest: commands, halves, attempt: None, sold_out };
        if was_sold_out {
            task.look();
        }
        task
    }

    /// Lets a task of a node go on for some steps.
    pub(crate) fn turn(&mut self, node: usize, task: usize, dice: &mut Dice) {
        let mut running = self.nodes[node].tasks.swap_remove(task);
        let steps = 1 + dice.below(5);
        for _ in 0..steps {
            match self.advance(node, &mut running) {
                Progress::Going if self.violation.is_none() => {}
                Progress::Going | Progress::Blocked => break,
                Progress::Ended => {
                    let ended = Ended {
                        organisation: scene::organisation(),
                        events: &running.events,
                        sold_out: &running.sold_out,
                        was_overtaken: running.course.was_overtaken,
                    };
                    self.nodes[node].queues.done(ended, LIMITS);
                    self.start(node);
                    return;
                }
                Progress::Killed => {
                    self.lose(running);
                    return;
                }
            }
        }
        self.nodes[node].tasks.push(running);
        if std::mem::take(&mut self.nodes[node].has_opened) {
            self.start(node);
        }
    }

    fn advance(&mut self, node: usize, task: &mut Task) -> Progress {
        if let Some(looking) = task.looking.take() {
            self.look(node, task, looking);
            return Progress::Going;
        }
        if let Some(attempt) = task.attempt.take() {
            return self.go_on(node, task, attempt);
        }
        if self.must_wait(node, task) {
            return Progress::Blocked;
        }
        if task.halves.is_empty() && !task.rest.is_empty() {
            let rest = task.rest.split_off(LIMITS.batch_max.min(task.rest.len()));
            // What a part of a batch leaves behind is not what the batch does.
            task.course.is_whole &= rest.is_empty();
            task.halves.push(std::mem::replace(&mut task.rest, rest));
        }
        let Some(commands) = task.halves.pop() else { return Progress::Ended };
        if !commands.is_empty() {
            let ahead = task.course.ahead.take();
            task.attempt = Some(Box::new(Attempt { ahead, ..self.begin(node, commands, 0, 0) }));
        }
        Progress::Going
    }

    fn go_on(&mut self, node: usize, task: &mut Task, mut attempt: Box<Attempt>) -> Progress {
        let is_through = match attempt.phase {
            Phase::Decide => return self.decide(node, task, attempt),
            Phase::Compare => return self.compare(node, task, attempt),
            Phase::Commit => return self.commit(node, task, attempt),
            Phase::Witness => return self.witness(node, task, attempt),
            Phase::Expired => {
                self.lock_expired(&mut attempt);
                true
            }
            Phase::Holds | Phase::Orders | Phase::ExpiredOrders | Phase::Pools => self.lock_wanted(node, &mut attempt),
        };
        if is_through {
            self.read_locked(node, &mut attempt);
        }
        task.attempt = Some(attempt);
        if is_through { Progress::Going } else { Progress::Blocked }
    }

    /// Ends an attempt: its locks, and what was known of the events goes back to the node.
    fn end(&mut self, node: usize, attempt: &mut Attempt) {
        let locked = std::mem::take(&mut attempt.locked);
        self.store.unlock(&locked, attempt.tx);
        self.keep_known(node, attempt);
    }

    fn keep_known(&mut self, node: usize, attempt: &mut Attempt) {
        for (event, known) in std::mem::take(&mut attempt.ledger.events) {
            self.nodes[node].known[scene::number(event.uuid())] = known;
        }
        // Whatever became of the transaction: a remembered map is compared with what is stored.
        for (event, seats) in std::mem::take(&mut attempt.ledger.seats) {
            self.nodes[node].halls.keep(event, seats.map);
        }
    }

    /// Tells everyone in a killed task that nobody knows, and ends its transaction.
    fn lose(&mut self, task: Task) {
        let mut envelopes = task.rest;
        envelopes.extend(task.halves.into_iter().flatten());
        envelopes.extend(task.looking.into_iter().flat_map(look::Looking::into_takers));
        if let Some(mut attempt) = task.attempt {
            self.seen.note_if(attempt.phase == Phase::Witness, Situation::KilledLost);
            self.seen.note(Situation::Killed);
            let locked = std::mem::take(&mut attempt.locked);
            self.store.unlock(&locked, attempt.tx);
            envelopes.append(&mut attempt.envelopes);
        }
        for envelope in envelopes {
            self.hang_up(envelope.call);
        }
    }

    /// Kills a node and starts it anew: what it did is lost, what it committed is not.
    pub(crate) fn kill(&mut self, node: usize) {
        self.log(|| format!("node {node} is killed"));
        let fresh = Node::new(self.scene.events.clone(), self.nodes[node].skew);
        let killed = std::mem::replace(&mut self.nodes[node], fresh);
        self.seen.note_if(!killed.waiting.is_empty(), Situation::KilledQueue);
        for (call, _) in killed.waiting {
            self.hang_up(call);
        }
        for task in killed.tasks {
            self.lose(task);
        }
    }

    /// Breaks the connection of a transaction that has not come to its commit: everyone in it is told that it failed.
    pub(crate) fn break_connection(&mut self, node: usize, task: usize) {
        let mut running = self.nodes[node].tasks.swap_remove(task);
        if let Some(mut attempt) = running.attempt.take_if(|attempt| attempt.phase < Phase::Commit) {
            self.seen.note(Situation::Broken);
            self.log(|| format!("node {node}: the connection of transaction {} breaks", attempt.tx));
            if attempt.ahead.is_some() {
                self.give_way(node, &mut running, attempt);
            } else {
                self.end(node, &mut attempt);
                self.tell_all(attempt.envelopes, &Reply::Failed);
            }
        }
        self.nodes[node].tasks.push(running);
    }

    fn tell_all(&mut self, envelopes: Vec<Envelope>, reply: &Reply) {
        for envelope in envelopes {
            self.answer(&envelope, reply.clone());
        }
    }

    /// Who waits for whom, from a blocked transaction on; a circle is a deadlock.
    fn look_for_deadlock(&mut self, tx: TxId, row: Row) {
        let mut at = row;
        for _ in 0..16 {
            let Some(holder) = self.store.holder(at) else { return };
            if holder == tx {
                self.fail("no deadlock", || format!("transaction {tx} waits for {row:?} and so for itself"));
                return;
            }
            let attempts = self.nodes.iter().flat_map(|node| &node.tasks).filter_map(|task| task.attempt.as_ref());
            let Some(next) = attempts.into_iter().find(|other| other.tx == holder).and_then(|other| other.blocked)
            else {
                return;
            };
            at = next;
        }
    }
}

/// Whether pools are locked first by every second transaction, which is planted to be found.
fn is_swapped(tx: TxId) -> bool {
    mutant::is("lock_order_swapped") && tx.is_multiple_of(2)
}
