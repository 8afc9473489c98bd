//! What is said with files: each must be the sender's own, still there, and free.

use persistence::{File, Session};
use protocol::{Attachment, SessionId, UtcMillis, limits};
use uuid::Uuid;

use super::{Action, Decision, decide};
use crate::{Caller, HubError};

const NOT_HERE: HubError = HubError::Attachments("names a file that was not uploaded here by you");
const USED: HubError = HubError::Attachments("names a file that came with another message");
const TWICE: HubError = HubError::Attachments("names a file twice");
const TOO_OLD: HubError = HubError::Attachments("names a file that has waited for too long: upload it again");

/// Something that is said with files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// A message, a reply or a note.
    pub said: Action,
    /// Its files.
    pub files: Vec<Uuid>,
    /// Where it was to be said, if that goes on elsewhere.
    pub asked: Option<SessionId>,
    /// Those of the files that there are: the session's actor finds them.
    pub found: Vec<File>,
    /// What has been named by others since: the same.
    pub taken: Vec<Uuid>,
}

impl Attached {
    /// Said with these.
    pub fn new(said: Action, files: Vec<Uuid>) -> Self {
        Self { said, files, asked: None, found: Vec::new(), taken: Vec::new() }
    }

    /// What the entry is to hold.
    ///
    /// # Errors
    /// A file cannot go with it.
    pub(crate) fn attachments(
        &self,
        session: &Session,
        caller: &Caller,
        now: UtcMillis,
    ) -> Result<Vec<Attachment>, HubError> {
        let places = [Some(session.id), session.previous, self.asked];
        let file = |(at, id): (usize, &Uuid)| {
            let own = |file: &&File| {
                file.id == *id
                    && file.deleted_at.is_none()
                    && Some(file.uploader) == caller.uploader()
                    && places.contains(&Some(file.session))
            };
            // One that is used is where its message is, so it is asked for first.
            let used = |file: &&File| {
                file.id == *id && Some(file.uploader) == caller.uploader() && file.entry.is_some()
            };
            if self.files[..at].contains(id) {
                return Err(TWICE);
            }
            if self.taken.contains(id) || self.found.iter().any(|file| used(&file)) {
                return Err(USED);
            }
            let file = self.found.iter().find(own).ok_or(NOT_HERE)?;
            if now.since(file.created_at) > limits::ATTACHMENT_FRESH {
                return Err(TOO_OLD);
            }
            Ok(file.attachment())
        };
        self.files.iter().enumerate().map(file).collect()
    }
}

pub(super) fn attached(
    session: &Session,
    caller: &Caller,
    attached: &Attached,
    now: UtcMillis,
) -> Result<Decision, HubError> {
    let decision = decide(session, caller, &attached.said, now)?;
    let Decision::Append(mut drafts) = decision else { return Ok(decision) };
    let files = attached.attachments(session, caller, now)?;
    if let Some(said) = drafts.iter_mut().find(|draft| draft.id == attached.said.id()) {
        said.attachments = files;
    }
    Ok(Decision::Append(drafts))
}
