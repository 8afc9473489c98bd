//! How chats find their agents: the workspace's settings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SetSkill;
use crate::{FieldError, RoutingMode, SiteId, TeamId, limits};

/// How chats find their agents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RoutingSettings {
    /// For all; null: as the server was started.
    pub mode: Option<RoutingMode>,
    /// What is different for a site.
    #[cfg_attr(test, ts(type = "Record<SiteId, SiteRouting>"))]
    pub sites: BTreeMap<SiteId, SiteRouting>,
    /// What is different for a team; goes before what is for the site.
    #[cfg_attr(test, ts(type = "Record<TeamId, TeamRouting>"))]
    pub teams: BTreeMap<TeamId, TeamRouting>,
    /// Seconds that an agent has to answer an offer; null: 30.
    pub offer_seconds: Option<u32>,
    /// After so many offers in a row that an agent left unanswered, the agent is away; null: never.
    pub away_after_unanswered: Option<u32>,
    /// Seconds after which a wait is too long; null: never.
    pub max_wait_s: Option<u32>,
    /// What happens then.
    pub fallback: Fallback,
    /// Whether nobody will do who does not speak the customer's language; else whoever does comes first.
    pub language_required: bool,
    /// Whether a chat is taken as a message when nobody is here, or the site is closed; null: as the server was started.
    pub take_messages: Option<bool>,
}

/// What is different for a site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SiteRouting {
    /// How its chats find their agents.
    pub mode: Option<RoutingMode>,
    /// For which team a chat that begins there is.
    pub team: Option<TeamId>,
    /// What whoever answers a chat that begins there must know.
    pub skills: Vec<SetSkill>,
}

/// What is different for a team.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TeamRouting {
    /// How its chats find their agents.
    pub mode: Option<RoutingMode>,
}

/// What happens to a chat that has waited for too long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Fallback {
    /// The customer is told that nobody has time, and may go on writing: it is answered later.
    #[default]
    LeaveMessage,
    /// It is for this team from then on.
    Team {
        /// Which.
        team_id: TeamId,
    },
}

impl RoutingSettings {
    /// How a chat of this team and site finds its agent; `None`: as the server was started.
    pub fn mode_of(&self, team: Option<TeamId>, site: SiteId) -> Option<RoutingMode> {
        let of_team = team.and_then(|team| self.teams.get(&team)).and_then(|team| team.mode);
        of_team.or_else(|| self.sites.get(&site).and_then(|site| site.mode)).or(self.mode)
    }

    /// The teams that are to take chats, of a site or after too long a wait.
    pub fn teams_named(&self) -> impl Iterator<Item = TeamId> {
        let fallback = match self.fallback {
            Fallback::LeaveMessage => None,
            Fallback::Team { team_id } => Some(team_id),
        };
        self.sites.values().filter_map(|site| site.team).chain(fallback)
    }

    /// What of it cannot be, by the name of the field.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, message: String| {
            faults.push(FieldError { field: format!("routing.{field}"), message });
        };
        let mut within = |field: &str, value: Option<u32>, range: std::ops::RangeInclusive<u32>| {
            if value.is_some_and(|value| !range.contains(&value)) {
                fault(field, format!("must be a number from {} to {}", range.start(), range.end()));
            }
        };
        within("offer_seconds", self.offer_seconds, limits::OFFER_SECONDS);
        within("away_after_unanswered", self.away_after_unanswered, limits::UNANSWERED);
        within("max_wait_s", self.max_wait_s, limits::MAX_WAIT_SECONDS);
        for (field, length) in [("sites", self.sites.len()), ("teams", self.teams.len())] {
            if length > limits::ROUTING_RULES {
                fault(field, format!("must be at most {}", limits::ROUTING_RULES));
            }
        }
        for (site, rules) in &self.sites {
            if rules.skills.len() > limits::ASKED_SKILLS {
                fault(&format!("sites.{site}.skills"), format!("must be at most {}", limits::ASKED_SKILLS));
            }
        }
        faults
    }
}
