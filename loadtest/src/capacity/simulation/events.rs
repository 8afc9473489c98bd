//! What happens next.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    people::{EntryId, NodeId, Person},
    servers::Nanos,
};

/// Something that happens at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// Some customer writes.
    Writes,
    /// Something else happens to some chat: claimed, closed.
    Changes,
    /// An entry leaves its sender.
    Send(EntryId),
    /// A node has decided it.
    Decided(EntryId, NodeId),
    /// A log writer's statement is at Postgres.
    Arrived(NodeId),
    /// Its CPU time is over.
    Computed(NodeId),
    /// It is on the disk, and its writer knows.
    Committed(NodeId),
    /// A node has acked an entry and told those at hand.
    Told(EntryId, NodeId),
    /// Redis has passed it on.
    Passed(EntryId, NodeId),
    /// A node hands it to the reader.
    Handed(EntryId, NodeId),
    /// A chat's newest message has been read.
    Read(Person),
    /// The store is asked for what the link did not carry.
    Asked(EntryId),
    /// A node's changed chats are told to all lists.
    Summaries(NodeId),
    /// A node dies.
    Dies(NodeId),
    /// Somebody tries to come back.
    Tries(Person),
    /// Their hello was heard; what the store knows of them is to be read.
    Accepted(Person, NodeId),
    /// The store has told it.
    Known(Person, NodeId),
    /// They are welcomed.
    Welcome(Person, NodeId),
}

/// What will happen, in the order of time, and then in the order in which it was found out.
#[derive(Debug, Default)]
pub(super) struct Events {
    heap: BinaryHeap<Reverse<(Nanos, u64, Event)>>,
    counted: u64,
}

impl Events {
    /// It will happen then.
    pub(super) fn at(&mut self, time: Nanos, event: Event) {
        self.counted += 1;
        self.heap.push(Reverse((time, self.counted, event)));
    }

    /// The next.
    pub(super) fn next(&mut self) -> Option<(Nanos, Event)> {
        self.heap.pop().map(|Reverse((time, _, event))| (time, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_the_order_of_time() {
        let mut events = Events::default();
        for (time, event) in [(5, Event::Writes), (3, Event::Changes), (5, Event::Summaries(1))] {
            events.at(time, event);
        }
        let order: Vec<_> = std::iter::from_fn(|| events.next()).collect();
        assert_eq!(order, [(3, Event::Changes), (5, Event::Writes), (5, Event::Summaries(1))]);
    }
}
