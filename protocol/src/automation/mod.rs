//! What a team lets Hubbub do by itself (rules), and what an agent does in one step (macros): when, to which sessions, and
//! what. How a rule is found to fit, and what it appends, is the hub's.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Event, MacroId, RuleId, Sender, Status, UtcMillis, session::words};

mod action;
mod condition;

pub use action::RuleAction;
pub use condition::{Condition, ConditionField, ConditionTest};

words! {
    /// What happens to a session before a rule looks at it.
    Trigger {
        /// It began.
        Started = "started",
        /// The customer wrote.
        CustomerMessage = "customer_message",
        /// An agent wrote to the customer.
        AgentMessage = "agent_message",
        /// An agent holds it now.
        Assigned = "assigned",
        /// Nobody holds it any more.
        Unassigned = "unassigned",
        /// It was solved.
        Resolved = "resolved",
        /// It was taken up again.
        Reopened = "reopened",
        /// It ended.
        Closed = "closed",
        /// Tags came or went.
        Tagged = "tagged",
        /// How urgent it is changed.
        PriorityChanged = "priority_changed",
        /// What kind of matter it is changed.
        CategoryChanged = "category_changed",
        /// For which team it is changed.
        TeamChanged = "team_changed",
        /// The customer said how it was.
        Rated = "rated",
        /// Nobody was there, so it waits as a message.
        TakenAsMessage = "taken_as_message",
        /// Its team took too long, so it is for another one.
        WaitedTooLong = "waited_too_long",
        /// It waits for somebody of the team for too long.
        Reminded = "reminded",
        /// Little time is left for what was promised.
        SlaWarned = "sla_warned",
        /// What was promised did not happen in time.
        SlaBreached = "sla_breached",
    }
}

impl Trigger {
    /// What an entry is to rules, if it is something.
    pub const fn of(sender: &Sender, event: Option<&Event>) -> Option<Self> {
        Some(match (event, sender) {
            (None, Sender::Customer { .. }) => Self::CustomerMessage,
            (None, Sender::Agent { .. }) => Self::AgentMessage,
            (Some(Event::Started { .. }), _) => Self::Started,
            (Some(Event::Assigned { agent: Some(_) } | Event::Transferred { .. }), _) => Self::Assigned,
            (Some(Event::Assigned { agent: None }), _) => Self::Unassigned,
            (Some(Event::StatusChanged { to: Status::Resolved, .. }), _) => Self::Resolved,
            (Some(Event::Reopened { .. }), _) => Self::Reopened,
            (Some(Event::Closed { .. }), _) => Self::Closed,
            (Some(Event::Tagged { .. }), _) => Self::Tagged,
            (Some(Event::PriorityChanged { .. }), _) => Self::PriorityChanged,
            (Some(Event::CategoryChanged { .. }), _) => Self::CategoryChanged,
            (Some(Event::TeamChanged { .. } | Event::HandedOn { .. }), _) => Self::TeamChanged,
            (Some(Event::Rated { .. }), _) => Self::Rated,
            (Some(Event::TakenAsMessage { .. }), _) => Self::TakenAsMessage,
            (Some(Event::WaitedTooLong { .. }), _) => Self::WaitedTooLong,
            (Some(Event::Reminded { .. }), _) => Self::Reminded,
            (Some(Event::SlaWarned { .. }), _) => Self::SlaWarned,
            (Some(Event::SlaBreached { .. }), _) => Self::SlaBreached,
            _ => return None,
        })
    }
}

/// A rule, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RuleRef {
    /// The rule.
    pub id: RuleId,
    /// Its name at that time.
    pub name: String,
}

/// A macro, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct MacroRef {
    /// The macro.
    pub id: MacroId,
    /// Its name at that time.
    pub name: String,
}

/// What a rule would have done, and could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SkippedAction {
    /// The type of the action.
    pub action: String,
    /// Why not.
    pub why: String,
}

/// How often a rule has done something to a session of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRuns {
    /// Which.
    pub rule: RuleId,
    /// Since when it is counted.
    pub since: UtcMillis,
    /// How often.
    pub runs: u32,
}
