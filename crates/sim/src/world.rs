//! A simulated world: one database, some nodes, people, a provider, and a script of what happens. Nothing in it is left to chance but what the
//! script's seed says.

use boxoffice::lane::command::Outcome;
use boxoffice::lane::model::Draws;
use jiff::{SignedDuration, Timestamp};
use kernel::{HoldId, OrderId, TicketId};

use crate::actor::Known;
use crate::check::Violation;
use crate::dice::Dice;
use crate::money::Desk;
use crate::node::{Fault, Lost, Node};
use crate::scene::{self, POOLS_AN_EVENT, Scene};
use crate::script::Mood;
use crate::situation::Seen;
use crate::store::Store;

/// How often all invariants are checked: once in so many steps.
const STEPS_A_CHECK: u64 = 500;
/// How far clocks of nodes differ at most, in microseconds: 20 seconds.
const SKEW_MAX: i32 = 20_000_000;

/// How much was done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Commands asked for, and messages delivered.
    pub operations: u64,
    /// Faults that hit: commits that failed or lost their answers, broken connections, killed nodes, silent databases, jumps of the clock.
    pub faults: u64,
    /// Commits that were tried.
    pub commits: u64,
}

/// Someone who waits for an answer.
#[derive(Debug)]
pub struct Call {
    /// About which event.
    pub event: usize,
    /// Through which node.
    pub node: usize,
    /// The committed versions of the event's pools when they asked.
    pub versions: [i64; POOLS_AN_EVENT],
    /// The payment whose settlement it is.
    pub job: Option<usize>,
    /// Whether they have gone away.
    pub is_gone: bool,
    /// Whether they were answered, or told that something broke.
    pub is_answered: bool,
    /// How often something was done for them.
    pub effects: u8,
}

/// The next numbers of ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    hold: usize,
    order: usize,
    ticket: usize,
}

impl Draws for Counted {
    fn hold(&mut self) -> HoldId {
        self.hold += 1;
        scene::hold(self.hold)
    }
    fn order(&mut self) -> (OrderId, String) {
        self.order += 1;
        (scene::order(self.order), format!("C{}", self.order))
    }
    fn ticket(&mut self) -> (TicketId, i64) {
        self.ticket += 1;
        (scene::ticket(self.ticket), i64::try_from(self.ticket).unwrap_or(0))
    }
}

/// A world.
#[derive(Debug)]
pub struct World {
    /// The database.
    pub store: Store,
    /// What it began with.
    pub scene: Scene,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// Everyone who asked.
    pub calls: Vec<Call>,
    /// What buyers and organisers know.
    pub known: Known,
    /// Payments at the provider, and news on their way.
    pub desk: Desk,
    /// Transactions whose nodes have lost them.
    pub lost: Vec<Lost>,
    /// What the next commits meet, the last first.
    pub armed: Vec<Fault>,
    /// What has occurred.
    pub seen: Seen,
    /// How much was done.
    pub tally: Tally,
    /// The first promise that was broken.
    pub violation: Option<Violation>,
    pub(crate) counted: Counted,
    pub(crate) mood: Mood,
    /// Microseconds since the beginning.
    time: i64,
    steps: u64,
    log: Option<Vec<String>>,
    /// What callers were told, if anybody listens.
    pub(crate) heard: Option<Vec<(usize, Outcome)>>,
}

impl World {
    /// The world of a seed. With `is_logging` everything that happens is written down in words.
    pub fn new(seed: u64, is_logging: bool) -> Self {
        let mut dice = Dice::of(seed, u64::MAX);
        let mood = Mood::new(&mut dice);
        Self::with_mood(mood, dice, is_logging)
    }

    /// A world of a mood.
    pub(crate) fn with_mood(mood: Mood, mut dice: Dice, is_logging: bool) -> Self {
        let scene = Scene::new(mood.events, &mut dice);
        let skew = |dice: &mut Dice, at: usize| {
            let skew = if mood.is_skewed { dice.between(-SKEW_MAX / 8, SKEW_MAX / 8) } else { 0 };
            // Clocks of two nodes never show the same microsecond: an instant tells them apart, as it does in the world.
            i64::from(skew) * 8 + i64::try_from(at).unwrap_or(0)
        };
        let nodes = (0..mood.nodes).map(|at| Node::new(scene.events.clone(), skew(&mut dice, at))).collect();
        Self {
            store: Store::new(&scene, scene::beginning()),
            scene,
            nodes,
            calls: Vec::new(),
            known: Known::default(),
            desk: Desk::default(),
            lost: Vec::new(),
            armed: Vec::new(),
            seen: Seen::default(),
            tally: Tally::default(),
            violation: None,
            counted: Counted::default(),
            mood,
            time: 0,
            steps: 0,
            log: is_logging.then(Vec::new),
            heard: None,
        }
    }

    /// What a node's clock shows.
    pub fn now(&self, node: usize) -> Timestamp {
        let skew = self.nodes.get(node).map_or(0, |node| node.skew);
        scene::beginning() + SignedDuration::from_micros(self.time + skew)
    }

    /// Moves time.
    pub fn pass(&mut self, microseconds: i64) {
        self.time += microseconds - microseconds.rem_euclid(8);
    }

    /// One step of the script: the same dice, the same step.
    pub fn step(&mut self, mut dice: Dice) {
        self.steps += 1;
        self.pass(64);
        self.act(&mut dice);
        if self.steps.is_multiple_of(STEPS_A_CHECK) {
            self.check_all();
        }
    }

    /// Lets everything come to its end without further faults, delivers what is on its way, and checks everything.
    pub fn finish(&mut self) {
        self.armed.clear();
        let mut dice = Dice::new(0);
        for _ in 0..100_000 {
            if self.violation.is_some() {
                return;
            }
            self.pass(64);
            if !self.lost.is_empty() {
                self.end_lost(0);
            } else if !self.run_some_task(&mut dice) && !self.deliver_something(&mut dice) {
                break;
            }
        }
        self.check_all();
        self.check_end();
    }

    /// Lets a task go on, by chance; false when none runs.
    pub(crate) fn run_some_task(&mut self, dice: &mut Dice) -> bool {
        let Some((node, task)) = self.some_task(dice) else { return false };
        self.turn(node, task, dice);
        true
    }

    /// A task by chance.
    pub(crate) fn some_task(&self, dice: &mut Dice) -> Option<(usize, usize)> {
        let running: usize = self.nodes.iter().map(|node| node.tasks.len()).sum();
        if running == 0 {
            return None;
        }
        let mut at = dice.below(running);
        for (place, node) in self.nodes.iter().enumerate() {
            if at < node.tasks.len() {
                return Some((place, at));
            }
            at -= node.tasks.len();
        }
        None
    }

    /// The fault that is due, if it is of the kind that fits here.
    pub(crate) fn take_fault(&mut self, fits: impl Fn(Fault) -> bool) -> Option<Fault> {
        self.armed.pop_if(|fault| fits(*fault))
    }

    /// Notes a broken promise; the first is what counts.
    pub fn fail(&mut self, check: &'static str, text: impl FnOnce() -> String) {
        if self.violation.is_none() {
            let text = text();
            self.log(|| format!("BROKEN: {check}: {text}"));
            self.violation = Some(Violation { check, text, operations: self.tally.operations });
        }
    }

    /// Writes down what happens, if anybody wants to read it.
    pub fn log(&mut self, line: impl FnOnce() -> String) {
        if let Some(log) = &mut self.log {
            log.push(line());
        }
    }

    /// What was written down.
    pub fn into_log(self) -> Vec<String> {
        self.log.unwrap_or_default()
    }
}
