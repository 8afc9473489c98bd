//! What a session asks of whoever answers it, and where its offers stand.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{AgentId, AgentRef, Pass, SkillRef, TeamId, UtcMillis, session::words};

/// A team, in short.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct TeamRef {
    /// The team.
    pub id: TeamId,
    /// Its name; of a session, at the time when it became the session's.
    pub name: String,
}

/// A skill that a session asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct AskedSkill {
    /// Which.
    pub skill: SkillRef,
    /// Known at this level, or better.
    pub level: u8,
}

words! {
    /// Why a session is taken as a message, to be answered later.
    TakenBecause {
        /// The site is closed at this hour.
        Closed = "closed",
        /// Nobody of the team is here.
        Away = "away",
        /// Nobody had time for too long.
        Waited = "waited",
    }
}

/// An agent who is being asked to take a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Offer {
    /// Who.
    pub agent: AgentRef,
    /// From this time on it is too late to answer.
    pub until: UtcMillis,
}

/// An agent who passed a session on, in this round of offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Passed {
    /// Who.
    pub agent_id: AgentId,
    /// How.
    pub how: Pass,
}

/// Where the offers of a session stand: what its offer events add up to since it is in line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default)]
pub struct OfferState {
    /// Who is being asked.
    pub standing: Option<Offer>,
    /// Who has passed in this round, each once.
    pub passed: Vec<Passed>,
    /// When the last one passed; the beginning of time if nobody has.
    pub last_pass: UtcMillis,
    /// Zero before the first offer.
    pub round: u32,
    /// How many offers were made in all.
    pub made: u32,
}

impl OfferState {
    /// Nobody was ever asked.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
