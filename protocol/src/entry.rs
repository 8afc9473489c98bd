//! One line of a session's log.

use serde::{Deserialize, Serialize};

use crate::{AgentId, Audience, ContactId, EntryId, Event, NotificationKind, Seq, UtcMillis};

/// One line of a session's log, as every reader sees it (contract §3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Entry {
    /// Chosen by the sender; unique within the session.
    pub id: EntryId,
    /// Its place in the log.
    pub seq: Seq,
    /// Message, note or event.
    pub kind: EntryKind,
    /// Who said or did it.
    pub sender: Sender,
    /// The text; empty for events.
    pub body: String,
    /// Files that came with it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// What happened, for entries of kind `event`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub event: Option<Event>,
    /// Agents whom a note names, or whom the clock tells of what is due, so that they hear of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<AgentId>>"))]
    pub mentions: Vec<AgentId>,
    /// When the server decided it.
    pub created_at: UtcMillis,
    /// When its text was last changed; `body` is the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub edited_at: Option<UtcMillis>,
    /// When it was taken away; `body` is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub deleted_at: Option<UtcMillis>,
}

impl Entry {
    /// The entry as it is after `later`, where that changes it: an older text is not to be read anywhere any more, nor
    /// in the events that once brought it.
    pub fn amended_by(&self, later: &Self) -> Option<Self> {
        let (target, body, deleted) = match later.event.as_ref()? {
            Event::Edited { seq, body, .. } => (*seq, body.as_str(), false),
            Event::Deleted { seq, .. } => (*seq, "", true),
            _ => return None,
        };
        let mut entry = self.clone();
        match &mut entry.event {
            None if self.seq == target && self.deleted_at.is_none() => {
                body.clone_into(&mut entry.body);
                if deleted {
                    entry.deleted_at = Some(later.created_at);
                    entry.attachments.clear();
                } else {
                    entry.edited_at = Some(later.created_at);
                }
            }
            Some(Event::Edited { seq, body: earlier, .. }) if *seq == target && self.seq < later.seq => {
                body.clone_into(earlier);
            }
            _ => return None,
        }
        Some(entry)
    }

    /// What lists show of it: its text, or the names of its files.
    pub fn preview(&self) -> String {
        if self.body.is_empty() && !self.attachments.is_empty() {
            let names: Vec<_> = self.attachments.iter().map(|file| file.name.as_str()).collect();
            return crate::preview(&names.join(", "));
        }
        crate::preview(&self.body)
    }

    /// About how many bytes it takes on its way, beyond what every entry does.
    pub const fn weight(&self) -> usize {
        /// A name, two addresses with their signatures, and the rest.
        const ATTACHMENT: usize = 1_024;
        self.body.len() + self.attachments.len() * ATTACHMENT
    }

    /// Who is to be told of it in person, and why.
    pub fn notifies(&self) -> Vec<(AgentId, NotificationKind)> {
        let holder = match &self.event {
            Some(Event::Assigned { agent: Some(agent) } | Event::Transferred { to: agent, .. }) => {
                Some(agent.id)
            }
            _ => None,
        };
        let named = match &self.event {
            None => NotificationKind::Mention,
            Some(_) => NotificationKind::Due,
        };
        let mentioned = self.mentions.iter().map(|agent| (*agent, named));
        let told = mentioned.chain(holder.map(|agent| (agent, NotificationKind::Assigned)));
        told.filter(|(agent, _)| !matches!(&self.sender, Sender::Agent { id, .. } if id == agent)).collect()
    }

    /// Whether this audience may read the entry (promise 5): a note is the team's alone, and so is much of what happens.
    pub fn visible_to(&self, audience: Audience) -> bool {
        match (self.kind, audience) {
            (_, Audience::Team) | (EntryKind::Message, Audience::Customer) => true,
            (EntryKind::Note, Audience::Customer) => false,
            (EntryKind::Event, Audience::Customer) => !self.event.as_ref().is_some_and(Event::is_internal),
        }
    }
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Said between customer and team.
    Message,
    /// Written by an agent for the team; never shown to customers.
    Note,
    /// Something happened to the session.
    Event,
}

/// Who said or did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Sender {
    /// The customer.
    Customer {
        /// The contact.
        id: ContactId,
        /// As the customer gave it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        name: Option<String>,
    },
    /// A member of the team.
    Agent {
        /// The agent.
        id: AgentId,
        /// The display name at that time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        name: Option<String>,
    },
    /// Hubbub itself, by a rule or a timer.
    System,
}

/// An agent, by id and display name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct AgentRef {
    /// The agent.
    pub id: AgentId,
    /// The display name.
    pub name: String,
}

/// A file that came with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Attachment {
    /// The file's id.
    pub id: uuid::Uuid,
    /// Its sanitised name.
    pub name: String,
    /// Its type, found from its content.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// Where to read it: for who has it, without a credential, for at least an hour. When it no longer works, read the
    /// entry again.
    pub url: String,
    /// Where to read a small picture of it, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub thumbnail_url: Option<String>,
    /// Of a picture: how wide it is, in pixels, as it is to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub width: Option<u32>,
    /// Of a picture: how high it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub height: Option<u32>,
}

impl Attachment {
    /// Where a file is read by who has a credential; with a signature behind it, by anybody who has that.
    pub fn path(id: uuid::Uuid) -> String {
        format!("/api/v1/attachments/{id}")
    }

    /// The same, of its small picture.
    pub fn thumbnail_path(id: uuid::Uuid) -> String {
        format!("/api/v1/attachments/{id}/thumbnail")
    }
}
