//! The same question decided by trying every order: the judge of the judge, for histories of a few calls.
//!
//! Wing and Gong, Testing and Verifying Concurrent Objects (1993), with Lowe's memory of what was tried (Testing for Linearizability, 2017).
//! Written without any code of the fast checker.

mod blind;
mod numbered;

use std::collections::HashSet;
use std::hash::Hash;

use crate::history::{Answer, Operation};
use crate::journal::Entry;

/// The most calls that are tried.
pub const CALLS_SEARCHED_MAX: usize = 32;

/// Looks at answers only: is there an order of the calls in which a box office of these capacities gives these answers? The journal lends
/// the capacities in the beginning and the holds that may expire at any time. `None` when there are too many calls.
pub fn is_linearizable_blind(history: &[Operation], journal: &[Entry]) -> Option<bool> {
    decide(history, &blind::Counter::new(journal))
}

/// Looks at versions too: is there an order of the calls that gives these answers and writes this journal? `None` when there are too many
/// calls or changes.
pub fn is_linearizable_numbered(history: &[Operation], journal: &[Entry]) -> Option<bool> {
    decide(history, &numbered::Book::new(journal)?)
}

/// A box office without concurrency.
trait Model {
    type State: Clone + Eq + Hash;
    fn beginning(&self) -> Self::State;
    /// The states in which a call can leave a state, while giving its answer.
    fn after(&self, state: &Self::State, at: usize, call: &Operation) -> Vec<Self::State>;
    /// The states that can follow without a call.
    fn by_itself(&self, state: &Self::State) -> Vec<Self::State>;
    fn may_end(&self, state: &Self::State) -> bool;
}

fn decide<M: Model>(history: &[Operation], model: &M) -> Option<bool> {
    if history.len() > CALLS_SEARCHED_MAX {
        return None;
    }
    let mut search = Search { history, model, is_tried: HashSet::new() };
    Some(search.go(0, model.beginning()))
}

struct Search<'a, M: Model> {
    history: &'a [Operation],
    model: &'a M,
    is_tried: HashSet<(u32, M::State)>,
}

impl<M: Model> Search<'_, M> {
    fn go(&mut self, done: u32, state: M::State) -> bool {
        let is_done = |at: usize| done & (1 << at) != 0;
        let must_still = |(at, call): &(usize, &Operation)| !is_done(*at) && call.answer != Answer::Unknown;
        if self.model.may_end(&state) && !self.history.iter().enumerate().any(|call| must_still(&call)) {
            return true;
        }
        if !self.is_tried.insert((done, state.clone())) {
            return false;
        }
        if self.model.by_itself(&state).into_iter().any(|next| self.go(done, next)) {
            return true;
        }
        let history = self.history;
        let open = || history.iter().enumerate().filter(|(at, _)| !is_done(*at));
        let first_end = open().map(|(_, call)| call.ended()).min().unwrap_or(u64::MAX);
        open().filter(|(_, call)| call.invoked <= first_end).any(|(at, call)| {
            self.model.after(&state, at, call).into_iter().any(|next| self.go(done | (1 << at), next))
        })
    }
}
