//! Which agents are connected to this node.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use dashmap::{DashMap, Entry};
use protocol::{AgentId, Notification, ServerFrame, UtcMillis};
use tokio::time::Instant;

use crate::{Caller, Hub, Outbound};

/// Connected agents. Who went a moment ago still counts, so that a reload does not show the shop as closed.
pub(crate) struct People {
    agents: DashMap<AgentId, Connected>,
    numbers: AtomicU64,
    grace: Duration,
}

struct Connected {
    connections: u32,
    /// Where those of them that can be told something hear it.
    ears: Vec<(u64, Outbound)>,
    /// When the agent last did anything.
    active_at: UtcMillis,
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
    number: u64,
}

impl AgentHere {
    /// Whose connection it is.
    pub(crate) fn agent(&self) -> AgentId {
        self.agent
    }

    /// What is told to the whole team is told to this connection, too.
    pub(crate) fn hears(&self, outbound: Outbound) {
        if let Entry::Occupied(mut here) = self.people.agents.entry(self.agent) {
            here.get_mut().ears.push((self.number, outbound));
        }
    }
}

impl People {
    pub(crate) fn new(grace: Duration) -> Self {
        Self { agents: DashMap::new(), numbers: AtomicU64::new(0), grace }
    }

    pub(crate) fn arrive(self: &Arc<Self>, agent: AgentId, now: UtcMillis) -> AgentHere {
        let mut here = self.agents.entry(agent).or_insert_with(|| Connected {
            connections: 0,
            ears: Vec::new(),
            active_at: now,
            until: Instant::now(),
        });
        here.connections += 1;
        here.active_at = now;
        drop(here);
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        AgentHere { people: self.clone(), agent, number }
    }

    /// The agent does something.
    pub(crate) fn acts(&self, agent: AgentId, now: UtcMillis) {
        if let Some(mut here) = self.agents.get_mut(&agent) {
            here.active_at = here.active_at.max(now);
        }
    }

    /// Who is connected, and when they last did anything.
    pub(crate) fn connected(&self) -> Vec<(AgentId, UtcMillis)> {
        let here = self.agents.iter().filter(|agent| agent.connections > 0);
        here.map(|agent| (*agent.key(), agent.active_at)).collect()
    }

    /// Tells the whole team, as far as it is connected to this node.
    pub(crate) fn tell(&self, bytes: &Bytes) {
        for agent in &self.agents {
            for (_, outbound) in &agent.ears {
                outbound.push(bytes.clone());
            }
        }
    }

    /// Tells one agent, as far as they are connected to this node.
    pub(crate) fn tell_one(&self, agent: AgentId, frame: impl FnOnce() -> Bytes) {
        let Some(here) = self.agents.get(&agent).filter(|here| !here.ears.is_empty()) else { return };
        let bytes = frame();
        for (_, outbound) in &here.ears {
            outbound.push(bytes.clone());
        }
    }

    /// Tells one agent what concerns them in person.
    pub(crate) fn notify(&self, agent: AgentId, notification: &Notification) {
        let frame = || ServerFrame::Notification { notification: notification.clone() };
        self.tell_one(agent, || frame().encode().into());
    }

    pub(crate) fn anybody(&self) -> bool {
        let now = Instant::now();
        self.agents.iter().any(|agent| agent.counts(now))
    }
}

impl Hub {
    /// An agent's connection, counted until dropped.
    pub fn agent_here(&self, agent: AgentId) -> AgentHere {
        let here = self.inner.people.arrive(agent, self.clock().now());
        self.inner.called_to_duty();
        here
    }

    /// Whoever asks for something is not away.
    pub fn notice(&self, caller: &Caller) {
        if let Caller::Agent { agent, .. } = caller {
            self.inner.people.acts(agent.id, self.clock().now());
        }
    }

    /// Whether any agent is connected, to whichever node.
    pub fn anybody_here(&self) -> bool {
        self.inner.people.anybody() || self.inner.cluster.agents_elsewhere()
    }
}

impl Drop for AgentHere {
    fn drop(&mut self) {
        // An agent who is not connected stays listed: there are not more of them than members of the team.
        if let Entry::Occupied(mut here) = self.people.agents.entry(self.agent) {
            let here = here.get_mut();
            here.connections -= 1;
            here.ears.retain(|(number, _)| *number != self.number);
            here.until = Instant::now() + self.people.grace;
        }
    }
}
