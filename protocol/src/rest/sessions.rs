//! What is done to a session.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::SetSkill;
#[cfg(test)]
use crate::limits;
use crate::{AgentId, EntryId, Priority, Sender, Seq, SessionId, Status, TeamId, UtcMillis};

/// POST `/sessions/{id}/messages` and `/notes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SendMessage {
    /// Chosen by the client; the same again is the same send.
    pub id: EntryId,
    /// The text; empty only beside files.
    #[cfg_attr(test, schemars(length(max = limits::MESSAGE_CHARS)))]
    pub body: String,
    /// Files uploaded before, by the same sender to the same session, and not sent yet.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    #[cfg_attr(test, schemars(length(max = limits::ATTACHMENTS)))]
    pub attachments: Vec<uuid::Uuid>,
    /// Agents whom a note names, at most [`limits::MENTIONS`](crate::limits::MENTIONS).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"), schemars(length(max = limits::MENTIONS)))]
    pub mentions: Vec<AgentId>,
    /// Not if a colleague has said something behind this entry (agents).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub after: Option<Seq>,
}

/// PATCH `/sessions/{id}/entries/{entry_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct EditEntry {
    /// The new text.
    pub body: String,
}

/// What an entry said before: an item of GET `/sessions/{id}/entries/{entry_id}/history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct EntryVersion {
    /// The text.
    pub body: String,
    /// Until when it said so.
    pub until: UtcMillis,
    /// Who changed it, or took it away.
    pub by: Sender,
}

/// The answer to a send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Sent {
    /// The send's id.
    pub id: EntryId,
    /// Where it was stored: another session than asked for, if that one was closed.
    pub session: SessionId,
    /// Its place.
    pub seq: Seq,
    /// When it was decided.
    pub created_at: UtcMillis,
    /// It was stored by an earlier try.
    pub duplicate: bool,
}

/// POST `/sessions/{id}/typing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SetTyping {
    /// Started or stopped.
    pub on: bool,
}

/// POST `/sessions/{id}/read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SetRead {
    /// Up to and including.
    pub seq: Seq,
}

/// POST `/sessions/{id}/rating`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SetRating {
    /// 1 to 5.
    #[cfg_attr(test, schemars(range(min = 1, max = 5)))]
    pub score: u8,
    /// The customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    #[cfg_attr(test, schemars(length(max = limits::COMMENT_CHARS)))]
    pub comment: Option<String>,
}

/// PATCH `/sessions/{id}`: what is there changes, together; what is `null` is struck out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct PatchSession {
    /// The new status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The new priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// What it is about, at most 200 characters.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "string | null"))]
    #[cfg_attr(test, schemars(length(max = limits::SUBJECT_CHARS)))]
    pub subject: Option<Option<String>>,
    /// What kind of matter it is, at most 60 characters.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "string | null"))]
    #[cfg_attr(test, schemars(length(max = limits::CATEGORY_CHARS)))]
    pub category: Option<Option<String>>,
    /// All its tags from now on, at most 20, in lower case and without commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::TAGS), inner(length(min = 1, max = limits::TAG_CHARS))))]
    pub tags: Option<Vec<String>>,
    /// Attributes that come or change, and (null) those that go; at most 50.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(test, ts(as = "Option<BTreeMap<String, Option<String>>>"))]
    #[cfg_attr(test, schemars(extend("maxProperties" = limits::ATTRIBUTES)))]
    pub attributes: BTreeMap<String, Option<String>>,
    /// Put aside until then, at most a year ahead; `null`: no longer.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub snoozed_until: Option<Option<UtcMillis>>,
    /// For which team it is; `null`: for anybody.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "TeamId | null"))]
    pub team_id: Option<Option<TeamId>>,
    /// What whoever answers must know, all of it; at most 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::ASKED_SKILLS)))]
    pub skills: Option<Vec<SetSkill>>,
    /// The customer's language, a BCP 47 tag; `null`: any.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub language: Option<Option<String>>,
}

/// POST `/sessions/{id}/assign`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("required" = ["agent_id"])))]
pub struct AssignSession {
    /// Who holds it from now on; `null`: it goes back in line.
    #[serde(deserialize_with = "Option::deserialize")]
    pub agent_id: Option<AgentId>,
}

/// POST `/sessions/{id}/transfer`: to an agent, who holds it at once; or to a team, to whoever has a skill, or both: it
/// goes back in line for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct TransferSession {
    /// Who holds it from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    /// For which team it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// What whoever takes it must know: a skill, by id or by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<String>,
    /// How well, 1 to 5; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// What the next one should know: becomes a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::MESSAGE_CHARS)))]
    pub note: Option<String>,
}

/// POST `/sessions/{id}/merge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct MergeSession {
    /// The session in which it goes on: one of the same customer.
    pub into: SessionId,
}

/// A field that was said, be it `null`; one that was not said is `None` by its default.
pub(super) fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}
