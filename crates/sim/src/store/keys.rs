//! Idempotency keys, as the web shell keeps them: claimed before the work, marked in the transaction that has the effect, finished with the
//! answer.

use boxoffice::lane::command::Command;
use jiff::{SignedDuration, Timestamp};

/// A request that has run longer than this was lost with its process.
const RUNNING_SECONDS_MAX: i64 = 60;

/// How far the request of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Nobody has it, or it was released by a fault.
    Free,
    /// It runs.
    InProgress,
    /// It had its effect.
    Effect,
    /// It was answered.
    Done,
}

/// A key.
#[derive(Debug)]
pub struct Key {
    /// What is asked under it.
    pub command: Command,
    /// How far it is.
    pub state: KeyState,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// The call that works under it.
    pub call: usize,
    /// How often something was done under it. More than once is what it is there against.
    pub effects: u8,
    /// Whether a fault released it once.
    pub was_released: bool,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// It is the first.
    Ours,
    /// It takes over from one that was lost without an effect.
    TakenOver,
    /// The first is still running.
    Running,
    /// The first had an effect and was lost before its answer was stored.
    Unknown,
    /// The first has been answered.
    Done,
}

/// All keys by number.
#[derive(Debug, Default)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// A new key for a request.
    pub fn make(&mut self, command: Command, now: Timestamp) -> usize {
        self.0.push(Key {
            command,
            state: KeyState::Free,
            claimed_at: now,
            call: usize::MAX,
            effects: 0,
            was_released: false,
        });
        self.0.len() - 1
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A key.
    pub fn get(&self, at: usize) -> &Key {
        &self.0[at]
    }

    /// Claims a key for a call. `is_running` says whether its earlier call is at work in a living node: a request is ended long before it
    /// counts as lost, so that no two can be at work under one key.
    pub fn claim(&mut self, at: usize, call: usize, now: Timestamp, is_running: bool) -> Claimed {
        let key = &mut self.0[at];
        let is_lost =
            !is_running && now.duration_since(key.claimed_at) > SignedDuration::from_secs(RUNNING_SECONDS_MAX);
        let claimed = match key.state {
            KeyState::Free => Claimed::Ours,
            KeyState::InProgress if is_lost => Claimed::TakenOver,
            KeyState::Effect if is_lost => Claimed::Unknown,
            KeyState::InProgress | KeyState::Effect => Claimed::Running,
            KeyState::Done => Claimed::Done,
        };
        if matches!(claimed, Claimed::Ours | Claimed::TakenOver) {
            (key.state, key.claimed_at, key.call) = (KeyState::InProgress, now, call);
        }
        claimed
    }

    /// Notes in the transaction of the effect that there was one.
    pub fn mark(&mut self, at: usize) {
        let key = &mut self.0[at];
        if key.state == KeyState::InProgress {
            key.state = KeyState::Effect;
        }
    }

    /// Counts what was done under a key, marked or not; answers how often.
    pub fn count_effect(&mut self, at: usize) -> u8 {
        let key = &mut self.0[at];
        key.effects = key.effects.saturating_add(1);
        key.effects
    }

    /// Stores the answer of a call: a fault frees the key, unless something was committed before it happened.
    pub fn finish(&mut self, at: usize, call: usize, is_fault: bool) {
        let key = &mut self.0[at];
        if key.call != call {
            return;
        }
        if is_fault && key.state == KeyState::InProgress {
            key.state = KeyState::Free;
            key.was_released = true;
        } else if key.state != KeyState::Free {
            key.state = KeyState::Done;
        }
    }
}
