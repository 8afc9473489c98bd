//! Who is where: which node each customer and agent is connected to, and how those who lost theirs come back.

use std::collections::HashMap;

use rand::{RngExt, rngs::StdRng};

use super::servers::{Nanos, nanos};
use crate::capacity::plan::Server;

/// A customer, or, from the number of customers on, an agent.
pub(super) type Person = u32;
/// A node.
pub(super) type NodeId = u16;
/// A message, or another entry of a log.
pub(super) type EntryId = u32;

const NOWHERE: NodeId = NodeId::MAX;

/// Everybody.
pub(super) struct People {
    place: Vec<NodeId>,
    customers: u32,
    agents: u32,
    away: HashMap<Person, Away>,
}

/// Somebody who is not connected.
#[derive(Debug, Default)]
pub(super) struct Away {
    tries: u32,
    tried_at: Nanos,
    /// What they will send again.
    pub(super) to_send: Vec<EntryId>,
    /// What they will read when they are back.
    pub(super) to_read: Vec<EntryId>,
}

impl People {
    /// All connected, each to a node at random.
    pub(super) fn new(customers: u32, agents: u32, nodes: NodeId, random: &mut StdRng) -> Self {
        let place = (0..customers + agents).map(|_| random.random_range(0..nodes)).collect();
        Self { place, customers, agents, away: HashMap::new() }
    }

    /// The agent of a customer's chat.
    pub(super) fn agent_of(&self, customer: Person) -> Person {
        self.customers + customer % self.agents
    }

    /// Somebody's node, if they are connected.
    pub(super) fn node_of(&self, person: Person) -> Option<NodeId> {
        Some(self.place[person as usize]).filter(|node| *node != NOWHERE)
    }

    /// Of somebody who is not connected: what waits for them.
    pub(super) fn away(&mut self, person: Person) -> &mut Away {
        self.away.entry(person).or_default()
    }

    /// How many are away.
    pub(super) fn count_away(&self) -> usize {
        self.away.len()
    }

    /// The node is gone: who was there.
    pub(super) fn cut_off(&mut self, node: NodeId) -> Vec<Person> {
        let mut gone = Vec::new();
        for (person, place) in (0..).zip(&mut self.place) {
            if *place == node {
                *place = NOWHERE;
                self.away.insert(person, Away::default());
                gone.push(person);
            }
        }
        gone
    }

    /// The pause before somebody's next try: anything up to a limit that doubles (web/src/client/backoff.ts).
    pub(super) fn pause(&mut self, person: Person, server: &Server, random: &mut StdRng) -> Nanos {
        let away = self.away.entry(person).or_default();
        let doubled = server.backoff_first_s * 2_f64.powi(away.tries.min(16).cast_signed());
        away.tries += 1;
        nanos(random.random::<f64>() * doubled.min(server.backoff_longest_s))
    }

    /// Somebody tries.
    pub(super) fn tries(&mut self, person: Person, now: Nanos) {
        self.away.entry(person).or_default().tried_at = now;
    }

    /// When somebody's present try began.
    pub(super) fn tried_at(&self, person: Person) -> Nanos {
        self.away.get(&person).map_or(0, |away| away.tried_at)
    }

    /// Somebody is back, and this waited for them.
    pub(super) fn back(&mut self, person: Person, node: NodeId) -> Away {
        self.place[person as usize] = node;
        self.away.remove(&person).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::capacity::plan::Plan;

    #[test]
    fn those_of_a_dead_node_are_away_until_they_are_back() {
        let mut random = StdRng::seed_from_u64(1);
        let mut people = People::new(100, 10, 3, &mut random);
        let there: Vec<_> = (0..110).filter(|person| people.node_of(*person) == Some(1)).collect();
        assert_eq!(people.cut_off(1), there);
        assert_eq!(people.count_away(), there.len());
        people.away(there[0]).to_read.push(7);
        assert_eq!(people.back(there[0], 2).to_read, [7]);
        assert_eq!((people.node_of(there[0]), people.count_away()), (Some(2), there.len() - 1));
        assert_eq!(people.agent_of(23), 103);
    }

    #[test]
    fn pauses_are_the_clients() {
        let (mut random, plan) = (StdRng::seed_from_u64(1), Plan::read(None, &[]).unwrap());
        let mut people = People::new(2, 1, 1, &mut random);
        people.cut_off(0);
        for limit_s in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0] {
            assert!(people.pause(0, &plan.server, &mut random) <= nanos(limit_s));
        }
        assert!(people.pause(1, &plan.server, &mut random) <= nanos(0.5), "each their own");
    }
}
