//! The line as one node remembers it: who is where, kept up by what changed since a revision.

use std::collections::HashMap;

use kernel::WaitingEntryId;

use super::EntryState;

/// Everyone in a room, with the numbers of those who wait in order.
#[derive(Debug, Clone, Default)]
pub struct Line {
    entries: HashMap<WaitingEntryId, EntryState>,
    /// The numbers of those who wait, in order: a place is found by halving.
    numbers: Vec<i64>,
    /// Those who wait without a number: before the draw.
    unnumbered: usize,
    revision: i64,
}

impl Line {
    /// The last revision that was taken in.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Takes in what changed up to a revision.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = (WaitingEntryId, EntryState)>, revision: i64) {
        let before = self.revision;
        self.entries.extend(changes);
        self.revision = revision;
        if before == revision {
            return;
        }
        let waiting = self.entries.values().filter_map(|state| match state {
            EntryState::Waiting { number } => Some(*number),
            _ => None,
        });
        let (numbered, unnumbered): (Vec<Option<i64>>, Vec<Option<i64>>) = waiting.partition(Option::is_some);
        self.unnumbered = unnumbered.len();
        self.numbers = numbered.into_iter().flatten().collect();
        self.numbers.sort_unstable();
    }

    /// Where an entry is; `None` when the room does not know it.
    pub fn state(&self, entry: WaitingEntryId) -> Option<EntryState> {
        self.entries.get(&entry).copied()
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.numbers.len() + self.unnumbered
    }

    /// How many of those who wait have a smaller number.
    pub fn ahead_of(&self, number: i64) -> usize {
        self.numbers.partition_point(|other| *other < number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn entry(id: u128) -> WaitingEntryId {
        WaitingEntryId::from(Uuid::from_u128(id))
    }

    fn waits(number: i64) -> EntryState {
        EntryState::Waiting { number: Some(number) }
    }

    #[test]
    fn places_move_up_when_people_before_them_go() {
        let mut line = Line::default();
        line.apply(
            [(entry(1), EntryState::Waiting { number: None }), (entry(2), EntryState::Waiting { number: None })],
            1,
        );
        assert_eq!((line.waiting(), line.ahead_of(1)), (2, 0));
        line.apply([(entry(1), waits(2)), (entry(2), waits(1)), (entry(3), waits(3))], 2);
        assert_eq!((line.waiting(), line.ahead_of(1), line.ahead_of(3)), (3, 0, 2));
        line.apply([(entry(1), EntryState::Left)], 3);
        assert_eq!((line.waiting(), line.ahead_of(3), line.state(entry(1))), (2, 1, Some(EntryState::Left)));
        assert_eq!((line.revision(), line.state(entry(9))), (3, None));
    }
}
