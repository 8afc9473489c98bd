//! One node: its cores, the task that hears the others, its log writer, its connections to the store.

use std::collections::{HashSet, VecDeque};

use super::{
    people::{EntryId, Person},
    servers::{Nanos, Workers},
};

/// What a log writer writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// An entry of this session's log.
    Append(EntryId, Person),
    /// How far the session was read.
    Mark(Person),
}

impl Row {
    /// Whose session; it is named by its customer.
    pub(super) fn session(self) -> Person {
        match self {
            Self::Append(_, session) | Self::Mark(session) => session,
        }
    }
}

/// One node.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) alive: bool,
    pub(super) cores: Workers,
    /// One task.
    pub(super) hearing: Workers,
    pub(super) writer: LogWriter,
    /// Connections of the pool in use.
    pub(super) reading: usize,
    /// Who waits for one, and since when.
    pub(super) waiting: VecDeque<(Person, Nanos)>,
    /// Changed chats that lists are to be told of.
    pub(super) changed: u32,
    /// When they may be told at the earliest.
    pub(super) summaries_due: Nanos,
}

/// A node's log writer (persistence::writer): one turn at a time, in each at most one append of a session, appends and
/// marks in a statement each.
#[derive(Debug, Default)]
pub(super) struct LogWriter {
    queue: VecDeque<Row>,
    /// The statement under way.
    pub(super) statement: Vec<Row>,
    /// The other statement of the turn.
    pub(super) next: Vec<Row>,
}

impl LogWriter {
    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Takes a row. True: a turn begins.
    pub(super) fn push(&mut self, row: Row, most: usize) -> bool {
        self.queue.push_back(row);
        self.statement.is_empty() && self.turn(most)
    }

    /// The statement is done. True: the next begins.
    pub(super) fn go_on(&mut self, most: usize) -> bool {
        self.statement = std::mem::take(&mut self.next);
        !self.statement.is_empty() || self.turn(most)
    }

    /// The node died: what was not sent to the store.
    pub(super) fn abandon(&mut self) -> Vec<Row> {
        self.next.drain(..).chain(self.queue.drain(..)).collect()
    }

    fn turn(&mut self, most: usize) -> bool {
        let (mut sessions, mut held_back, mut taken) = (HashSet::new(), Vec::new(), 0);
        let (mut appends, mut marks) = (Vec::new(), Vec::new());
        while taken + held_back.len() < most
            && let Some(row) = self.queue.pop_front()
        {
            match row {
                Row::Mark(_) => marks.push(row),
                Row::Append(_, session) if sessions.insert(session) => appends.push(row),
                Row::Append(..) => {
                    held_back.push(row);
                    continue;
                }
            }
            taken += 1;
        }
        for row in held_back.into_iter().rev() {
            self.queue.push_front(row);
        }
        if appends.is_empty() {
            std::mem::swap(&mut appends, &mut marks);
        }
        (self.statement, self.next) = (appends, marks);
        !self.statement.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_what_came_during_the_last() {
        let mut writer = LogWriter::default();
        assert!(writer.push(Row::Append(1, 1), 500), "at once");
        assert_eq!(writer.statement, [Row::Append(1, 1)]);
        for row in [Row::Append(2, 2), Row::Mark(1), Row::Append(3, 2), Row::Append(4, 4)] {
            assert!(!writer.push(row, 500));
        }
        assert!(writer.go_on(500));
        assert_eq!(writer.statement, [Row::Append(2, 2), Row::Append(4, 4)], "one append of a session");
        assert_eq!(writer.next, [Row::Mark(1)]);
        assert!(writer.go_on(500));
        assert_eq!(writer.statement, [Row::Mark(1)], "in a statement of its own");
        assert!(writer.go_on(500));
        assert_eq!(writer.statement, [Row::Append(3, 2)], "what was held back");
        assert!(!writer.go_on(500));
        assert!(writer.statement.is_empty() && writer.waiting() == 0);
    }

    #[test]
    fn a_turn_is_bounded() {
        let mut writer = LogWriter::default();
        for entry in 0..10 {
            writer.push(Row::Append(entry, entry), 4);
        }
        assert!(writer.go_on(4));
        assert_eq!((writer.statement.len(), writer.waiting()), (4, 5));
    }
}
