//! What a decision appends, before it has its place.

use protocol::{AgentId, Attachment, Entry, EntryId, EntryKind, Event, MessageBody, Sender, Seq, UtcMillis};
use uuid::Uuid;

/// An entry before it has its place and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The client's id; events get a minted one.
    pub id: Option<EntryId>,
    /// Whose it is, if not the caller's.
    pub by: Option<Sender>,
    /// Message, note or event.
    pub kind: EntryKind,
    /// The text.
    pub body: String,
    /// What happened.
    pub event: Option<Event>,
    /// Whom a note names.
    pub mentions: Vec<AgentId>,
    /// Files that come with it.
    pub attachments: Vec<Attachment>,
}

impl Draft {
    /// Something that happens by the caller's doing.
    pub fn event(event: Event) -> Self {
        Self {
            id: None,
            by: None,
            kind: EntryKind::Event,
            body: String::new(),
            event: Some(event),
            mentions: Vec::new(),
            attachments: Vec::new(),
        }
    }

    pub(super) fn text(kind: EntryKind, id: EntryId, body: &MessageBody) -> Self {
        Self {
            id: Some(id),
            by: None,
            kind,
            body: body.as_str().to_owned(),
            event: None,
            mentions: Vec::new(),
            attachments: Vec::new(),
        }
    }

    pub(super) fn place(
        self,
        seq: Seq,
        sender: Sender,
        now: UtcMillis,
        mint: impl FnOnce() -> Uuid,
    ) -> Entry {
        Entry {
            id: self.id.unwrap_or_else(|| EntryId::new(mint())),
            seq,
            kind: self.kind,
            sender: self.by.unwrap_or(sender),
            body: self.body,
            attachments: self.attachments,
            event: self.event,
            mentions: self.mentions,
            created_at: now,
            edited_at: None,
            deleted_at: None,
        }
    }
}
