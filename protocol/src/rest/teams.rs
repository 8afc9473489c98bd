//! Teams and skills: how the members of the team are sorted.

use serde::{Deserialize, Serialize};

#[cfg(test)]
use crate::limits;
use crate::{AgentId, SkillId, TeamId, UtcMillis};

/// Members of the team who work together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Team {
    /// The team.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// Who is in it.
    pub members: Vec<AgentId>,
    /// When it was made.
    pub created_at: UtcMillis,
}

/// POST `/teams` (with `name`) and PATCH `/teams/{id}`: what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct EditTeam {
    /// Its name: at most 60 characters, unlike any other team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::GROUP_NAME_CHARS)))]
    pub name: Option<String>,
    /// Who is in it, all of them: at most 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::TEAM_MEMBERS)))]
    pub members: Option<Vec<AgentId>>,
}

/// Something that some members of the team can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Skill {
    /// The skill.
    pub id: SkillId,
    /// Its name.
    pub name: String,
    /// How many agents have it.
    pub agents: u32,
    /// When it was made.
    pub created_at: UtcMillis,
}

/// POST `/skills` and PATCH `/skills/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct EditSkill {
    /// Its name: at most 60 characters, unlike any other skill's.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::GROUP_NAME_CHARS)))]
    pub name: String,
}
