//! What the shell of a lane does next, where that can be decided without asking anybody. Pure, so that the simulation lives by the same rules.

use super::command::Outcome;
use crate::mutant;

/// How often a batch whose commit turned out not to have happened is run again.
pub const REPEATS_MAX: u32 = 3;

/// What to do after a commit whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterLoss {
    /// It happened: everyone gets the answer that was ready.
    Answer,
    /// It did not happen: the batch is run again.
    Repeat,
    /// Nobody can tell, or it was repeated often enough: the outcome is unknown.
    Unknown,
}

/// Decides that from what the witness said, and how often the batch was run again before.
pub fn after_lost_answer(has_committed: Option<bool>, repeats: u32) -> AfterLoss {
    if mutant::is("lost_answer_is_failure") {
        return AfterLoss::Repeat;
    }
    if mutant::is("lost_answer_is_success") {
        return AfterLoss::Answer;
    }
    match has_committed {
        Some(true) => AfterLoss::Answer,
        Some(false) if repeats < REPEATS_MAX => AfterLoss::Repeat,
        _ => AfterLoss::Unknown,
    }
}

/// Splits commands of which one is poisoned; the first half is run first.
pub fn halves<T>(mut commands: Vec<T>) -> [Vec<T>; 2] {
    let half = commands.split_off(commands.len() / 2);
    if mutant::is("halving_drops_one") {
        commands.pop();
    }
    [commands, half]
}

/// Whether a command that came with an idempotency key must be marked as having had its effect.
pub fn is_marked(has_key: bool, outcome: &Outcome) -> bool {
    has_key && outcome.has_effect() && !mutant::is("effect_not_marked")
}
