//! Which call made which change.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use kernel::{HoldId, PoolId};

use super::SightOf;
use super::place::{Extremes, Places};
use crate::anomaly::Anomaly;
use crate::history::{Answer, Call, Draw, Operation};
use crate::journal::{Cause, Change, Ledger, Numbers, Subject};

/// Calls and the changes they made.
#[derive(Debug)]
pub struct Claims {
    change_of: Vec<Option<usize>>,
    operation_of: Vec<Option<usize>>,
    /// Calls that found a hold ended by an earlier change.
    pub after: Vec<(usize, usize)>,
    /// Calls that were done and changed nothing.
    pub idle: Vec<usize>,
}

impl Claims {
    /// The change a call made.
    pub fn changes(&self) -> impl Iterator<Item = (usize, usize)> {
        self.change_of.iter().enumerate().filter_map(|(operation, change)| Some((operation, (*change)?)))
    }

    /// The call that made a change.
    pub fn operation_of(&self, change: usize) -> Option<usize> {
        self.operation_of.get(change).copied().flatten()
    }

    /// Claims what answers or hold ids name.
    pub fn exact(history: &[Operation], ledger: &Ledger, anomalies: &mut Vec<Anomaly>) -> Self {
        let mut claims = Self {
            change_of: vec![None; history.len()],
            operation_of: vec![None; ledger.changes.len()],
            after: Vec::new(),
            idle: Vec::new(),
        };
        for (at, call) in history.iter().enumerate() {
            if let Some((pool, version)) = call.first_version() {
                match ledger.change_at(pool, version) {
                    Some(change) => claims.claim(history, ledger, at, change, anomalies),
                    None => anomalies.push(Anomaly::Lost { operation: call.clone() }),
                }
            } else if let (Call::Hold(_), Answer::Done { hold, .. }) = (&call.call, &call.answer) {
                match hold.and_then(|hold| ledger.find(Cause::Held, Subject::Hold(hold))) {
                    Some(change) => claims.claim(history, ledger, at, change, anomalies),
                    None => anomalies.push(Anomaly::Lost { operation: call.clone() }),
                }
            }
        }
        claims.claim_ends(history, ledger, anomalies);
        claims
    }

    fn claim(
        &mut self,
        history: &[Operation],
        ledger: &Ledger,
        at: usize,
        change: usize,
        anomalies: &mut Vec<Anomaly>,
    ) {
        let (Some(call), Some(made)) = (history.get(at), ledger.changes.get(change)) else { return };
        if !call.fits(made, ledger) {
            anomalies.push(Anomaly::Differs { operation: call.clone(), change: made.clone() });
            return;
        }
        match self.operation_of(change).and_then(|first| history.get(first)) {
            Some(first) => {
                anomalies.push(Anomaly::Twice { first: first.clone(), second: call.clone(), change: made.clone() })
            }
            None => self.mark(at, change),
        }
    }

    fn mark(&mut self, at: usize, change: usize) {
        if let Some(slot) = self.change_of.get_mut(at) {
            *slot = Some(change);
        }
        if let Some(slot) = self.operation_of.get_mut(change) {
            *slot = Some(at);
        }
    }

    /// Releases and confirmations that name no version: the hold tells. Of several that may have done it the first one to begin is the
    /// least bound; the others found it done.
    fn claim_ends(&mut self, history: &[Operation], ledger: &Ledger, anomalies: &mut Vec<Anomaly>) {
        let mut asked: Vec<usize> =
            (0..history.len()).filter(|at| history.get(*at).is_some_and(Operation::may_end_a_hold)).collect();
        asked.sort_by_key(|at| history.get(*at).map(|call| call.invoked));
        for at in asked {
            let Some(call) = history.get(at) else { continue };
            let Some((hold, cause)) = call.end() else { continue };
            let own = ledger.find(cause, Subject::Hold(hold));
            let may_be_its_own = !matches!(&call.answer, Answer::Done { versions: Some(_), .. });
            match own.filter(|own| may_be_its_own && self.operation_of(*own).is_none()) {
                Some(own) => self.claim(history, ledger, at, own, anomalies),
                None if call.answer == Answer::Unknown => {}
                None => match if cause == Cause::Released { ledger.end_of(hold) } else { own } {
                    Some(end) => self.after.push((at, end)),
                    None => anomalies.push(Anomaly::Lost { operation: call.clone() }),
                },
            }
        }
    }

    /// Claims for calls that know neither version nor hold, by what they wanted and when; what is left over was done by nobody.
    pub fn claim_the_rest(
        &mut self,
        history: &[Operation],
        ledger: &Ledger,
        sights: &[SightOf],
        anomalies: &mut Vec<Anomaly>,
    ) {
        let mut wanting: HashMap<Wish, Vec<usize>> = HashMap::new();
        for (at, call) in history.iter().enumerate() {
            if let Some(wish) = call.nameless_wish() {
                wanting.entry(wish).or_default().push(at);
            }
        }
        let mut takes: HashMap<Wish, Vec<usize>> = HashMap::new();
        let mut resizes: Vec<(Wish, usize)> = Vec::new();
        for (at, change) in ledger.changes.iter().enumerate() {
            if !change.cause.needs_a_call() || self.operation_of(at).is_some() {
                continue;
            }
            match Wish::behind(change, ledger) {
                Some(wish @ Wish::Resize(..)) => resizes.push((wish, at)),
                Some(wish) => takes.entry(wish).or_default().push(at),
                None => anomalies.push(Anomaly::Phantom { change: change.clone() }),
            }
        }
        let bounds = Bounds::new(&Places::of(history, ledger, self, sights));
        for (wish, changes) in takes {
            let calls = wanting.remove(&wish).unwrap_or_default();
            self.assign_takes(history, ledger, &bounds, calls, changes, anomalies);
        }
        let bounds = Bounds::new(&Places::of(history, ledger, self, sights));
        self.assign_resizes(history, ledger, &bounds, wanting, resizes, anomalies);
        self.tell_idle_from_lost(history, anomalies);
    }

    /// A resize may find the capacity as it wants it; a purchase that was done has changed something.
    fn tell_idle_from_lost(&mut self, history: &[Operation], anomalies: &mut Vec<Anomaly>) {
        for (at, call) in history.iter().enumerate() {
            let is_unclaimed = self.change_of.get(at).is_some_and(Option::is_none);
            if !is_unclaimed || !matches!(call.answer, Answer::Done { .. }) || call.first_version().is_some() {
                continue;
            }
            match call.call {
                Call::Resize { .. } => self.idle.push(at),
                Call::Buy(_) => anomalies.push(Anomaly::Lost { operation: call.clone() }),
                _ => {}
            }
        }
    }

    /// Gives each change, oldest first, the call that is over first among those that had begun by then.
    fn assign_takes(
        &mut self,
        history: &[Operation],
        ledger: &Ledger,
        bounds: &Bounds,
        mut calls: Vec<usize>,
        mut changes: Vec<usize>,
        anomalies: &mut Vec<Anomaly>,
    ) {
        changes.sort_by_key(|at| ledger.changes.get(*at).map(Change::age));
        calls.sort_by_key(|at| history.get(*at).map(|call| call.invoked));
        let mut calls = calls.into_iter().peekable();
        let mut begun = BinaryHeap::new();
        for at in changes {
            let Some(change) = ledger.changes.get(at) else { continue };
            let (not_over_before, begun_by) = bounds.of(change);
            while let Some((next, call)) = calls.peek().and_then(|next| Some((*next, history.get(*next)?))) {
                if call.invoked > begun_by {
                    break;
                }
                begun.push(std::cmp::Reverse((call.ended(), call.invoked, next)));
                calls.next();
            }
            let mut owner = begun.pop();
            while owner.is_some_and(|std::cmp::Reverse((ended, ..))| ended < not_over_before) {
                owner = begun.pop();
            }
            match owner {
                Some(std::cmp::Reverse((_, _, owner))) => self.mark(owner, at),
                None => anomalies.push(Anomaly::Phantom { change: change.clone() }),
            }
        }
    }

    /// As [`Self::assign_takes`], for the resizes of a pool together: each begins no later than what comes after it ends. Exact as long as the
    /// calls that resize one pool do not overlap, which is how an organiser's calls are recorded.
    fn assign_resizes(
        &mut self,
        history: &[Operation],
        ledger: &Ledger,
        bounds: &Bounds,
        mut wanting: HashMap<Wish, Vec<usize>>,
        mut changes: Vec<(Wish, usize)>,
        anomalies: &mut Vec<Anomaly>,
    ) {
        changes.sort_by_key(|(_, at)| ledger.changes.get(*at).map(Change::age));
        let mut owners_begun: HashMap<PoolId, u64> = HashMap::new();
        for (wish, at) in changes {
            let (Some(change), Wish::Resize(pool, _)) = (ledger.changes.get(at), &wish) else { continue };
            let (not_over_before, begun_by) = bounds.of(change);
            let begun_before = owners_begun.entry(*pool).or_default();
            let calls = wanting.entry(wish).or_default();
            calls.retain(|at| history.get(*at).is_some_and(|call| call.ended() >= not_over_before.max(*begun_before)));
            let begun = calls.iter().filter_map(|at| Some((history.get(*at)?, *at)));
            let owner =
                begun.filter(|(call, _)| call.invoked <= begun_by).min_by_key(|(call, _)| (call.ended(), call.invoked));
            let Some((call, owner)) = owner else {
                anomalies.push(Anomaly::Phantom { change: change.clone() });
                continue;
            };
            *begun_before = call.invoked.max(*begun_before);
            calls.retain(|at| *at != owner);
            self.mark(owner, at);
        }
    }
}

impl Change {
    fn age(&self) -> Option<(PoolId, i64)> {
        self.parts.first().map(|part| (part.pool, part.first))
    }
}

/// When the call behind a change must have begun, and when it cannot have been over yet, as far as the calls around it tell.
struct Bounds(BTreeMap<PoolId, PoolBounds>);

struct PoolBounds {
    begun_before: Extremes<i64, u64>,
    over_after: Extremes<std::cmp::Reverse<i64>, u64>,
}

impl Bounds {
    fn new(places: &Places) -> Self {
        let bounds = places.0.iter().map(|(pool, places)| {
            let begun = places.iter().map(|place| (place.first, place.invoked)).collect();
            let over = places.iter().map(|place| (std::cmp::Reverse(place.last), place.ended)).collect();
            let bounds = PoolBounds {
                begun_before: Extremes::new(begun, std::cmp::max),
                over_after: Extremes::new(over, std::cmp::min),
            };
            (*pool, bounds)
        });
        Self(bounds.collect())
    }

    /// (was not over before, had begun by).
    fn of(&self, change: &Change) -> (u64, u64) {
        let mut both = (0, u64::MAX);
        for part in &change.parts {
            let Some(bounds) = self.0.get(&part.pool) else { continue };
            both.0 = both.0.max(bounds.begun_before.below(2 * part.first).unwrap_or(0));
            let over_after = bounds.over_after.below(std::cmp::Reverse(2 * part.last));
            both.1 = both.1.min(over_after.unwrap_or(u64::MAX));
        }
        both
    }
}

/// What a call wants that names no hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Wish {
    Hold(Vec<Draw>),
    Buy(Vec<Draw>),
    Resize(PoolId, i64),
}

impl Wish {
    fn behind(change: &Change, ledger: &Ledger) -> Option<Self> {
        let draws = |pick: fn(&Numbers) -> i64| {
            let draw = |part: &crate::journal::Part| {
                Some(Draw { pool: part.pool, quantity: i32::try_from(pick(&part.delta)).ok()? })
            };
            change.parts.iter().map(draw).collect::<Option<Vec<Draw>>>()
        };
        match change.cause {
            Cause::Held => draws(|delta| delta.held).map(Self::Hold),
            Cause::Sold => draws(|delta| delta.sold).map(Self::Buy),
            Cause::Resized => {
                let part = change.parts.first()?;
                Some(Self::Resize(part.pool, ledger.state(part.pool, part.last)?.capacity))
            }
            _ => None,
        }
    }
}

impl Operation {
    fn first_version(&self) -> Option<(PoolId, i64)> {
        match &self.answer {
            Answer::Done { versions: Some(versions), .. } => versions.first().copied(),
            _ => None,
        }
    }

    fn end(&self) -> Option<(HoldId, Cause)> {
        match self.call {
            Call::Release { hold, .. } => Some((hold, Cause::Released)),
            Call::Confirm { hold, .. } => Some((hold, Cause::Converted)),
            _ => None,
        }
    }

    /// Whether it was, or may have been, done to a hold, and does not say at which version.
    fn may_end_a_hold(&self) -> bool {
        let may_be_done = matches!(self.answer, Answer::Done { .. } | Answer::Unknown);
        may_be_done && self.first_version().is_none() && self.end().is_some()
    }

    fn nameless_wish(&self) -> Option<Wish> {
        let is_unknown = self.answer == Answer::Unknown;
        let is_done = matches!(self.answer, Answer::Done { versions: None, .. });
        match &self.call {
            Call::Hold(draws) if is_unknown => Some(Wish::Hold(draws.clone())),
            Call::Buy(draws) if is_unknown || is_done => Some(Wish::Buy(draws.clone())),
            Call::Resize { pool, capacity } if is_unknown || is_done => Some(Wish::Resize(*pool, i64::from(*capacity))),
            _ => None,
        }
    }

    /// Whether a change is what this call asked for and what its answer says.
    fn fits(&self, change: &Change, ledger: &Ledger) -> bool {
        let (cause, draws, sign) = match &self.call {
            Call::Hold(draws) => (Cause::Held, draws, (1, 0)),
            Call::Buy(draws) => (Cause::Sold, draws, (0, 1)),
            Call::Release { draws, .. } => (Cause::Released, draws, (-1, 0)),
            Call::Confirm { draws, .. } => (Cause::Converted, draws, (-1, 1)),
            Call::Resize { pool, capacity } => {
                let wish = Wish::Resize(*pool, i64::from(*capacity));
                return change.cause == Cause::Resized
                    && Wish::behind(change, ledger) == Some(wish)
                    && self.tells_versions_of(change);
            }
            Call::Look => return false,
        };
        let is_draw = |(draw, part): (&Draw, &crate::journal::Part)| {
            let quantity = i64::from(draw.quantity);
            let delta = Numbers { capacity: 0, held: sign.0 * quantity, sold: sign.1 * quantity };
            draw.pool == part.pool && part.delta == delta
        };
        change.cause == cause
            && self.names_subject_of(change)
            && draws.len() == change.parts.len()
            && draws.iter().zip(&change.parts).all(is_draw)
            && self.tells_versions_of(change)
    }

    fn names_subject_of(&self, change: &Change) -> bool {
        let named = match (&self.call, &self.answer) {
            (Call::Hold(_), Answer::Done { hold, .. }) => *hold,
            (Call::Release { hold, .. } | Call::Confirm { hold, .. }, _) => Some(*hold),
            _ => None,
        };
        named.is_none_or(|hold| change.subject == Subject::Hold(hold))
    }

    fn tells_versions_of(&self, change: &Change) -> bool {
        let Answer::Done { versions: Some(versions), .. } = &self.answer else { return true };
        versions.len() == change.parts.len()
            && change.parts.iter().all(|part| versions.contains(&(part.pool, part.last)))
    }
}
