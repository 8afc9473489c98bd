//! Who can be given sessions.

use serde::{Deserialize, Serialize};

use crate::{AgentRef, Availability, UtcMillis};

/// PUT `/agents/me/availability`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SetAvailability {
    /// What the agent is from now on.
    pub status: Availability,
}

/// GET `/agents/workload`: one of the team, as far as it matters for who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Workload {
    /// Who.
    pub agent: AgentRef,
    /// What they are now.
    pub status: Availability,
    /// What they chose last; worse news, as being away, come by themselves.
    pub chosen: Availability,
    /// Sessions that the agent holds, open or in progress and not put aside.
    pub active: u32,
    /// As many as the agent takes at once.
    pub max: u32,
}

/// GET `/agents/{id}/availability`: what an agent was, from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct StatusSince {
    /// What.
    pub status: Availability,
    /// From when, until the next one.
    pub since: UtcMillis,
}
