//! Which agents are connected to this node.

use std::{sync::Arc, time::Duration};

use dashmap::{DashMap, Entry};
use protocol::AgentId;
use tokio::time::Instant;

/// Connected agents. Who went a moment ago still counts, so that a reload does not show the shop as closed.
pub(crate) struct People {
    agents: DashMap<AgentId, Connected>,
    grace: Duration,
}

struct Connected {
    connections: u32,
    /// Without connections: counts until then.
    until: Instant,
}

impl Connected {
    fn counts(&self, now: Instant) -> bool {
        self.connections > 0 || now < self.until
    }
}

/// One agent's connection; ends when dropped.
pub struct AgentHere {
    people: Arc<People>,
    agent: AgentId,
}

impl People {
    pub(crate) fn new(grace: Duration) -> Self {
        Self { agents: DashMap::new(), grace }
    }

    pub(crate) fn arrive(self: &Arc<Self>, agent: AgentId) -> AgentHere {
        let mut here =
            self.agents.entry(agent).or_insert_with(|| Connected { connections: 0, until: Instant::now() });
        here.connections += 1;
        drop(here);
        AgentHere { people: self.clone(), agent }
    }

    pub(crate) fn anybody(&self) -> bool {
        let now = Instant::now();
        self.agents.iter().any(|agent| agent.counts(now))
    }
}

impl Drop for AgentHere {
    fn drop(&mut self) {
        // An agent who is not connected stays listed: there are not more of them than members of the team.
        if let Entry::Occupied(mut here) = self.people.agents.entry(self.agent) {
            let here = here.get_mut();
            here.connections -= 1;
            here.until = Instant::now() + self.people.grace;
        }
    }
}
