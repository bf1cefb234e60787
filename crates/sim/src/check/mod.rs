//! The promises, checked from outside: after each decision, at each commit, at each answer, and all of them now and then.

pub mod decided;
mod invariants;
mod seated;
mod told;

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which promise.
    pub check: &'static str,
    /// What was seen.
    pub text: String,
    /// After how many operations of its world.
    pub operations: u64,
}
