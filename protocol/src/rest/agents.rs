//! The members of the team: the list of them, and how they are invited and changed.

use serde::{Deserialize, Deserializer, Serialize};

#[cfg(test)]
use crate::limits;
use crate::{AgentId, Role, SkillId, TeamId, TeamRef, UtcMillis};

/// A member of the team. What is optional is for admins and for oneself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct Agent {
    /// The agent.
    pub id: AgentId,
    /// The display name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The address of a picture; null: none.
    #[cfg_attr(test, ts(optional = false))]
    pub avatar_url: Option<String>,
    /// The teams, by name.
    pub teams: Vec<TeamRef>,
    /// The skills, by name.
    pub skills: Vec<AgentSkill>,
    /// Languages that they answer in (BCP 47), the preferred one first.
    pub languages: Vec<String>,
    /// Chats that they are given at a time; 0: none.
    pub max_chats: u32,
    /// May not log in.
    pub disabled: bool,
    /// The login name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What stands below their messages where that is usual, as in a mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Has not chosen a password yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited: Option<bool>,
    /// A login asks for a code, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<bool>,
    /// When they were added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<UtcMillis>,
    /// When any of this was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<UtcMillis>,
}

/// A skill that an agent has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct AgentSkill {
    /// The skill.
    pub id: SkillId,
    /// Its name.
    pub name: String,
    /// How well: 1 to 5.
    #[cfg_attr(test, schemars(range(min = 1, max = 5)))]
    pub level: u8,
}

/// A skill for an agent: one of the list of PUT `/agents/{id}/skills`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SetSkill {
    /// The skill, by id or by name.
    pub skill: String,
    /// How well: 1 to 5.
    #[cfg_attr(test, schemars(range(min = 1, max = 5)))]
    pub level: u8,
}

/// POST `/agents`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct NewAgent {
    /// The login name.
    #[cfg_attr(test, schemars(email, length(max = limits::EMAIL_CHARS)))]
    pub email: String,
    /// The display name.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::NAME_CHARS)))]
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Chats that they are given at a time: 0 to 100, default 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(max = *limits::MAX_CHATS.end())))]
    pub max_chats: Option<u32>,
    /// Languages that they answer in (BCP 47), at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::LANGUAGES), inner(length(max = limits::LANGUAGE_CHARS))))]
    pub languages: Option<Vec<String>>,
    /// The teams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::GROUPS)))]
    pub teams: Option<Vec<TeamId>>,
    /// The skills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::AGENT_SKILLS)))]
    pub skills: Option<Vec<SetSkill>>,
}

/// PATCH `/agents/{id}`: what is left out stays. Oneself may change name, signature, picture and languages; admins all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct EditAgent {
    /// The login name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(email, length(max = limits::EMAIL_CHARS)))]
    pub email: Option<String>,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::NAME_CHARS)))]
    pub name: Option<String>,
    /// What they may do. Another role ends their logins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Shuts them out, or lets them in again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Chats that they are given at a time: 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(max = *limits::MAX_CHATS.end())))]
    pub max_chats: Option<u32>,
    /// Languages that they answer in (BCP 47), at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::LANGUAGES), inner(length(max = limits::LANGUAGE_CHARS))))]
    pub languages: Option<Vec<String>>,
    /// At most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::SIGNATURE_CHARS)))]
    pub signature: Option<String>,
    /// The address of a picture, `https://…`; null: none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(test, ts(optional, type = "string | null"))]
    #[cfg_attr(test, schemars(length(max = limits::AVATAR_URL_CHARS), regex(pattern = "^https://")))]
    pub avatar_url: Option<Option<String>>,
    /// The teams, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::GROUPS)))]
    pub teams: Option<Vec<TeamId>>,
}

/// Tells null from a field that is left out.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A link that opens a door once. Whoever has it can use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Link {
    /// Where it leads. The token stands after the `#`, which no browser sends.
    pub url: String,
    /// Until when.
    pub expires_at: UtcMillis,
}

/// The answer to POST `/agents`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct InvitedAgent {
    /// The new member.
    pub agent: Agent,
    /// What to send them.
    pub invitation: Link,
}
