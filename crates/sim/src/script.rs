//! What happens, step by step. A step depends on the seed and on its number only, so any of them can be left out when a failure is made small.

use crate::dice::Dice;
use crate::node::Fault;
use crate::situation::Situation;
use crate::world::World;

/// What a world is like: some are calm, some are full of faults, some have one hot event.
#[derive(Debug, Clone, Copy)]
pub struct Mood {
    /// How many events there are.
    pub events: usize,
    /// How many nodes.
    pub nodes: usize,
    /// Whether their clocks differ.
    pub is_skewed: bool,
    /// How often, of 1,000 steps, someone asks for something.
    asks: usize,
    /// How often something goes on at the provider.
    money: usize,
    /// How often time passes.
    time: usize,
    /// How often something breaks.
    faults: usize,
    /// Whether commands can be poisoned.
    pub has_poison: bool,
    /// Whether people go away.
    pub has_leavers: bool,
    /// Whether a batch may go ahead of the one before. Which commands ride together then depends on who is faster.
    pub goes_ahead: bool,
}

impl Mood {
    /// One event, one node, and nothing breaks.
    pub fn calm() -> Self {
        Self {
            events: 1,
            nodes: 1,
            is_skewed: false,
            asks: 0,
            money: 0,
            time: 0,
            faults: 0,
            has_poison: false,
            has_leavers: false,
            goes_ahead: false,
        }
    }

    /// A mood by chance.
    pub fn new(dice: &mut Dice) -> Self {
        Self {
            events: 1 + dice.below(3),
            nodes: 1 + dice.below(3),
            is_skewed: dice.one_in(2),
            asks: 300 + dice.below(250),
            money: 60 + dice.below(100),
            time: 5 + dice.below(20),
            faults: if dice.one_in(8) { 0 } else { 10 + dice.below(60) },
            has_poison: dice.one_in(3),
            has_leavers: dice.one_in(2),
            goes_ahead: true,
        }
    }
}

/// One kind of step.
type Act = fn(&mut World, &mut Dice);

impl World {
    /// Does what a step says.
    pub(crate) fn act(&mut self, dice: &mut Dice) {
        let mood = self.mood;
        let mut at = dice.below(1_000);
        let shares: [(usize, Act); 4] = [
            (mood.asks, Self::ask),
            (mood.money, Self::move_money),
            (mood.time, Self::let_time_pass),
            (mood.faults, Self::break_something),
        ];
        for (share, act) in shares {
            if at < share {
                return act(self, dice);
            }
            at -= share;
        }
        if !self.lost.is_empty() && dice.one_in(6) {
            self.end_lost(0);
        } else {
            self.run_some_task(dice);
        }
    }

    fn let_time_pass(&mut self, dice: &mut Dice) {
        if dice.one_in(4) && self.wait_for_a_hold(dice) {
            return;
        }
        let seconds = match dice.below(30) {
            0 => {
                self.seen.note(Situation::Jumped);
                self.tally.faults += 1;
                dice.between(600, 2_400)
            }
            1..=4 => dice.between(60, 400),
            _ => dice.between(1, 30),
        };
        self.log(|| format!("{seconds} s pass"));
        self.pass(i64::from(seconds) * 1_000_000);
    }

    /// Time passes until about the end of a hold that somebody knows, as far as the clocks agree on it; false when there is none.
    fn wait_for_a_hold(&mut self, dice: &mut Dice) -> bool {
        let Some((hold, _)) = self.known.holds.get(dice.below(self.known.holds.len())).copied() else { return false };
        let Some(end) = self.store.hold(hold).map(|row| row.expires_at) else { return false };
        let left = end.duration_since(self.now(0)).as_micros();
        let Ok(left) = i64::try_from(left) else { return false };
        let until = left + i64::from(dice.between(-20_000_000, 20_000_000));
        if until <= 0 {
            return false;
        }
        self.log(|| format!("{until} microseconds pass, to about the end of hold {hold}"));
        self.pass(until);
        true
    }

    fn break_something(&mut self, dice: &mut Dice) {
        match dice.below(24) {
            0 => {
                let node = dice.below(self.nodes.len());
                self.tally.faults += 1;
                self.kill(node);
            }
            1..=3 => {
                if let Some((node, task)) = self.some_task(dice) {
                    self.tally.faults += 1;
                    self.break_connection(node, task);
                }
            }
            at => {
                let fault = match at {
                    4..=6 => Fault::Refused,
                    7..=10 => Fault::Before,
                    11..=14 => Fault::After,
                    15..=17 => Fault::LaterDone,
                    18..=20 => Fault::LaterNot,
                    21 => Fault::Crash,
                    _ => Fault::Silent,
                };
                // Sometimes the same trouble comes again and again.
                let times = if dice.one_in(10) { 6 } else { 1 };
                self.armed = vec![fault; times];
            }
        }
    }
}
