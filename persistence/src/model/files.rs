//! Files that were uploaded, as the store knows them.

use protocol::{AgentId, Attachment, GrantId, Seq, SessionId, UtcMillis};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who uploaded a file. A customer is known by the grant: a contact may be shared by strangers who said the same phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Uploader {
    /// Whoever has a token of this grant.
    Customer(GrantId),
    /// A member of the team.
    Agent(AgentId),
}

impl Uploader {
    pub(crate) const fn columns(self) -> (&'static str, Uuid) {
        match self {
            Self::Customer(grant) => ("customer", grant.uuid()),
            Self::Agent(agent) => ("agent", agent.uuid()),
        }
    }
}

/// A file that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Random, so that nobody guesses it.
    pub id: Uuid,
    /// Where it was uploaded; once a message names it, where that is.
    pub session: SessionId,
    /// By whom.
    pub uploader: Uploader,
    /// As it is called, cleaned.
    pub name: String,
    /// Found from its content.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// Of a picture: how wide and how high it is shown.
    pub pixels: Option<(u32, u32)>,
    /// There is a small picture of it.
    pub thumbnail: bool,
    /// When it was taken.
    pub created_at: UtcMillis,
    /// What brought it, if anything has.
    pub entry: Option<FileEntry>,
    /// It is gone, but for its bytes.
    pub deleted_at: Option<UtcMillis>,
}

/// The entry that a file came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileEntry {
    /// Its place in the log.
    pub seq: Seq,
    /// It is the team's alone.
    pub note: bool,
}

impl File {
    /// What was uploaded to a session, and waits there for a message.
    pub fn waiting(file: &Attachment, session: SessionId, uploader: Uploader, now: UtcMillis) -> Self {
        Self {
            id: file.id,
            session,
            uploader,
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            size: file.size,
            pixels: file.width.zip(file.height),
            thumbnail: file.thumbnail_url.is_some(),
            created_at: now,
            entry: None,
            deleted_at: None,
        }
    }

    /// As readers of the log are told of it, by addresses that ask for a credential.
    pub fn attachment(&self) -> Attachment {
        Attachment {
            id: self.id,
            name: self.name.clone(),
            content_type: self.content_type.clone(),
            size: self.size,
            url: Attachment::path(self.id),
            thumbnail_url: self.thumbnail.then(|| Attachment::thumbnail_path(self.id)),
            width: self.pixels.map(|(width, _)| width),
            height: self.pixels.map(|(_, height)| height),
        }
    }
}

/// A file as it stands with its entry. The addresses are not kept: they follow from the id.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptFile {
    id: Uuid,
    name: String,
    content_type: String,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    thumbnail: bool,
}

impl From<&Attachment> for KeptFile {
    fn from(file: &Attachment) -> Self {
        Self {
            id: file.id,
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            size: file.size,
            width: file.width,
            height: file.height,
            thumbnail: file.thumbnail_url.is_some(),
        }
    }
}

impl From<KeptFile> for Attachment {
    fn from(kept: KeptFile) -> Self {
        let KeptFile { id, name, content_type, size, width, height, thumbnail } = kept;
        let thumbnail_url = thumbnail.then(|| Self::thumbnail_path(id));
        Self { id, name, content_type, size, url: Self::path(id), thumbnail_url, width, height }
    }
}
