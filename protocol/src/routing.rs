//! Who answers, and why: the words of routing, and the explanation that each assignment carries.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{AgentId, AgentRef, SkillId, UtcMillis, session::words};

words! {
    /// How urgent a session is; a higher one is greater, and is answered first.
    #[derive(PartialOrd, Ord, Default)]
    Priority {
        /// Can wait.
        Low = "low",
        /// As most are.
        #[default]
        Normal = "normal",
        /// Before the others.
        High = "high",
        /// Now.
        Urgent = "urgent",
    }
}

words! {
    /// Whether an agent can be given sessions. Only who is online is.
    Availability {
        /// Here, with room for another session.
        Online = "online",
        /// Here, and takes no more for now.
        Busy = "busy",
        /// Not at the desk.
        Away = "away",
        /// Not connected, or out of sight by choice.
        Offline = "offline",
    }
}

words! {
    /// How the sessions of a site or team find their agents.
    RoutingMode {
        /// Each is given to an agent at once.
        Automatic = "automatic",
        /// Each is offered to an agent, who accepts within some time, else to the next.
        Offer = "offer",
        /// Agents take them by hand.
        Manual = "manual",
    }
}

words! {
    /// What made routing act.
    RoutedBy {
        /// It gave the session to an agent.
        Automatic = "automatic",
        /// It offered the session to an agent.
        Offer = "offer",
        /// It took the session from an agent who was gone, back into the queue.
        Returned = "returned",
    }
}

words! {
    /// What put an agent before all others who could have taken the session.
    Because {
        /// The customer had this agent before.
        ReturningCustomer = "returning_customer",
        /// Nobody else could.
        OnlyOne = "only_one",
        /// Speaks the customer's language.
        Language = "language",
        /// Had the most room, relative to the maximum.
        LeastLoaded = "least_loaded",
        /// Knows best what is asked for.
        MostSkilled = "most_skilled",
        /// Was given nothing for the longest time.
        LongestIdle = "longest_idle",
        /// Nothing told them apart, so the order of their ids did.
        Equal = "equal",
    }
}

words! {
    /// How an offer ended.
    OfferEnd {
        /// The agent took the session.
        Accepted = "accepted",
        /// The agent said no.
        Declined = "declined",
        /// The agent said nothing in time.
        Unanswered = "unanswered",
        /// The agent was gone.
        Gone = "gone",
        /// The session needed nobody any more: it ended, or somebody took it by hand.
        Withdrawn = "withdrawn",
    }
}

impl OfferEnd {
    /// How the agent passed it on, if that is how it ended: who passed is not asked again in this round.
    pub const fn pass(self) -> Option<Pass> {
        match self {
            Self::Declined => Some(Pass::Declined),
            Self::Unanswered => Some(Pass::Unanswered),
            Self::Accepted | Self::Gone | Self::Withdrawn => None,
        }
    }
}

words! {
    /// How an agent passed a session on to the next one.
    Pass {
        /// Said no to the offer.
        Declined = "declined",
        /// Said nothing in time.
        Unanswered = "unanswered",
        /// Had it, and handed it on.
        HandedOn = "handed_on",
    }
}

/// A skill, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SkillRef {
    /// The skill.
    pub id: SkillId,
    /// Its name at that time.
    pub name: String,
}

/// How much an agent has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Load {
    /// Sessions that the agent holds or is being offered.
    pub active: u32,
    /// As many as the agent takes at once.
    pub max: u32,
}

/// Why a session was given to an agent, or to nobody. Not for customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Routed {
    /// What made routing act.
    pub mode: RoutedBy,
    /// How many agents it looked at. Who is neither chosen nor skipped could have taken the session too.
    pub considered: u32,
    /// Who it became, and what put that agent before the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub chosen: Option<Chosen>,
    /// Who could not take it, and why: first whom the customer had before, then those who came closest; at most
    /// twenty.
    #[serde(default)]
    pub skipped: Vec<Skipped>,
    /// How many more were skipped.
    #[serde(default)]
    pub skipped_more: u32,
}

impl Routed {
    /// Why a session goes back into the queue: its holder could not be left with it, for this reason.
    pub fn returned(holder: AgentRef, reason: SkipReason) -> Self {
        let skipped = vec![Skipped { agent: holder, reason }];
        Self { mode: RoutedBy::Returned, considered: 1, chosen: None, skipped, skipped_more: 0 }
    }
}

/// The agent whom routing chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Chosen {
    /// Who.
    pub agent: AgentRef,
    /// What put this agent before the others.
    pub because: Because,
    /// What the agent had to do before this session.
    pub load: Load,
}

/// An agent who could not take the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Skipped {
    /// Who.
    pub agent: AgentRef,
    /// Why not. One reason, though there may be more.
    pub reason: SkipReason,
}

/// Why an agent could not take a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SkipReason {
    /// The agent's account is disabled.
    Disabled,
    /// Only who is online is given sessions.
    NotOnline {
        /// What the agent was instead.
        status: Availability,
    },
    /// Not in the team that the session is for.
    NotInTeam,
    /// Lacks a skill, or knows too little of it.
    MissingSkill {
        /// The first one that is lacking.
        skill: SkillRef,
        /// The level that is asked for.
        level: u8,
        /// The agent's own level, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        has: Option<u8>,
    },
    /// Does not speak the customer's language, which is required.
    Language,
    /// Said no to it in this round of offers.
    Declined,
    /// Was offered it in this round and said nothing in time.
    Unanswered,
    /// Had it, and handed it on to others.
    HandedOn,
    /// Held it when a service level was breached that gives it to another.
    Late,
    /// Has as many sessions as the agent takes at once.
    AtMaximum {
        /// Sessions that the agent has.
        active: u32,
        /// As many as the agent takes at once.
        max: u32,
    },
}

/// Something that happened to the offers of a session. Not for customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OfferEvent {
    /// An agent was asked to take the session.
    Offered {
        /// Who.
        agent: AgentRef,
        /// The offer ends at this time, if it is not answered before.
        until: UtcMillis,
        /// 1 until everybody has passed, 2 until everybody has passed again, and so on.
        round: u32,
    },
    /// The offer ended.
    Ended {
        /// Whose.
        agent: AgentId,
        /// How.
        end: OfferEnd,
    },
}
