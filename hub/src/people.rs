//! Which agents are connected to this node.

use std::sync::Arc;

use dashmap::{DashMap, Entry};
use protocol::AgentId;

/// Connected agents, with the number of their connections.
#[derive(Default)]
pub(crate) struct People {
    connections: DashMap<AgentId, u32>,
}

/// One agent's connection; ends when dropped.
pub struct AgentHere {
    people: Arc<People>,
    agent: AgentId,
}

impl People {
    pub(crate) fn arrive(self: &Arc<Self>, agent: AgentId) -> AgentHere {
        *self.connections.entry(agent).or_insert(0) += 1;
        AgentHere { people: self.clone(), agent }
    }

    pub(crate) fn anybody(&self) -> bool {
        !self.connections.is_empty()
    }
}

impl Drop for AgentHere {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.people.connections.entry(self.agent) {
            if *count.get() <= 1 {
                count.remove();
            } else {
                *count.get_mut() -= 1;
            }
        }
    }
}
