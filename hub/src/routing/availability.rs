//! Whether an agent can be given sessions: what they chose, and what became of it by itself.

use std::time::Duration;

use protocol::{Availability, Load, UtcMillis};

/// When an agent's state changes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Without activity for this long, somebody is away.
    pub away_after: Duration,
    /// Without a connection for this long, somebody is offline. Long enough for a reload.
    pub offline_after: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self { away_after: Duration::from_mins(15), offline_after: Duration::from_secs(30) }
    }
}

/// Whether an agent has a connection, to whichever node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// At least one.
    Here,
    /// The last one ended then.
    GoneSince(UtcMillis),
    /// None, ever.
    Never,
}

/// What is known of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What the agent chose last.
    pub chosen: Availability,
    /// Whether the agent is connected.
    pub connection: Connection,
    /// When the agent last did anything; connecting is something.
    pub last_activity: UtcMillis,
    /// What the agent has to do.
    pub load: Load,
}

/// What an agent is, and how long that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effective {
    /// Now.
    pub status: Availability,
    /// When to look again, if nothing happens before.
    pub changes_at: Option<UtcMillis>,
}

/// What an agent is now. Worse news win: who is not connected is offline, whoever does nothing is away, and who is at
/// the maximum is busy, whatever they chose.
pub fn effective(facts: &Facts, rules: Rules, now: UtcMillis) -> Effective {
    let offline_at = match facts.connection {
        Connection::Here => None,
        Connection::GoneSince(at) => Some(at.plus(rules.offline_after)),
        Connection::Never => Some(now),
    };
    if facts.chosen == Availability::Offline || offline_at.is_some_and(|at| now >= at) {
        return Effective { status: Availability::Offline, changes_at: None };
    }
    let away_at = facts.last_activity.plus(rules.away_after);
    if facts.chosen == Availability::Away || now >= away_at {
        return Effective { status: Availability::Away, changes_at: offline_at };
    }
    let full = facts.load.active >= facts.load.max;
    let status = if full { Availability::Busy } else { facts.chosen };
    let changes_at = Some(offline_at.map_or(away_at, |offline_at| offline_at.min(away_at)));
    Effective { status, changes_at }
}
